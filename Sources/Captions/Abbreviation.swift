extension Place {
  /// What a point means that ends no sentence.
  enum Point {
    /// What follows belongs to it: "Dr. Smith", "J. Smith", "Am 5. Mai".
    case bound
    /// It is part of the word and no more: "the U.S. Army".
    case partOfWord
  }

  /// What the point behind `first` means; nil when it ends a sentence, or may.
  var abbreviation: Point? {
    let word = first.lower
    if Self.alwaysBound.contains(word) {
      // Of two letters some are units too: "20 ms. Then".
      let isUnit = before?.isNumber == true && Self.units.contains(word)
      return isUnit ? (goesOn ? .partOfWord : nil) : .bound
    }
    if first.isNumber && first.letters.count <= 3 { return ordinal }
    if Self.beforeNumbers.contains(word) {
      if second.startsWithNumber { return .bound }
      return goesOn ? .partOfWord : nil
    }
    if first.letters.count == 1, first.letters.first?.isLetter == true { return initial }
    guard hasInnerPoints || Self.oftenInside.contains(word) else { return nil }
    if goesOn || second.startsWithNumber { return .partOfWord }
    if word == "a.m" || word == "p.m" { return Self.weekdays.contains(second.lower) ? .partOfWord : nil }
    return beginsSentence ? nil : .partOfWord
  }

  /// A number with a point: one of an order in German and the languages around it, "am 5. Mai", "im 19. Jahrhundert".
  private var ordinal: Point? {
    if goesOn { return .partOfWord }
    if Self.months.contains(second.lower) { return .bound }
    guard second.isCapitalised, !beginsSentence, let before else { return nil }
    return before.kinds.contains(.beforeOrdinal) ? .bound : nil
  }

  /// One letter with a point: "J. Smith" and "z. B.", but not "plan B. Then", nor "than I. Peter".
  private var initial: Point? {
    if goesOn || second.startsWithNumber { return .bound }
    let isFollowedByOne = second.letters.count == 1 && second.mark == "."
    guard second.isCapitalised, isFollowedByOne || !beginsSentence else { return nil }
    let isPronoun = !first.kinds.isEmpty && before.map { !$0.isCapitalised && $0.mark != "." } ?? false
    return isPronoun ? nil : .bound
  }

  /// Whether `first` is letters with points between them: "U.S.", "Ph.D.", but not "example.org."
  private var hasInnerPoints: Bool {
    let parts = first.lower.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 && parts.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(\.isLetter) }
  }

  /// Whether `second` is no name, and yet has a capital.
  private var beginsSentence: Bool { second.isCapitalised && !second.kinds.isEmpty }

  private static func words(_ list: String) -> Set<Substring> {
    Set(list.split(whereSeparator: \.isWhitespace))
  }

  /// Titles, and what points to what follows.
  private static let alwaysBound = words(
    """
    mr mrs ms dr prof rev gov messrs mt hr fr frl dipl mme mlle mgr sr sra srta dra dña sig sigg dott dott.ssa sig.ra
    avv dhr mevr drs vs approx ca bzw bzgl ggf evtl inkl sog vgl z.b d.h i.d.r e.g i.e cf ej p.ej
    """)

  private static let units = words("ms hr")

  /// What is an abbreviation before a number, and may be a word elsewhere: "no. 5", "the Army said no."
  private static let beforeNumbers = words(
    """
    no nr núm num nº jan feb febr mar mär apr jun jul aug sep sept oct okt nov dec dez janv févr avr juil déc ene abr
    dic gen giu lug ott fev mrt fig figs abb tab pp pag pág vol bd ch chap cap kap art abs sec sect
    """)

  /// What stands inside of sentences more often than at their end.
  private static let oftenInside = words(
    "st ft jr inc ltd co corp lt col capt sgt mio mrd tsd mm km kg ing rep")

  private static let weekdays = words("monday tuesday wednesday thursday friday saturday sunday")

  private static let months = words(
    """
    januar jänner februar märz april mai juni juli august september oktober november dezember january february march
    may june july october december janvier février mars avril juin juillet août septembre octobre novembre décembre
    jan feb mär apr jun jul aug sep sept okt nov dez
    """)
}
