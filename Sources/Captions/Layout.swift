/// The fragments of one caption, and where its second line begins.
struct Block {
  let first: Int
  let end: Int
  /// nil: one line.
  let second: Int?

  /// The fragments of each line.
  var lines: [Range<Int>] { second.map { [first..<$0, $0..<end] } ?? [first..<end] }
}

/// Distributes fragments over captions so that the sum of costs is the least (Bellman's principle, as Knuth and Plass
/// 1981 use it for paragraphs). A caption has few fragments, so each is looked at a bounded number of times.
struct Layout {
  let fragments: [Fragment]
  let rules: CaptionRules
  /// `boundaries[n]` is before fragment n.
  private let boundaries: [Boundary]
  /// The width of all fragments before n, with the spaces before them.
  private let widths: [Int]
  /// What it costs to go on over all pauses up to fragment n.
  private let pauseCosts: [Int]
  /// The sentences that end before fragment n.
  private let sentences: [Int]
  /// The widest line, in halves of a character.
  private let limit: Int

  init(_ fragments: [Fragment], _ rules: CaptionRules) {
    self.fragments = fragments
    self.rules = rules
    limit = 2 * max(1, rules.maxLineLength)
    boundaries = Boundary.all(fragments, language: rules.language)
    var (widths, pauses, sentences) = ([0], [0], [0])
    for (index, fragment) in fragments.enumerated() {
      widths.append(widths[index] + fragment.width + (fragment.hasSpace ? Fragment.space : 0))
      guard index > 0 else { continue }
      pauses.append(pauses[index - 1] + Cost.goingOn(fragment.start - fragments[index - 1].end))
      sentences.append(sentences[index - 1] + (boundaries[index] == .sentence ? 1 : 0))
    }
    (self.widths, pauseCosts, self.sentences) = (widths, pauses, sentences)
  }

  /// The captions, first to last.
  func blocks() -> [Block] {
    // The least cost of all before fragment n, and the last caption of that.
    var costs = [0]
    var last: [Block] = []
    for end in stride(from: 1, through: fragments.count, by: 1) {
      var best: (cost: Int, block: Block)?
      for first in stride(from: end - 1, through: 0, by: -1) {
        let isAlone = first == end - 1
        if !isAlone && !mayHold(first..<end) { break }
        if let (cost, block) = candidate(first, end), best.map({ costs[first] + cost < $0.cost }) ?? true {
          best = (costs[first] + cost, block)
        }
        if mustBreak(first) { break }
      }
      // A fragment alone is always a candidate.
      costs.append((best?.cost ?? 0) + endCost(end))
      last.append(best?.block ?? Block(first: end - 1, end: end, second: nil))
    }
    var (blocks, end) = ([Block](), fragments.count)
    while end > 0 {
      blocks.append(last[end - 1])
      end = last[end - 1].first
    }
    return blocks.reversed()
  }

  /// The text of a line.
  func text(_ line: Range<Int>) -> String { joined(fragments[line]) }

  /// When the last of them has been said; never after the next begins.
  func speechEnd(_ range: Range<Int>) -> Int {
    let end = fragments[range].reduce(0) { max($0, $1.end) }
    return range.upperBound < fragments.count ? min(end, fragments[range.upperBound].start) : end
  }

  /// How long it takes to read them, in milliseconds.
  func readingTime(_ range: Range<Int>) -> Int {
    width(range.lowerBound, range.upperBound) * 500 / max(1, rules.charactersPerSecond)
  }

  private func width(_ first: Int, _ end: Int) -> Int {
    widths[end] - widths[first] - (fragments[first].hasSpace ? Fragment.space : 0)
  }

  /// Whether a new caption has to begin with this fragment.
  private func mustBreak(_ index: Int) -> Bool {
    guard index > 0 else { return true }
    let pause = fragments[index].start - fragments[index - 1].end
    return boundaries[index] == .paragraph || boundaries[index] != .glued && pause >= max(1, rules.pause)
  }

  /// Whether several fragments may be one caption at all. What does not fit, fits with more of them even less.
  private func mayHold(_ range: Range<Int>) -> Bool {
    width(range.lowerBound, range.upperBound) <= limit * min(max(rules.maxLines, 1), 2) + Fragment.space
      && fragments[range.upperBound - 1].end - fragments[range.lowerBound].start <= rules.maxDuration
  }

  /// The caption of these fragments and its cost; nil when they do not fit.
  private func candidate(_ first: Int, _ end: Int) -> (Int, Block)? {
    let width = width(first, end)
    let cost =
      Cost.perCue + Cost.emptiness(width, of: 2 * limit) + timeCost(first, end)
      + pauseCosts[end - 1] - pauseCosts[first]
      + Cost.sentences(inside: sentences[end - 1] - sentences[first], endsWithOne: endsSentence(end))
    // One line where it fits, as the style guide has it.
    if end - first == 1 || width <= limit {
      return (cost, Block(first: first, end: end, second: nil))
    }
    guard rules.maxLines > 1, let (second, lineCost) = bestLineBreak(first, end) else { return nil }
    return (cost + lineCost, Block(first: first, end: end, second: second))
  }

