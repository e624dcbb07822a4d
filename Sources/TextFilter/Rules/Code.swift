/// Whether a run without white space is no prose, so that its punctuation stays as it is: an address, a path, a file's
/// name, a version, a number, a piece of program. Punctuation at its end does not count.
func isCode(_ chunk: ArraySlice<Unicode.Scalar>) -> Bool {
  var chunk = chunk
  while let last = chunk.last, last.endsClause || last.isClosing {
    // Calls and indices end in brackets.
    if (last == ")" || last == "]") && chunk.dropLast().contains(where: { $0 == "(" || $0 == "[" })
      && chunk.first != "(" && chunk.first != "["
    {
      return true
    }
    chunk.removeLast()
  }
  while let first = chunk.first, first.isOpening { chunk.removeFirst() }
  guard let first = chunk.first else { return false }
  // Options, paths, handles, hidden files.
  if chunk.count > 1, isSign(first) || first == "-" || first == "." || first == ":" { return true }
  var hasDot = false
  for (index, scalar) in chunk.enumerated() {
    if isSign(scalar) { return true }
    guard index > 0, index < chunk.count - 1 else { continue }
    let (before, after) = (chunk[chunk.startIndex + index - 1], chunk[chunk.startIndex + index + 1])
    if scalar == ":", after != "," { return true }
    if scalar == ".", before.isWord || before == ".", after.isWord || after == "." { hasDot = true }
    if scalar == ",", before.isASCIIDigit, after.isASCIIDigit { return true }
  }
  return hasDot && !isTwoSentences(chunk)
}

/// Whether the one point in `chunk` has lost its space: `end.The`. Other words may be parts of a name (`foo.Bar`).
func isTwoSentences(_ chunk: ArraySlice<Unicode.Scalar>) -> Bool {
  guard let point = chunk.firstIndex(of: "."), chunk[..<point].allSatisfy({ $0.isLowercase || $0 == "'" }),
    point - chunk.startIndex > 1
  else { return false }
  let rest = chunk[(point + 1)...]
  return firstWords.contains(String(String.UnicodeScalarView(rest.prefix { $0.isWord })))
}

/// Words that begin sentences, and name nothing.
private let firstWords: Set = [
  "The", "This", "That", "These", "Those", "Then", "There", "They", "It", "He", "She", "We", "You", "And",
  "But", "So",
  "What", "When", "Where", "If", "In", "On", "At", "My", "Our", "Your", "His", "Her", "As", "After", "Before",
  "Der", "Die", "Das", "Ich", "Wir", "Und", "Aber", "Dann", "Le", "La", "Les", "Il", "Elle", "Nous", "El",
  "Los",
]

/// Whether it stands in no word of prose.
private func isSign(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "/", "\\", "@", "_", "=", "<", ">", "{", "}", "[", "]", "(", ")", "|", "~", "^", "*", "+", "#", "`",
    "$", "%", "&":
    true
  default: false
  }
}
