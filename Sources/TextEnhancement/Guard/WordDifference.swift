/// The words of a text in lower case: runs of letters, marks and digits, with the apostrophes inside them.
func words(_ text: String) -> [String] {
  text.lowercased().split { !$0.isLetter && !$0.isNumber && !apostrophes.contains($0) }
    .map { $0.filter { !apostrophes.contains($0) } }
    .filter { !$0.isEmpty }
}

private let apostrophes: Set<Character> = ["'", "’", "ʼ"]

/// Where a text differs from its original, word by word.
struct WordDifference {
  /// Words of the original that are not in the other text, in runs without a common word between them.
  private(set) var lost: [[String]] = []
  /// Words of the other text that are not in the original, in such runs.
  private(set) var new: [[String]] = []

  /// The most words of both texts together that are compared in their order: the work grows with the square of what
  /// differs. Longer ones are compared as heaps of words, which is stricter than it has to be.
  private static let mostInOrder = 2_000
  /// The most words of a run of which forms are looked for: with more it is another text.
  private static let mostForms = 50

  /// The difference from `original` to `answer` (words in lower case): the shortest by whole words (Myers, An O(ND)
  /// Difference Algorithm and Its Variations, 1986), in which what stands in the same place and is written alike counts
  /// as one word in two forms.
  init(from original: [String], to answer: [String]) {
    guard original.count + answer.count <= Self.mostInOrder else {
      (lost, new) = (Self.surplus(of: original, over: answer), Self.surplus(of: answer, over: original))
      return
    }
    let difference = answer.difference(from: original)
    var removed = Set<Int>()
    var inserted = Set<Int>()
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var (left, right) = (0, 0)
    var gap: (lost: [String], new: [String]) = ([], [])
    while left < original.count || right < answer.count {
      if removed.contains(left) {
        gap.lost.append(original[left])
        left += 1
      } else if inserted.contains(right) {
        gap.new.append(answer[right])
        right += 1
      } else {
        close(&gap)
        (left, right) = (left + 1, right + 1)
      }
    }
    close(&gap)
    matchFormsAcrossGaps()
  }

  /// The words that `some` has more often than `others`, one by one.
  private static func surplus(of some: [String], over others: [String]) -> [[String]] {
    var left = Dictionary(others.map { ($0, 1) }, uniquingKeysWith: +)
    return some.filter { word in
      let count = left[word, default: 0]
      if count > 0 { left[word] = count - 1 }
      return count == 0
    }.map { [$0] }
  }

  /// Words that stand elsewhere in another form: where words in a row have changed, a common one may stand between them.
  private mutating func matchFormsAcrossGaps() {
    guard lost.joined().count <= Self.mostForms, new.joined().count <= Self.mostForms else { return }
    for (run, words) in new.enumerated() {
      for word in words {
        for other in lost.indices {
          guard let index = lost[other].firstIndex(where: { $0 != word && isForm($0, of: word) }) else {
            continue
          }
          lost[other].remove(at: index)
          new[run].removeAll { $0 == word }
          break
        }
      }
    }
    lost.removeAll(where: \.isEmpty)
    new.removeAll(where: \.isEmpty)
  }

  /// Ends a run: words in two forms are neither lost nor new.
  private mutating func close(_ gap: inout (lost: [String], new: [String])) {
    defer { gap = ([], []) }
    // "web site" is "website".
    if gap.lost.joined() == gap.new.joined() { return }
    guard gap.lost.count <= Self.mostForms, gap.new.count <= Self.mostForms else {
      lost.append(gap.lost)
      new.append(gap.new)
      return
    }
    var rest = gap.new
    var missing: [String] = []
    for word in gap.lost {
      if let index = rest.firstIndex(where: { isForm($0, of: word) }) {
        rest.remove(at: index)
      } else {
        missing.append(word)
      }
    }
    if !missing.isEmpty { lost.append(missing) }
    if !rest.isEmpty { new.append(rest) }
  }
}

/// Whether `word` may be `other` with another ending or another spelling: they begin alike for most of their length, or
/// one of four letters (two of eight) is another one, is missing or is too many; or they are irregular. Figures are never
/// forms of each other.
func isForm(_ word: String, of other: String) -> Bool {
  if word == other { return true }
  if word.contains(where: \.isNumber) || other.contains(where: \.isNumber) { return false }
  if let group = irregularForms[word], group == irregularForms[other] { return true }
  let (left, right) = (Array(word), Array(other))
  let (short, long) = (min(left.count, right.count), max(left.count, right.count))
  let common = zip(left, right).prefix { $0 == $1 }.count
  if common >= 4 && 5 * common >= 3 * long { return true }
  // "Fire" is no form of "hire", nor "impossible" of "possible".
  guard short >= 3, long >= 4, long - short <= 2, left[0] == right[0] else { return false }
  return editDistance(left, right) <= (long >= 8 ? 2 : 1)
}

/// How many characters have to be put in, left out, or put for another (Levenshtein, 1966).
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var row = Array(0...right.count)
  for (i, letter) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let cost = letter == other ? diagonal : min(diagonal, row[j], row[j + 1]) + 1
      diagonal = row[j + 1]
      row[j + 1] = cost
    }
  }
  return row[right.count]
}
