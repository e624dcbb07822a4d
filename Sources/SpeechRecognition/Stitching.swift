public import DictationTypes

/// The transcript of one segment of a dictation.
public struct SegmentTranscript: Sendable {
  /// What the engine heard; times count from the beginning of the segment.
  public var transcript: Transcript
  /// Where the segment begins in the recording, in milliseconds.
  public var start: Int
  /// Where it ends there, in milliseconds.
  public var end: Int
  /// The silence between the last word before it and its own first one, in milliseconds.
  public var pauseBefore: Int

  /// A segment from `start` to `end`.
  public init(_ transcript: Transcript, start: Int, end: Int, pauseBefore: Int) {
    self.transcript = transcript
    self.start = start
    self.end = end
    self.pauseBefore = pauseBefore
  }

  /// The text without white space around it.
  public var text: String {
    let text = transcript.text
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
      let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
  }

  /// The segment with all that the engine wrote.
  fileprivate var asWritten: SegmentTranscript {
    var segment = self
    segment.transcript.text = transcript.rawText ?? transcript.text
    segment.transcript.leftOut = []
    return segment
  }

  /// The words, with times from the beginning of the recording; none, where the engine tells none.
  public var words: [TimedWord] {
    (transcript.words ?? []).map { TimedWord($0.word, start: $0.start + start, end: $0.end + start) }
  }
}

/// One transcript of the segments of a dictation, in their order; nil when there are none.
///
/// An engine ends what it is given with a full stop, also in the middle of a sentence. The full stop at a seam is taken
/// back when the next segment goes on with a small letter, as engines do that know the text before, and in a pause that
/// is too short for the end of a sentence.
public func stitch(_ segments: [SegmentTranscript]) -> Transcript? {
  let spoken = segments.filter { !$0.text.isEmpty }
  guard var result = (spoken.first ?? segments.first)?.transcript else { return nil }
  result.text = spoken.first?.text ?? ""
  let known = names(in: spoken)
  for segment in spoken.dropFirst() { result.text += continuation(segment, of: &result.text, names: known) }
  // Some of the words are none that anybody could use.
  let hasAllWords = !spoken.isEmpty && spoken.allSatisfy { $0.transcript.words != nil }
  result.words = hasAllWords ? spoken.flatMap(\.words) : nil
  result.language = mainLanguage(of: spoken)?.code ?? result.language
  result.leftOut = segments.flatMap(\.transcript.leftOut)
  result.rawText = result.leftOut.isEmpty ? nil : stitch(segments.map(\.asWritten))?.text
  return result
}

/// The language of most of `segments`, as a short one alone may be mistaken, and how long they are, in milliseconds; nil
/// when none is told.
public func mainLanguage(of segments: [SegmentTranscript]) -> (code: String, length: Int)? {
  var lengths: [String: Int] = [:]
  for segment in segments {
    if let language = segment.transcript.language {
      lengths[language, default: 0] += segment.end - segment.start
    }
  }
  // Of two that are spoken as long, always the same.
  return lengths.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { ($0.key, $0.value) }
}

/// The pause below which no sentence ends, in milliseconds. At 62 seams in 800 s of speech, with 200 characters told of the
/// text before, 500 left 14 false ends and took two true ones; 400 would have been 17 and none, 600 13 and five.
private let sentencePause = 500

/// The words that `segments` have with a capital where no sentence begins, and nowhere without: names, most of them.
public func names(in segments: [SegmentTranscript]) -> Set<String> {
  var (names, others) = (Set<String>(), Set<String>())
  for segment in segments {
    var mayBegin = true
    for word in segment.text.split(whereSeparator: \.isWhitespace) {
      let letters = word.drop { !$0.isLetter }.prefix { $0.isLetter || $0.isNumber }
      if letters.first?.isUppercase == true {
        if !mayBegin { names.insert(String(letters)) }
      } else {
        others.insert(String(letters))
      }
      mayBegin = !(word.last.map { $0.isLetter || $0.isNumber || $0 == "," } ?? true)
    }
  }
  return names.filter { !others.contains($0.lowercased()) }
}

/// What `segment` adds to `text`, whose last full stop is taken back, or added, where they meet. Words of `names` keep their
/// capitals.
public func continuation(
  _ segment: SegmentTranscript, of text: inout String, names: Set<String>
) -> String {
  var piece = segment.text
  let isShort = segment.pauseBefore < sentencePause
  let small = isShort ? inMidSentence(piece, segment.transcript.language, names) : nil
  if text.hasSuffix("."), !text.hasSuffix("..") {
    if piece.first?.isLowercase == true {
      text.removeLast()
    } else if let small {
      text.removeLast()
      piece = small
    }
  } else if let last = text.last, last.isLetter || last.isNumber || last == "," {
    // The engine knew that the sentence was not over; the next segment was told that it was.
    if let small {
      piece = small
    } else if !isShort, last != ",", piece.first?.isUppercase == true, !isWrittenWithoutSpaces(last) {
      text += "."
    }
  }
  let isSpaced =
    !(text.last.map(isWrittenWithoutSpaces) ?? true) || !(piece.first.map(isWrittenWithoutSpaces) ?? true)
  return (isSpaced ? " " : "") + piece
}

/// `piece` as it is written in the middle of a sentence; nil when nobody can know: German nouns have capitals anywhere.
private func inMidSentence(_ piece: String, _ language: String?, _ names: Set<String>) -> String? {
  guard language != "de", let first = piece.first, first.isUppercase else { return nil }
  let word = piece.prefix { $0.isLetter || $0.isNumber }
  // "I" and abbreviations keep their capitals, and so do names that are known from elsewhere.
  guard word.count > 1, word.dropFirst().allSatisfy(\.isLowercase), !names.contains(String(word)) else {
    return piece
  }
  return first.lowercased() + piece.dropFirst()
}

/// Chinese and Japanese characters, and their punctuation.
private func isWrittenWithoutSpaces(_ character: Character) -> Bool {
  character.unicodeScalars.contains { scalar in
    scalar.properties.isIdeographic || (0x3001...0x30ff).contains(scalar.value)
      || (0xff01...0xff60).contains(scalar.value)
  }
}
