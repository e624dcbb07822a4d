/// How a selection that ends at the cursor is made equal to a text, by steps of what the application takes for a
/// character. That differs between toolkits, so each step begins with what is selected now.
enum SelectionGrowth: Equatable {
  /// It is equal.
  case done
  /// The start of the text is missing: so many characters to the left.
  case extend(characters: Int)
  /// A long start of the text is missing: so many words to the left.
  case extendWords(Int)
  /// There is too much before the text: so many characters to the right.
  case shrink(characters: Int)
  /// It is another text.
  case differs

  /// Over so many missing scalars it goes by words.
  static let farAway = 400

  /// What is next when `selected` is selected, and shall be `wanted`.
  init(from selected: [Unicode.Scalar], to wanted: [Unicode.Scalar]) {
    if selected.count <= wanted.count, wanted.suffix(selected.count).elementsEqual(selected) {
      let missing = wanted.dropLast(selected.count)
      if missing.isEmpty {
        self = .done
      } else if missing.count > Self.farAway, case let words = Self.words(in: missing), words > 1 {
        // An application may take several of our words for one: what is too much would have to go back.
        self = .extendWords(max(1, words * 9 / 10))
      } else {
        self = .extend(characters: Self.characters(in: missing))
      }
    } else if selected.count > wanted.count, selected.suffix(wanted.count).elementsEqual(wanted) {
      self = .shrink(characters: Self.characters(in: selected.dropLast(wanted.count)))
    } else {
      self = .differs
    }
  }

  private static func characters(in text: ArraySlice<Unicode.Scalar>) -> Int {
    var string = String.UnicodeScalarView()
    string.append(contentsOf: text)
    return String(string).count
  }

  /// The runs of letters and digits.
  private static func words(in text: ArraySlice<Unicode.Scalar>) -> Int {
    var (count, isInside) = (0, false)
    for scalar in text {
      let isLetter = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      if isLetter, !isInside { count += 1 }
      isInside = isLetter
    }
    return count
  }
}

/// Which characters one BackSpace takes away, whatever takes them.
enum Erasure {
  /// Whether `text` goes away by as many presses of BackSpace as it has scalars: each is one character, one column
  /// wide, that neither combines with others nor moves the cursor.
  static func isSimple(_ text: [Unicode.Scalar]) -> Bool { text.allSatisfy(isSimple) }

  private static func isSimple(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .control, .format, .surrogate, .privateUse,
      .unassigned,
      .lineSeparator, .paragraphSeparator:
      return false
    default: break
    }
    // Latin, Greek, Cyrillic and Armenian; Georgian and up to where wide characters begin (Hangul Jamo); then
    // punctuation, currencies and mathematics. What is between is written from the right, or in syllables.
    switch scalar.value {
    case 0x20..<0x590, 0x10A0..<0x1100, 0x1E00..<0x2000, 0x2010..<0x2030, 0x2030..<0x2300: return true
    default: return false
    }
  }
}
