/// The figures, links, addresses, options and file names of a text, in their order, without the punctuation around them:
/// addresses as they are, figures in lower case, in which "3 PM" is "3 pm".
func facts(_ text: String) -> [String] {
  text.split(whereSeparator: \.isWhitespace).compactMap { piece in
    // A point may begin a path: ./build, .profile.
    var bare = piece.drop { marks.contains($0) && $0 != "." }
    if bare.hasPrefix("..."), !bare.hasPrefix(".../") { bare = bare.drop { $0 == "." } }
    while let last = bare.last, marks.contains(last) { bare.removeLast() }
    guard isFact(bare) else { return nil }
    return isFigure(bare) ? bare.lowercased() : String(bare)
  }
}

private func isFact(_ piece: Substring) -> Bool {
  if piece.contains(where: { $0.isNumber || "@/_\\".contains($0) }) { return true }
  if piece.hasPrefix("-") { return piece.contains { $0.isLetter } }
  // "e.g." and "a.m." are words.
  return piece.contains(".") && piece.split(separator: ".").contains { $0.count > 1 }
}

private let marks: Set<Character> = [
  ".", ",", ";", ":", "!", "?", "\"", "'", "(", ")", "[", "]", "“", "”", "„", "«", "»", "…", "`", "*",
]

/// Whether a fact is a number, a time or a date, and no address.
func isFigure(_ fact: some StringProtocol) -> Bool {
  fact.contains { $0.isNumber } && !fact.contains { "@/_\\".contains($0) }
}

/// The runs of digits in a figure, without zeros before them; the groups of a long number are one run.
func figures(_ fact: String) -> [String] {
  fact.filter { $0 != "," }.split { !$0.isNumber }.map { run in
    let digits = run.drop { $0 == "0" }
    return digits.isEmpty ? "0" : String(digits)
  }
}

/// Whether a word is a number, in figures or not.
func isNumber(_ word: String) -> Bool { word.contains(where: \.isNumber) || numberValue(word) != nil }

/// Whether `some` stand in `all` in the same order.
func isSubsequence<Element: Equatable>(_ some: [Element], of all: [Element]) -> Bool {
  var rest = all[...]
  return some.allSatisfy { element in
    guard let index = rest.firstIndex(of: element) else { return false }
    rest = rest[(index + 1)...]
    return true
  }
}
