public import DictationTypes

/// What is known of a piece of audio, besides what an engine heard in it.
public struct Hearing: Sendable, Hashable {
  /// Where somebody may have spoken, in milliseconds from its beginning. Too much does no harm.
  public var speech: [Range<Int>]
  /// All that the engine was told to expect.
  public var prompt: String?
  /// The part of `prompt` that was no text before, but words to expect.
  public var terms: String?

  /// Audio with `speech`.
  public init(speech: [Range<Int>], prompt: String? = nil, terms: String? = nil) {
    self.speech = speech
    self.prompt = prompt
    self.terms = terms
  }

  /// How long somebody may have spoken, in milliseconds.
  var duration: Int { speech.reduce(0) { $0 + $1.count } }

  /// The same with what is near: of a voice at -60 dBFS only a quarter is noticed, here and there.
  var generousDuration: Int {
    var (total, end) = (0, Int.min)
    for span in speech {
      total += span.upperBound + Self.near - max(end, span.lowerBound - Self.near)
      end = span.upperBound + Self.near
    }
    return total
  }

  /// In milliseconds.
  private static let near = 200
}

extension Transcript {
  /// The transcript without what nobody can have said in the audio it is of. What was left out stands in `leftOut`, and
  /// `rawText` is then what the engine wrote.
  ///
  /// When in doubt it stays: what is left out does not fit into the speech that there was, or is told by the engine of
  /// something else than speech.
  public func withoutInventions(_ hearing: Hearing) -> Transcript {
    var guarding = InventionGuard(self, hearing)
    guarding.run()
    guard !guarding.notices.isEmpty else { return self }
    var result = self
    result.rawText = text
    result.text = joined(guarding.words)
    result.leftOut = guarding.notices
    result.words = guarding.timedWords
    return result
  }
}

/// How much can be said in some time, in letters and digits.
///
/// In 37 recordings it is 3 to 16.4 in a second of `PossibleSpeech`, the median 12. Of the same voices 40 dB quieter, or
/// under noise as loud as they are, it is 20.4 at most with what is near, as in `Hearing.generousDuration`.
private enum Pace {
  /// Nobody says more in a second: what is also suspect for another reason is not believed.
  static let brisk = 30
  /// Whatever it is, nobody can have said more in a second than this, and `slack` letters.
  static let most = 50
  static let slack = 15
  /// Nobody needs longer than a second for so many of a sentence that is also suspect for another reason.
  static let slowest = 3
}

/// Takes the words away that nobody can have said.
struct InventionGuard {
  /// What is left.
  private(set) var words: [HeardWord]
  /// What was taken away.
  private(set) var notices: [GuardNotice] = []
  private let hearing: Hearing
  private let generousTime: Int
  private let times: [TimedWord]?

  init(_ transcript: Transcript, _ hearing: Hearing) {
    words = heardWords(transcript.text)
    self.hearing = hearing
    generousTime = hearing.generousDuration
    times = transcript.words?.count == words.count ? transcript.words : nil
  }

  /// The times of what is left, where they are known.
  var timedWords: [TimedWord]? { times.map { times in words.map { times[$0.index] } } }

  mutating func run() {
    if isEcho {
      return drop(words.indices, .echo, "it is what the engine was told to expect, and nobody said it")
    }
    for _ in 0..<Self.rounds where exceeds(Pace.brisk, in: generousTime) {
      guard let loop = repetition(in: words.map(\.key)) else { break }
      drop(loop, .loop, "it says the same again and again, and nobody spoke so long")
    }
    for _ in 0..<Self.rounds {
      guard let sentence = inventedSentence else { break }
      drop(sentence, .hallucination, "engines write it where nobody speaks")
    }
    if exceeds(Pace.most, slack: Pace.slack, in: generousTime), let tail {
      drop(tail, .tail, "nobody can have said so much in that time")
    }
  }

  /// How many loops and stock phrases one text is taken to have. An engine may write anything, of any length.
  private static let rounds = 10

  /// Whether there is more than can be said at `pace` in so many milliseconds.
  private func exceeds(_ pace: Int, slack: Int = 0, in time: Int) -> Bool {
    letters(words) > slack + pace * time / 1_000
  }

  private func letters(_ words: some Sequence<HeardWord>) -> Int { words.reduce(0) { $0 + $1.letters } }

