/// For each of `first` the place of its partner in `second`, in rising order: the longest common subsequence. What is
/// empty has none.
///
/// The table of the dynamic program (Wagner and Fischer 1974) is computed in a band around its diagonal, which is all of
/// it for texts of up to a thousand words: so time and memory grow with the length alone. Where a long text differs by
/// more than the band, partners are missed, and none is wrong in order.
func commonWords(_ first: [String], _ second: [String]) -> [Int?] {
  var partners = [Int?](repeating: nil, count: first.count)
  // What is the same at both ends needs no table.
  var head = 0
  while head < min(first.count, second.count), !first[head].isEmpty, first[head] == second[head] {
    partners[head] = head
    head += 1
  }
  var tail = 0
  while tail < min(first.count, second.count) - head {
    let (left, right) = (first.count - 1 - tail, second.count - 1 - tail)
    guard !first[left].isEmpty, first[left] == second[right] else { break }
    partners[left] = right
    tail += 1
  }
  var table = Table(Array(first[head..<first.count - tail]), Array(second[head..<second.count - tail]))
  for (left, right) in table.matches() { partners[head + left] = head + right }
  return partners
}

/// The steps of the dynamic program, row by row of `first`, within the band.
private struct Table {
  private enum Step: UInt8 { case skipFirst, skipSecond, match }

  private static let leastBand = 256
  private static let fullSize = 1 << 20

  private let first: [Int]
  private let second: [Int]
  private let half: Int

  init(_ first: [String], _ second: [String]) {
    // Numbers are compared faster than words; 0 has no partner.
    var numbers: [String: Int] = ["": 0]
    func number(_ word: String) -> Int {
      if let known = numbers[word] { return known }
      numbers[word] = numbers.count
      return numbers.count - 1
    }
    self.first = first.map { number($0) }
    self.second = second.map { number($0) }
    let rows = max(1, first.count)
    half = max(Self.leastBand, Self.fullSize / rows, second.count / rows + 1)
  }

  /// The columns of row `row` that are computed: so many words of `second` are taken.
  private func band(_ row: Int) -> ClosedRange<Int> {
    let center = first.isEmpty ? 0 : row * second.count / first.count
    return max(0, center - half)...min(second.count, center + half)
  }

  /// The pairs of places, in rising order.
  mutating func matches() -> [(Int, Int)] {
    guard !first.isEmpty, !second.isEmpty else { return [] }
    let steps = steps()
    var pairs: [(Int, Int)] = []
    var (row, column) = (first.count, second.count)
    while row > 0, column > 0 {
      let columns = band(row)
      guard columns.contains(column) else {
        if column > columns.upperBound { column -= 1 } else { row -= 1 }
        continue
      }
      switch steps[row][column - columns.lowerBound] {
      case .match:
        (row, column) = (row - 1, column - 1)
        pairs.append((row, column))
      case .skipFirst: row -= 1
      case .skipSecond: column -= 1
      }
    }
    return pairs.reversed()
  }

  private func steps() -> [[Step]] {
    var steps: [[Step]] = [[Step](repeating: .skipSecond, count: band(0).count)]
    var (above, aboveBand) = ([Int32](repeating: 0, count: band(0).count), band(0))
    for row in 1...first.count {
      let columns = band(row)
      var lengths = [Int32](repeating: 0, count: columns.count)
      var way = [Step](repeating: .skipFirst, count: columns.count)
      let word = first[row - 1]
      for column in columns {
        let place = column - columns.lowerBound
        func before(_ column: Int) -> Int32 {
          aboveBand.contains(column) ? above[column - aboveBand.lowerBound] : -1
        }
        var best = before(column)
        if place > 0 && lengths[place - 1] > best { (best, way[place]) = (lengths[place - 1], .skipSecond) }
        if column > 0 && word != 0 && word == second[column - 1] && before(column - 1) + 1 > best {
          (best, way[place]) = (before(column - 1) + 1, .match)
        }
        lengths[place] = best
      }
      (above, aboveBand) = (lengths, columns)
      steps.append(way)
    }
    return steps
  }
}
