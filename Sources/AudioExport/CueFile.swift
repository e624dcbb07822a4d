/// Reads cue files: `offset id [start-end] [gain] [lane] [pan=…]`, one clip a line. What follows `#` is a comment.
public enum CueFile {
  /// The clips of `text`, in the order of the lines, and what is wrong with the lines that cannot be read.
  public static func parse(_ text: String) -> (cues: [ClipCue], mistakes: [PlanProblem]) {
    var cues: [ClipCue] = []
    var mistakes: [PlanProblem] = []
    // By scalars: CR LF is one character.
    // Some editors begin a file with a byte order mark.
    let scalars = text.unicodeScalars.drop { $0 == "\u{feff}" }
    let lines = scalars.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let said = line.prefix { $0 != "#" }
      let words = String(said).split(whereSeparator: \.isWhitespace).map(String.init)
      guard !words.isEmpty else { continue }
      do throws(Mistake) {
        var cue = try cue(words)
        cue.line = index + 1
        cues.append(cue)
      } catch {
        mistakes.append(PlanProblem(line: index + 1, error.sentence))
      }
    }
    return (cues, mistakes)
  }

  private struct Mistake: Error {
    let sentence: String
  }

  private static func cue(_ words: [String]) throws(Mistake) -> ClipCue {
    guard words.count >= 2 else {
      throw Mistake(sentence: "an offset and an id are needed, as in `12.5 01a1fda0-04ed`")
    }
    guard let offset = seconds(words[0]) else {
      throw Mistake(
        sentence: "\"\(words[0])\" is no offset: write 12.5, 1:02:03.5, 250ms or 2s, not below 0")
    }
    guard words[1].allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
      throw Mistake(sentence: "\"\(words[1])\" is no id: `thoth history` lists them")
    }
    var cue = ClipCue(words[1].lowercased(), at: offset)
    var seen: Set<String> = []
    for word in words.dropFirst(2) {
      let kind = try read(word, into: &cue)
      guard seen.insert(kind).inserted else {
        throw Mistake(sentence: "\"\(word)\" is a second \(kind): one is enough")
      }
    }
    if let end = cue.end, end <= cue.start {
      throw Mistake(sentence: "the clip ends before it has begun: write start-end, as in 1.5-4")
    }
    return cue
  }

  /// Takes one of the words behind the id; what it is.
  private static func read(_ word: String, into cue: inout ClipCue) throws(Mistake) -> String {
    let lower = word.lowercased()
    if lower == "mute" {
      cue.isMuted = true
      return "gain"
    }
    if lower.hasSuffix("db") {
      guard let gain = Double(lower.dropLast(2)), (-120...40).contains(gain) else {
        throw Mistake(sentence: "\"\(word)\" is no gain: write -3dB, +6dB (at most 40) or mute")
      }
      cue.gainDb = gain
      return "gain"
    }
    if lower.hasPrefix("pan=") {
      guard let pan = Double(lower.dropFirst(4)), (-1...1).contains(pan) else {
        throw Mistake(sentence: "\"\(word)\" is no pan: write a number from pan=-1 (left) to pan=1 (right)")
      }
      cue.pan = pan
      return "pan"
    }
    guard word.contains(where: \.isLetter), !isRange(word) else {
      (cue.start, cue.end) = try range(word)
      return "range"
    }
    cue.lane = word
    return "lane"
  }

  /// Whether `word` begins as a range does: `250ms-2s` has letters too.
  private static func isRange(_ word: String) -> Bool {
    guard word.first?.isNumber == true || word.first == "-", let dash = word.dropFirst().firstIndex(of: "-")
    else { return false }
    return seconds(String(word[..<dash])) != nil
  }

  private static func range(_ word: String) throws(Mistake) -> (Double, Double?) {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2, let start = seconds(ends[0]), ends[1].isEmpty || seconds(ends[1]) != nil else {
      throw Mistake(
        sentence: "\"\(word)\" is no range: write start-end, as in 1.5-4 or 1:30- (to the end), not below 0")
    }
    return (start, seconds(ends[1]))
  }

  /// The longest time that is taken, in seconds: 1,000 hours.
  static let longest = 3_600_000.0

  /// The seconds that `text` says: `12.5`, `1:02:03.5`, `2s`, `250ms`, `5m`, `1h`; nil: none, or too many.
  public static func seconds(_ text: String) -> Double? {
    let lower = text.lowercased()
    let units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
    let total: Double?
    if let (unit, factor) = units.first(where: { lower.hasSuffix($0.0) }) {
      total = number(lower.dropLast(unit.count)).map { $0 * factor }
    } else {
      let parts = lower.split(separator: ":", omittingEmptySubsequences: false)
      let values = parts.enumerated().map { index, part in
        // All but the last are whole, all but the first below 60.
        number(part).flatMap { value in
          let isWhole = index == parts.count - 1 || value == value.rounded()
          return isWhole && (index == 0 || value < 60) ? value : nil
        }
      }
      total =
        values.count > 3
        ? nil : values.reduce(0) { sum, value in sum.flatMap { s in value.map { s * 60 + $0 } } }
    }
    return total.flatMap { $0 <= longest ? $0 : nil }
  }

  /// A decimal number without a sign or an exponent.
  private static func number(_ text: Substring) -> Double? {
    let isPlain = text.contains { $0.isNumber } && text.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." }
    return isPlain ? Double(text) : nil
  }
}
