/// A fragment, as it is looked at to find what it belongs to.
struct Word {
  let text: String
  /// Without the marks at its ends.
  let letters: Substring
  let lower: Substring
  let kinds: FunctionWords.Kinds
  let hasSpace: Bool

  init(_ fragment: Fragment, letters: Substring, _ words: FunctionWords) {
    (text, self.letters, hasSpace) = (fragment.text, letters, fragment.hasSpace)
    let lower = lowered(letters)
    let known = words[lower]
    // French and Italian write two words as one: "d'eau", "qu'il".
    let elided = known.isEmpty ? lower.firstIndex(of: "'").map { words[lower[...$0]] } : nil
    (self.lower, kinds) = (lower, elided ?? known)
  }

  var isCapitalised: Bool { letters.first?.isUppercase == true }

  var startsWithNumber: Bool { letters.first?.isNumber == true }

  var isNumber: Bool { !letters.isEmpty && letters.allSatisfy(\.isNumber) }

  /// The last mark, behind which at most quotation marks and brackets are closed; nil after a letter.
  var mark: Character? {
    if letters.endIndex == text.endIndex { return nil }
    return text.last { !Self.closing.contains($0) }.flatMap { $0.isLetter || $0.isNumber ? nil : $0 }
  }

  /// A mark that opens something: it belongs to what follows. One that does both opens when it stands alone.
  var isOpening: Bool { letters.isEmpty && text.allSatisfy(Self.opening.contains) }

  /// A mark that closes something: what counts is what is before it.
  var isClosing: Bool { letters.isEmpty && !isOpening && text.allSatisfy(Self.closing.contains) }

  private static let opening = Set("«([{“‘„‚¿¡「『（【〈《")
  private static let closing = Set("\"'”’“‘»«)]}」』）】〉》")
}

/// `word` in lower case, with the apostrophe of keyboards.
func lowered(_ word: Substring) -> Substring {
  let lower = word.lowercased()
  return lower.utf8.allSatisfy { $0 < 0x80 } ? lower[...] : lower.replacing("’", with: "'")[...]
}

/// `word` without what is neither letter nor number at its ends.
func bare(_ word: String) -> Substring {
  func counts(_ character: Character) -> Bool { character.isLetter || character.isNumber }
  guard let first = word.firstIndex(where: counts), let last = word.lastIndex(where: counts) else {
    return ""
  }
  return word[first...last]
}
