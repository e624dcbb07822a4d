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
  /// What it costs to break nothing at all boundaries up to n.
  private let insideCosts: [Int]
  /// The widest line, in halves of a character.
  private let limit: Int

  /// What a caption costs: few are better than many.
  private static let perCue = 10
  /// What emptiness costs at most: captions are to be about equally full.
  private static let emptiness = 12
  /// What it costs at most when one line is much longer than the other.
  private static let imbalance = 10
  /// What it costs at most when there is no time to read.
  private static let haste = 40

  init(_ fragments: [Fragment], _ rules: CaptionRules) {
    self.fragments = fragments
    self.rules = rules
    limit = 2 * max(1, rules.maxLineLength)
    boundaries = Boundary.all(fragments, language: rules.language)
    var (widths, costs) = ([0], [0])
    for (index, fragment) in fragments.enumerated() {
      widths.append(widths[index] + fragment.width + (fragment.hasSpace ? Fragment.space : 0))
      guard index > 0 else { continue }
      let pause = fragment.start - fragments[index - 1].end
      costs.append(costs[index - 1] + boundaries[index].inLineCost + min(max(0, pause), 1000) / 12)
    }
    (self.widths, insideCosts) = (widths, costs)
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
    return boundaries[index] == .paragraph
      || fragments[index].start - fragments[index - 1].end >= max(1, rules.pause)
  }

  /// Whether several fragments may be one caption at all. What does not fit, fits with more of them even less.
  private func mayHold(_ range: Range<Int>) -> Bool {
    width(range.lowerBound, range.upperBound) <= limit * min(max(rules.maxLines, 1), 2) + Fragment.space
      && fragments[range.upperBound - 1].end - fragments[range.lowerBound].start <= rules.maxDuration
  }

  /// The caption of these fragments and its cost; nil when they do not fit.
  private func candidate(_ first: Int, _ end: Int) -> (Int, Block)? {
    let cost =
      Self.perCue + emptyCost(first, end) + timeCost(first, end) + insideCosts[end - 1] - insideCosts[first]
    // One line where it fits, as the style guide has it.
    if end - first == 1 || width(first, end) <= limit {
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
      guard lower <= limit else { continue }
      let boundary = boundaries[second]
      let cost =
        boundary.lineCost + boundary.inCueCost - boundary.inLineCost
        + Self.imbalance * abs(upper - lower) / limit
      if best.map({ cost < $0.1 }) ?? true { best = (second, cost) }
    }
    return best
  }

  private func emptyCost(_ first: Int, _ end: Int) -> Int {
    let empty = max(0, 2 * limit - width(first, end))
    return Self.emptiness * empty * empty / (4 * limit * limit)
  }

  /// What it costs that there is too little time to see or read it.
  private func timeCost(_ first: Int, _ end: Int) -> Int {
    guard end < fragments.count else { return 0 }
    let room = fragments[end].start - rules.minGap - fragments[first].start
    let toRead = readingTime(first..<end)
    let unread = max(0, toRead - min(room, speechEnd(first..<end) + rules.linger - fragments[first].start))
    return max(0, rules.minDuration - room) / 10 + Self.haste * min(unread, toRead) / max(1, toRead)
  }

  /// What it costs to end a caption before fragment `end`: a pause makes any place a better one.
  private func endCost(_ end: Int) -> Int {
    guard end < fragments.count, !mustBreak(end) else { return 0 }
    let pause = max(0, fragments[end].start - fragments[end - 1].end)
    return max(0, boundaries[end].cueCost - min(pause, 1000) / 8)
  }
}