  private func bestLineBreak(_ first: Int, _ end: Int) -> (Int, Int)? {
    var best: (Int, Int)?
    for second in first + 1..<end {
      let (upper, lower) = (width(first, second), width(second, end))
      if upper > limit { break }
      let lineEnd = Cost.lineEnd(boundaries[second])
      guard lower <= limit, best.map({ lineEnd < $0.1 }) ?? true else { continue }
      let cost = lineEnd + Cost.imbalance(upper, lower, of: limit)
      if best.map({ cost < $0.1 }) ?? true { best = (second, cost) }
    }
    return best
  }

  /// Whether a sentence or a paragraph ends before fragment `end`.
  private func endsSentence(_ end: Int) -> Bool {
    end == fragments.count || boundaries[end] == .sentence || boundaries[end] == .paragraph
  }

  /// What it costs that there is too little time to see or read it.
  private func timeCost(_ first: Int, _ end: Int) -> Int {
    guard end < fragments.count else { return 0 }
    let room = fragments[end].start - rules.minGap - fragments[first].start
    let toRead = readingTime(first..<end)
    let time = min(room, speechEnd(first..<end) + rules.linger - fragments[first].start)
    return Cost.brevity(room) + Cost.haste(time, toRead)
  }

  /// What it costs to end a caption before fragment `end`.
  private func endCost(_ end: Int) -> Int {
    guard end < fragments.count, !mustBreak(end) else { return 0 }
    return Cost.cueEnd(boundaries[end], fragments[end].start - fragments[end - 1].end)
  }
}

/// What is bad about a caption, in numbers that can be added. They are this program's own: chosen so that the captions
/// of the tests come out as a person would make them. Times are in milliseconds, widths in halves of a character.
private enum Cost {
  /// A caption: few that are full are calmer to read than many.
  static let perCue = 30

  /// Emptiness, by its square: half a caption is no harm, a word alone is.
  static func emptiness(_ width: Int, of whole: Int) -> Int {
    let empty = max(0, whole - width)
    return 40 * empty * empty / (whole * whole)
  }

  /// Two lines of unlike length, by the square of the difference: the eye finds the second line less easily.
  static func imbalance(_ upper: Int, _ lower: Int, of limit: Int) -> Int {
    40 * (upper - lower) * (upper - lower) / (limit * limit)
  }

  /// A caption that is gone after less than 1.2 s: it can be read then, but flickers.
  static func brevity(_ room: Int) -> Int { max(0, 1200 - max(room, 0)) / 15 }

  /// Text for which there is no time to read it.
  static func haste(_ time: Int, _ toRead: Int) -> Int {
    40 * min(max(0, toRead - time), toRead) / max(1, toRead)
  }

  /// The end of a line: the eye makes a pause there, so the sense must have one.
  static func lineEnd(_ boundary: Boundary) -> Int {
    switch boundary {
    case .paragraph, .sentence, .clause: 0
    case .conjunction: 8
    case .preposition: 14
    case .phrase: 20
    case .coordination: 28
    case .word: 34
    case .bound: 130
    case .tight: 200
    case .glued: 1000
    }
  }

  /// The end of a caption: as that of a line, and what follows is not even seen yet. A pause makes any place a better one.
  static func cueEnd(_ boundary: Boundary, _ pause: Int) -> Int {
    let cost =
      switch boundary {
      case .paragraph, .sentence: 0
      case .clause: 14
      case .conjunction: 28
      case .preposition: 40
      case .phrase: 50
      case .word: 75
      case .coordination: 100
      case .bound: 190
      case .tight: 260
      case .glued: 1000
      }
    let pause = min(clamped(pause), 800)
    return cost - cost * pause * pause / 640_000
  }

  /// Going on over a pause: what is said later is told too early. By its cube, as one of a comma or of breath is
  /// nearly none.
  static func goingOn(_ pause: Int) -> Int {
    let pause = clamped(pause)
    return 110 * pause * pause / 1000 * pause / 1_000_000
  }

  /// Sentences that end inside of a caption: each is to have its own, and worse is one that goes on in the next.
  static func sentences(inside count: Int, endsWithOne: Bool) -> Int {
    count == 0 ? 0 : 25 * count * count + (endsWithOne ? 0 : 60)
  }

  /// From a second on all pauses are alike.
  private static func clamped(_ pause: Int) -> Int { min(max(0, pause), 1000) }
}