  private mutating func drop(_ range: Range<Int>, _ what: GuardNotice.What, _ why: String) {
    notices.append(
      GuardNotice(what, text: joined(words[range]), message: "Words of the engine are left out: \(why)"))
    words.removeSubrange(range)
  }

  // MARK: - Echo

  /// Whether all that was heard is a part of what the engine was told, in the same order, and either was not said or
  /// is a list that nobody reads out.
  private var isEcho: Bool {
    let said = words.map(\.key).filter { !$0.isEmpty }
    guard !said.isEmpty, let prompt = hearing.prompt else { return false }
    if exceeds(Pace.brisk, in: hearing.duration), occurs(said, in: prompt) { return true }
    guard let terms = hearing.terms, said.count >= Self.leastList else { return false }
    let isWhole = said.count >= heardWords(terms).lazy.filter { !$0.key.isEmpty }.count
    // One long name is no list: whoever has it in the dictionary says it.
    let isList =
      terms.split { ",.".contains($0) }.count { $0.contains { !$0.isWhitespace } } >= Self.leastList
    return isList && (isWhole || said.count >= Self.longList) && occurs(said, in: terms)
  }

  /// Whole lists of fewer words may be dictated, and parts of fewer than `longList`.
  private static let leastList = 4
  private static let longList = 8

  /// Whether `said` is a part of `text`, or of `text` over and over.
  private func occurs(_ said: [String], in text: String) -> Bool {
    let told = heardWords(text).map(\.key).filter { !$0.isEmpty }
    return told.indices.contains { start in
      said.indices.allSatisfy { said[$0] == told[(start + $0) % told.count] }
        && (start + said.count <= told.count || said.count >= told.count)
    }
  }

  // MARK: - Stock phrases

  /// The last sentence, or the first one, when it is a stock phrase and cannot have been said.
  private var inventedSentence: Range<Int>? {
    [lastSentence, firstSentence].first { range in
      let sentence = words[range]
      guard !sentence.isEmpty, StockPhrases.contains(sentence) else { return false }
      let isAll = sentence.count == words.count
      return exceeds(Pace.brisk, in: isAll ? hearing.duration : generousTime) || isInSilence(range)
        || isAll && isFarTooSlow(sentence)
    }
  }

  private var lastSentence: Range<Int> {
    let before = words.dropLast().lastIndex(where: \.endsSentence)
    return (before.map { $0 + 1 } ?? 0)..<words.count
  }

  private var firstSentence: Range<Int> {
    0..<(words.firstIndex(where: \.endsSentence).map { $0 + 1 } ?? words.count)
  }

  /// Whether nobody speaks anywhere near the times of `range`.
  private func isInSilence(_ range: Range<Int>) -> Bool {
    guard let times, let first = range.first, let last = range.last else { return false }
    let start = times[words[first].index].start - Self.inexactness
    let end = times[words[last].index].end + Self.inexactness
    return !hearing.speech.contains { $0.upperBound > start && $0.lowerBound < end }
  }

  /// By how much an engine's times of words may be wrong, in milliseconds.
  private static let inexactness = 500

  /// Whether `sentence` is one that is written below videos, and the noise that passed for speech much longer than it.
  private func isFarTooSlow(_ sentence: ArraySlice<HeardWord>) -> Bool {
    StockPhrases.isCredit(sentence) && hearing.duration * Pace.slowest > letters(sentence) * 1_000
  }

  // MARK: - Tail

  /// What is too much: from the end of the last sentence on that can have been said, else of the last word. All of it,
  /// when that would be next to nothing.
  private var tail: Range<Int>? {
    let most = Pace.slack + Pace.most * generousTime / 1_000
    guard hearing.duration >= Self.scant else { return words.indices }
    var (count, sentenceEnd, wordEnd) = (0, 0, 0)
    for (place, word) in words.enumerated() {
      count += word.letters
      guard count <= most else { break }
      wordEnd = place + 1
      if word.endsSentence { sentenceEnd = wordEnd }
    }
    let end = sentenceEnd > 0 ? sentenceEnd : wordEnd
    return end < words.count ? end..<words.count : nil
  }

  /// In less than so many milliseconds nobody says more than a word.
  private static let scant = 250
}
