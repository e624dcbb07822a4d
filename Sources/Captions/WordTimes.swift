public import DictationTypes

/// The words of `text` with their times: `text` is an edited form of what was said as `spoken` between `start` and
/// `end` (milliseconds), without its fillers, with other numbers and names.
///
/// A word that was said keeps its time. What has no partner shares the time of what was said in its place, by length;
/// where nothing was, that between its neighbours. Without `spoken` all share the whole time. Times never go back,
/// and stay within `start`…`end`.
///
/// - Returns: what white space separates in `text`, each character of Chinese and Japanese on its own; `text(of:)` puts
///   them together again. The last word of a line ends a paragraph. Controls are left out.
public func timedWords(of text: String, spoken: [TimedWord], from start: Int, to end: Int) -> [TimedWord] {
  let written = Written(text)
  let end = max(start, end)
  let heard = Fragment.all(spoken).map { said in
    TimedWord(said.text, start: min(max(said.start, start), end), end: min(max(said.end, start), end))
  }
  let partners = commonWords(written.pieces.map { key($0) }, heard.map { key($0.word) })
  var timing = WordTiming(written: written.pieces, heard: heard, start: start, end: end)
  for (index, partner) in partners.enumerated() {
    if let partner { timing.match(index, partner) }
  }
  return written.words(of: timing.finish())
}

/// `words` as one line of text.
public func text(of words: [TimedWord]) -> String { joined(Fragment.all(words)) }

/// A text in the pieces that are aligned: words, and what scripts without spaces are cut into.
private struct Written {
  private(set) var pieces: [String] = []
  /// Whether each goes on the word of the piece before it.
  private var goOn: [Bool] = []
  /// The places of those that have a line feed somewhere behind them, before the next one.
  private var lastOnes: [Int] = []

  init(_ text: String) {
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      if !pieces.isEmpty && lastOnes.last != pieces.count - 1 { lastOnes.append(pieces.count - 1) }
      for word in visible(String(line)).split(whereSeparator: \.isWhitespace) { add(Captions.pieces(word)) }
    }
  }

  private mutating func add(_ word: [String]) {
    for (index, piece) in word.enumerated() {
      // Chinese and Japanese are put together without spaces, so each piece is a word.
      let isParted =
        index == 0 || [pieces.last?.last, piece.first].contains { $0.map(isIdeographic) == true }
      goOn.append(!isParted)
      pieces.append(piece)
    }
  }

  /// The words of these pieces, which have their times.
  func words(of timed: [TimedWord]) -> [TimedWord] {
    var timed = timed
    for index in lastOnes { timed[index].endsParagraph = true }
    return zip(timed, goOn).reduce(into: []) { words, next in
      guard let last = words.last, next.1 else { return words.append(next.0) }
      words[words.count - 1] = TimedWord(last.word + next.0.word, start: last.start, end: next.0.end)
      words[words.count - 1].endsParagraph = next.0.endsParagraph
    }
  }
}

/// By what two forms of a word are the same: letters and numbers in lower case; empty for punctuation.
private func key(_ word: String) -> String { word.lowercased().filter { $0.isLetter || $0.isNumber } }

/// Gives each written word its time, from the first to the last.
private struct WordTiming {
  let written: [String]
  let heard: [TimedWord]
  let end: Int
  private var words: [TimedWord] = []
  /// The first heard word that is behind the last partner.
  private var nextHeard = 0
  /// When the last word ended.
  private var now: Int

  /// How fast words are said that nobody said, in milliseconds a character: about 12 a second.
  private static let pace = 80

  /// For how many letters a digit is said: "seven", "dreißig".
  private static let digit = 4

  init(written: [String], heard: [TimedWord], start: Int, end: Int) {
    (self.written, self.heard, now, self.end) = (written, heard, start, end)
  }

  /// Word `index` was heard as `partner`.
  mutating func match(_ index: Int, _ partner: Int) {
    let time = heard[partner]
    fill(upTo: index, heardUpTo: partner, before: max(now, time.start))
    add(written[index], max(now, time.start), max(now, time.end))
    nextHeard = partner + 1
  }

  /// All words, each ending before the next begins.
  mutating func finish() -> [TimedWord] {
    fill(upTo: written.count, heardUpTo: heard.count, before: end)
    return words
  }

  /// Gives the words before `index` the time of what was heard before `partner`, or else the time before `limit`.
  private mutating func fill(upTo index: Int, heardUpTo partner: Int, before limit: Int) {
    let run = written[words.count..<index]
    guard !run.isEmpty else { return }
    let weights = run.map { key($0).reduce(0) { $0 + ($1.isNumber ? Self.digit : 1) } }
    let total = weights.reduce(0, +)
    var (first, last) = (now, limit)
    if nextHeard < partner {
      first = min(max(now, heard[nextHeard].start), limit)
      last = min(max(first, heard[partner - 1].end), limit)
    } else if !heard.isEmpty {
      // Nobody said it: it does not take a long silence.
      let length = min(limit - now, total * Self.pace)
      if words.isEmpty { first = limit - length } else { last = now + length }
    }
    var done = 0
    for (word, weight) in zip(run, weights) {
      let start = first + (last - first) * done / max(1, total)
      done += weight
      add(word, start, first + (last - first) * done / max(1, total))
    }
  }

  private mutating func add(_ word: String, _ start: Int, _ end: Int) {
    // Engines let words overlap.
    if let last = words.last, last.end > start { words[words.count - 1].end = max(last.start, start) }
    words.append(TimedWord(word, start: start, end: end))
    now = words.count > 0 ? max(start, end) : now
  }
}
