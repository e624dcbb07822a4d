/// What stands between two neighbours of a text, as a place to break it. The order follows the Timed Text Style Guide
/// (`CaptionRules`): after punctuation, before conjunctions, before prepositions, and never between an article and its
/// noun or within a name.
enum Boundary {
  case paragraph, sentence, clause, conjunction, preposition, word
  /// Between two that belong together.
  case bound

  /// How bad it is to end a line there.
  var lineCost: Int {
    switch self {
    case .paragraph, .sentence, .clause: 0
    case .conjunction: 3
    case .preposition: 6
    case .word: 12
    case .bound: 40
    }
  }

  /// How bad it is to end a caption there.
  var cueCost: Int {
    switch self {
    case .paragraph, .sentence: 0
    case .clause: 12
    case .conjunction: 22
    case .preposition: 28
    case .word: 45
    case .bound: 90
    }
  }

  /// How bad it is to go on in the same line.
  var inLineCost: Int { self == .sentence ? 30 : 0 }

  /// How bad it is to go on in the next line.
  var inCueCost: Int { self == .sentence ? 20 : 0 }

  /// The boundary between `first` and `second`.
  static func between(_ first: Fragment, _ second: Fragment, _ words: FunctionWords) -> Boundary {
    if first.endsParagraph { return .paragraph }
    if let end = punctuation(first, second) { return end }
    // A dash or a bracket on its own belongs to what is before it.
    let next = bare(second.text)
    if next.isEmpty { return .bound }
    if !second.hasSpace {
      return isHiragana(first.text.last) && !isHiragana(second.text.first) ? .word : .bound
    }
    let last = bare(first.text).lowercased()[...]
    if words.bound.contains(last) || words.prepositions.contains(last) || words.conjunctions.contains(last) {
      return .bound
    }
    let lower = next.lowercased()[...]
    if words.conjunctions.contains(lower) { return .conjunction }
    if words.prepositions.contains(lower) { return .preposition }
    return isName(first, second) || isAmount(first) ? .bound : .word
  }

  /// What the punctuation at the end of `first` makes of it; nil when there is none that counts.
  private static func punctuation(_ first: Fragment, _ second: Fragment) -> Boundary? {
    guard let mark = first.text.last(where: { !closing.contains($0) }) else { return nil }
    if clauseMarks.contains(mark) { return .clause }
    guard sentenceMarks.contains(mark) else { return nil }
    if mark == "." && isAbbreviation(first.text) { return .bound }
    let goesOn = second.text.first { $0.isLetter || $0.isNumber }?.isLowercase == true
    return goesOn && (mark == "." || mark == "…") ? .clause : .sentence
  }

  private static let sentenceMarks = Set(".?!…。？！؟।։")
  private static let clauseMarks = Set(",;:–—、，；：،؛")
  private static let closing = Set("\"'”’»«)]}」』）】〉》")

  private static let abbreviations: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "sra", "dra", "mme", "mlle", "hr", "fr", "nr", "no", "vs",
    "bzw",
    "ca", "z.b", "d.h", "u.a", "e.g", "i.e", "p.ej", "ej",
  ]

  /// Whether the point does not end a sentence: "Dr.", "J.", "U.S.".
  private static func isAbbreviation(_ word: String) -> Bool {
    let bare = bare(word).lowercased()
    return abbreviations.contains(bare) || bare.count == 1 && bare.first?.isLetter == true
  }

  /// Two capitalised words.
  private static func isName(_ first: Fragment, _ second: Fragment) -> Bool {
    first.text.first { $0.isLetter }?.isUppercase == true && second.text.first?.isUppercase == true
  }

  /// A number, with what it counts behind it.
  private static func isAmount(_ first: Fragment) -> Bool { first.text.allSatisfy(\.isNumber) }

  private static func isHiragana(_ character: Character?) -> Bool {
    character?.unicodeScalars.first.map { (0x3041...0x309f).contains($0.value) } ?? false
  }
}

/// `word` without what is neither letter nor number at its ends.
func bare(_ word: String) -> Substring {
  func counts(_ character: Character) -> Bool { character.isLetter || character.isNumber }
  guard let first = word.firstIndex(where: counts), let last = word.lastIndex(where: counts) else {
    return ""
  }
  return word[first...last]
}
