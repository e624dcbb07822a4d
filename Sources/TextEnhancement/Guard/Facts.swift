/// The figures, links, addresses and file names of a text, in lower case, in their order, without the punctuation around
/// them.
func facts(_ text: String) -> [String] {
  text.lowercased().split(whereSeparator: \.isWhitespace).compactMap { piece in
    var bare = piece.drop { marks.contains($0) }
    while let last = bare.last, marks.contains(last) { bare.removeLast() }
    return bare.contains { $0.isNumber || "@/_.\\".contains($0) } ? String(bare) : nil
  }
}

private let marks: Set<Character> = [
  ".", ",", ";", ":", "!", "?", "\"", "'", "(", ")", "[", "]", "“", "”", "„", "«", "»", "…", "`", "*",
]

/// Whether a fact is a number, a time or a date, and no address.
func isFigure(_ fact: String) -> Bool {
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
