/// A text as the rules look at it. Scalars and not characters: that is linear, and fast.
typealias Scalars = [Unicode.Scalar]

extension Unicode.Scalar {
  /// Whether it is part of a word: a letter, a digit, a mark on one, or what joins letters and emoji.
  var isWord: Bool {
    if isASCII { return isASCIILetter || isASCIIDigit }
    // Joiners, and the signs that choose how the one before them is drawn.
    if value == 0x200D || value == 0x200C || (0xFE00...0xFE0F).contains(value) { return true }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
      return true
    default: return false
    }
  }

  var isASCIILetter: Bool { (0x61...0x7A).contains(value | 0x20) }
  var isASCIIDigit: Bool { (0x30...0x39).contains(value) }

  var isSpace: Bool {
    isASCII ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
  }

  /// Whether it ends a line.
  var isBreak: Bool { value == 0x0A }

  var isLetter: Bool { isASCII ? isASCIILetter : properties.isAlphabetic }
  var isUppercase: Bool { isASCII ? (0x41...0x5A).contains(value) : properties.isUppercase }
  var isLowercase: Bool { isASCII ? (0x61...0x7A).contains(value) : properties.isLowercase }

  /// The small letter, where that is one scalar.
  var small: Unicode.Scalar {
    if isASCII { return isUppercase ? Unicode.Scalar(value | 0x20)! : self }
    let mapping = properties.lowercaseMapping.unicodeScalars
    return mapping.count == 1 ? mapping.first! : self
  }

  /// The capital, where that is one scalar: ß has none.
  var capital: Unicode.Scalar {
    if isASCII { return isLowercase ? Unicode.Scalar(value & ~0x20)! : self }
    let mapping = properties.titlecaseMapping.unicodeScalars
    return mapping.count == 1 ? mapping.first! : self
  }

  /// Whether a sentence is over behind it.
  var endsSentence: Bool {
    switch self {
    case ".", "!", "?", "…", "。", "！", "？": true
    default: false
    }
  }

  /// Whether a clause is over behind it.
  var endsClause: Bool {
    switch self {
    case ",", ";", ":", "\n", "，", "；", "：", "、": true
    default: endsSentence
    }
  }

  /// Whether it opens a quotation or a bracket.
  var isOpening: Bool {
    switch self {
    case "\"", "“", "„", "«", "'", "(", "[", "¿", "¡": true
    default: false
    }
  }

  /// Whether it closes one.
  var isClosing: Bool {
    switch self {
    case "\"", "”", "»", "'", ")", "]", "’": true
    default: false
    }
  }
}

extension Scalars {
  init(_ text: String) { self.init(text.unicodeScalars) }

  var text: String { String(String.UnicodeScalarView(self)) }

  /// The end of the word that begins at `start`. Apostrophes belong to it where letters stand on both sides.
  func wordEnd(from start: Int) -> Int {
    var end = start
    while end < count {
      if self[end].isWord {
        end += 1
      } else if self[end] == "'" || self[end] == "’", end > start, end + 1 < count, self[end + 1].isWord {
        end += 1
      } else {
        break
      }
    }
    return end
  }

  /// The end of the run without white space that begins at `start`.
  func chunkEnd(from start: Int) -> Int {
    var end = start
    while end < count, !self[end].isSpace { end += 1 }
    return end
  }

  /// The first position from `start` on that is no white space, but for line breaks if `stopsAtBreak`.
  func skippingSpaces(from start: Int, stopsAtBreak: Bool = false) -> Int {
    var position = start
    while position < count, self[position].isSpace, !(stopsAtBreak && self[position].isBreak) {
      position += 1
    }
    return position
  }

  /// The last scalar that is no space; a line break counts.
  var lastVisible: Unicode.Scalar? { last { !$0.isSpace || $0.isBreak } }

  /// Removes spaces at the end, but no line breaks.
  mutating func dropSpaces() {
    while let last, last.isSpace, !last.isBreak { removeLast() }
  }

  /// The scalars of `range` in small letters.
  func small(_ range: Range<Int>) -> String {
    var text = String.UnicodeScalarView()
    for scalar in self[range] { text.append(scalar.small) }
    return String(text)
  }
}
