import DictationTypes

/// The terms of a dictionary, ready to be looked for.
///
/// What stands for a term is one to three words. By its policy that is its name or an alias, whatever the capitals and
/// accents; or also what sounds the same, by either code of Double Metaphone, and is written alike.
struct Terms: Sendable {
  private struct Known: Sendable {
    let term: Term
    let folded: Scalars
    let digits: Scalars
    let codes: Set<String>
  }

  private var known: [Known] = []
  private var byName: [Scalars: Int] = [:]
  private var bySound: [String: [Int]] = [:]

  /// The most words that are taken for one term.
  private static let mostWords = 3
  /// Shorter words sound like too many others.
  private static let shortest = 4
  /// The longest word that is looked at: names are shorter.
  private static let longest = 40

  init(_ terms: [Term]) {
    for term in terms {
      let folded = term.name.unicodeScalars.folded
      guard !folded.isEmpty else { continue }
      let codes = Self.codes(of: folded)
      let index = known.count
      known.append(Known(term: term, folded: folded, digits: folded.digits, codes: codes))
      for name in [term.name] + term.aliases {
        let key = name.unicodeScalars.folded
        if !key.isEmpty, byName[key] == nil { byName[key] = index }
      }
      guard term.policy != .alias, folded.count >= Self.shortest else { continue }
      for code in codes where code.count > 1 { bySound[code, default: []].append(index) }
    }
  }

  private static func codes(of folded: Scalars) -> Set<String> {
    let sound = DoubleMetaphone(folded.text)
    return [sound.primary, sound.secondary]
  }

  /// `scalars` with each term as it is spelt.
  func apply(_ scalars: Scalars, used: inout [String]) -> Scalars {
    guard !known.isEmpty else { return scalars }
    var result = Scalars()
    result.reserveCapacity(scalars.count)
    var position = 0
    while position < scalars.count {
      guard scalars[position].isWord else {
        result.append(scalars[position])
        position += 1
        continue
      }
      if let (index, end) = match(scalars, at: position) {
        used.append(known[index].term.name)
        result += Scalars(known[index].term.name)
        position = end
      } else {
        let end = scalars.wordEnd(from: position)
        result += scalars[position..<end]
        position = end
      }
    }
    return result
  }

  /// Words that stand for a term.
  private struct Match {
    let index: Int
    let similarity: Double
    let end: Int
    /// Where the second word begins; nil for one word.
    let second: Int?
  }

  /// The term that the words from `start` on stand for, and where they end. A word before a name is not taken for a part of
  /// it because it has no sound ("h Kubernetes").
  private func match(_ scalars: Scalars, at start: Int) -> (index: Int, end: Int)? {
    guard let best = closest(scalars, from: start) else { return nil }
    if let second = best.second, let later = closest(scalars, from: second),
      later.similarity >= best.similarity
    {
      return nil
    }
    return (best.index, best.end)
  }

  /// The words from `start` on that are most like a term.
  private func closest(_ scalars: Scalars, from start: Int) -> Match? {
    var best: Match?
    var second: Int?
    var folded = Scalars()
    var isCommon = true
    var position = start
    for count in 1...Self.mostWords {
      let end = wordEnd(scalars, from: position)
      guard end - position <= Self.longest else { break }
      let word = scalars[position..<end].folded
      folded += word
      isCommon = isCommon && commonWords.contains(word.text)
      if let found = closest(to: folded, isCommon: isCommon, words: count),
        found.similarity > best?.similarity ?? 0
      {
        best = Match(index: found.index, similarity: found.similarity, end: end, second: second)
      }
      // A name is not spread over clauses.
      guard end < scalars.count, scalars[end] == " " || scalars[end] == "-", end + 1 < scalars.count,
        scalars[end + 1].isWord
      else { break }
      position = end + 1
      second = second ?? position
    }
    return best
  }

  /// The end of the word, without a possessive.
  private func wordEnd(_ scalars: Scalars, from start: Int) -> Int {
    let end = scalars.wordEnd(from: start)
    let isPossessive =
      end - start > 2 && scalars[end - 1].small == "s" && (scalars[end - 2] == "'" || scalars[end - 2] == "’")
    return isPossessive ? end - 2 : end
  }

  private func closest(to folded: Scalars, isCommon: Bool, words: Int) -> (index: Int, similarity: Double)? {
    // "Folder" is a word, whatever it sounds like; as a name or alias it has been asked for.
    if let index = byName[folded],
      words == 1 || !known[index].term.aliases.isEmpty || known[index].term.policy != .alias
    {
      return (index, 1)
    }
    guard folded.count >= Self.shortest, folded.count <= Self.longest, !isCommon else { return nil }
    // Digits have no sound: "2 kubernetes" would be taken for the name, and the number lost.
    let digits = folded.digits
    var best: (index: Int, similarity: Double)?
    for code in Self.codes(of: folded) where code.count > 1 {
      for index in bySound[code] ?? [] where known[index].digits == digits {
        let alike = similarity(folded, known[index].folded)
        if alike >= known[index].term.policy.threshold, alike > best?.similarity ?? 0 {
          best = (index, alike)
        }
      }
    }
    return best
  }
}

extension Scalars {
  fileprivate var digits: Scalars { filter { $0.properties.numericType != nil } }
}

extension TermPolicy {
  /// How alike what sounds the same has to be written.
  var threshold: Double {
    switch self {
    case .alias: 1
    case .phonetic: 0.55
    case .conservative: 0.85
    }
  }
}
