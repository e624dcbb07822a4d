public import DictationTypes

/// The transcript of one segment of a dictation.
public struct SegmentTranscript: Sendable {
  /// What the engine heard; times count from the beginning of the segment.
  public var transcript: Transcript
  /// Where the segment begins and ends in the recording, in milliseconds.
  public var start: Int
  public var end: Int

  /// A segment from `start` to `end`.
  public init(_ transcript: Transcript, start: Int, end: Int) {
    self.transcript = transcript
    self.start = start
    self.end = end
  }
}

/// One transcript of the segments of a dictation, in their order; nil when there are none.
///
/// An engine ends what it is given with a full stop, also in the middle of a sentence. It knows the text before a
/// segment: when it goes on with a small letter, the full stop before it was none.
public func stitch(_ segments: [SegmentTranscript]) -> Transcript? {
  guard var result = (segments.first { !$0.text.isEmpty } ?? segments.first)?.transcript else { return nil }
  result.text = ""
  for segment in segments where !segment.text.isEmpty { append(segment.text, to: &result.text) }
  let words = segments.flatMap(\.words)
  result.words = words.isEmpty ? nil : words
  return result
}

private func append(_ piece: String, to text: inout String) {
  guard !text.isEmpty else { return text = piece }
  if piece.first?.isLowercase == true, text.hasSuffix("."), !text.hasSuffix("..") { text.removeLast() }
  text += " " + piece
}

extension SegmentTranscript {
  /// The text without white space around it.
  public var text: String {
    let text = transcript.text
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
      let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
  }

  /// The words, with times from the beginning of the recording.
  var words: [TimedWord] {
    (transcript.words ?? []).map { TimedWord($0.word, start: $0.start + start, end: $0.end + start) }
  }
}
