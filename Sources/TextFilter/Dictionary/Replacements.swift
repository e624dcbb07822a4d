import DictationTypes

/// The replacements of a dictionary, ready to be looked for.
struct Replacements: Sendable {
  private struct Entry: Sendable {
    let from: Scalars
    let small: Scalars
    let to: Scalars
    let name: String
    let matchesCase: Bool
    /// Where `from` stands within `to`.
    let places: [Int]
  }

  /// By the first word of `from`, or its first scalar where that is no word; the longest first.
  private var entries: [String: [Entry]] = [:]

  init(_ replacements: [Replacement]) {
    for replacement in replacements {
      let from = Scalars(replacement.from)
      guard !from.isEmpty else { continue }
      let to = Scalars(replacement.to)
      let small = from.map(\.small)
      let room = max(0, to.count - from.count + 1)
      let places =
        to.count < from.count
        ? []
        : (0..<room).filter { start in
          let part = to[start..<start + from.count]
          return replacement.matchesCase ? part.elementsEqual(from) : part.map(\.small) == small
        }
      let entry = Entry(
        from: from, small: small, to: to, name: replacement.from, matchesCase: replacement.matchesCase,
        places: places)
      entries[Self.key(from, at: 0), default: []].append(entry)
    }
    for key in entries.keys { entries[key]?.sort { $0.from.count > $1.from.count } }
  }

  private static func key(_ scalars: Scalars, at start: Int) -> String {
    let end = scalars.wordEnd(from: start)
    return scalars.small(start..<max(end, start + 1))
  }

  /// `scalars` with each place replaced once, from left to right, the longest entry first. What was put in is not looked
  /// at again, and what stands within what would be put in is left alone.
  func apply(_ scalars: Scalars, used: inout [String]) -> Scalars {
    guard !entries.isEmpty else { return scalars }
    var result = Scalars()
    result.reserveCapacity(scalars.count)
    var position = 0
    while position < scalars.count {
      if let entry = match(scalars, at: position) {
        used.append(entry.name)
        result += entry.to
        position += entry.from.count
        continue
      }
      // Whole words only: the rest of this one is none.
      let end = max(scalars.wordEnd(from: position), position + 1)
      result += scalars[position..<end]
      position = end
    }
    return result
  }

  private func match(_ scalars: Scalars, at start: Int) -> Entry? {
    guard let candidates = entries[Self.key(scalars, at: start)] else { return nil }
    return candidates.first { entry in
      let end = start + entry.from.count
      guard end <= scalars.count else { return false }
      let part = scalars[start..<end]
      guard entry.matchesCase ? part.elementsEqual(entry.from) : part.map(\.small) == entry.small else {
        return false
      }
      if end < scalars.count, scalars[end].isWord, scalars[end - 1].isWord { return false }
      if start > 0, scalars[start].isWord, scalars[start - 1].isWord { return false }
      return !entry.places.contains { place in
        start >= place && start - place + entry.to.count <= scalars.count
          && scalars[(start - place)..<(start - place + entry.to.count)].elementsEqual(entry.to)
      }
    }
  }
}
