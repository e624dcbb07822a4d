/// `text` without what cannot be seen and changes what is: controls but white space, and the controls that override
/// the direction (Unicode Standard Annex 9, §2.1 and §2.2: isolates have replaced them).
func visible(_ text: String) -> String {
  func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    (0x202a...0x202e).contains(scalar.value)
      || scalar.properties.generalCategory == .control && !scalar.properties.isWhitespace
  }
  guard text.unicodeScalars.contains(where: isHidden) else { return text }
  var shown = String.UnicodeScalarView()
  shown.append(contentsOf: text.unicodeScalars.lazy.filter { !isHidden($0) })
  return String(shown)
}

/// The width of `text` in halves of a character: 2 for most, 5 for a wide one.
func halves(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + (isWide($1) ? 5 : 2) } }

/// `word` cut where a script without spaces may be broken: a punctuation mark stays with what it belongs to.
func pieces(_ word: Substring) -> [String] {
  var pieces: [String] = []
  var last: Character?
  for character in word {
    if let last, !mayBreak(last, character) {
      pieces[pieces.count - 1].append(character)
    } else {
      pieces.append(String(character))
    }
    last = character
  }
  return pieces
}

/// Whether a line may end between two neighbours of one word, extended grapheme clusters both.
private func mayBreak(_ first: Character, _ second: Character) -> Bool {
  guard isUnspaced(first) || isUnspaced(second) else { return false }
  guard let last = first.unicodeScalars.last, let next = second.unicodeScalars.first else { return false }
  // Some vowels of Burmese are marks, and yet clusters of their own.
  if isMark(next) || isDigit(last) && isDigit(next) { return false }
  return !neverFirst.contains(next) && !neverLast.contains(last) && !second.unicodeScalars.contains(asat)
}

private func isMark(_ scalar: Unicode.Scalar) -> Bool {
  [.nonspacingMark, .spacingMark, .enclosingMark].contains(scalar.properties.generalCategory)
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .decimalNumber }

/// What may not begin a line: that of JIS X 4051, its common part; vowels and signs of Thai, Lao, Khmer and Burmese
/// that belong to the letter before them.
private let neverFirst = Set(
  ("、。，．・：；？！ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ」』）】〉》〕］｝”’…‥〜～,.!?;:)]}%％"
    + "ะ\u{e32}\u{e33}ๅๆฯ๚๛ະ\u{eb2}\u{eb3}ຽໆຯ។៕៖ៗ៘៙៚၊။၏").unicodeScalars)
/// What may not end one: what opens; the vowels of Thai and Lao that are written before their letter; the signs of
/// Khmer and Burmese that put the next letter below.
private let neverLast = Set("「『（【〈《〔［｛“‘([{เแโใไເແໂໃໄ\u{17d2}\u{1039}".unicodeScalars)
/// Burmese: the letter that has it ends the syllable before it.
private let asat: Unicode.Scalar = "\u{103a}"

/// Whether it is a character of a script that has no spaces between words.
private func isUnspaced(_ character: Character) -> Bool {
  isIdeographic(character) || isSoutheastAsian(character)
}

/// Whether it is one of Chinese or Japanese, which have no spaces at all.
func isIdeographic(_ character: Character) -> Bool {
  guard let scalar = character.unicodeScalars.first?.value, scalar >= 0x2e80 else { return false }
  return scalar <= 0x9fff || (0xf900...0xfaff).contains(scalar) || (0xfe30...0xfe4f).contains(scalar)
    || (0xff00...0xffef).contains(scalar) || (0x20000...0x3ffff).contains(scalar)
}

/// Whether it is one of Thai, Lao, Burmese or Khmer: their spaces separate phrases.
func isSoutheastAsian(_ character: Character) -> Bool {
  guard let scalar = character.unicodeScalars.first?.value, scalar >= 0xe00 else { return false }
  return scalar <= 0xeff || (0x1000...0x109f).contains(scalar) || (0x1780...0x17ff).contains(scalar)
    || (0xa9e0...0xa9ff).contains(scalar) || (0xaa60...0xaa7f).contains(scalar)
}

/// Whether it takes the room of two and a half Latin letters.
private func isWide(_ character: Character) -> Bool {
  guard let scalar = character.unicodeScalars.first?.value, scalar >= 0x1100 else { return false }
  return isIdeographic(character) || scalar <= 0x115f || (0xac00...0xd7a3).contains(scalar)
    || (0x1f300...0x1faff).contains(scalar)
}
