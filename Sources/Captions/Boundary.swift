/// What stands between two neighbours of a text, as a place to break it. The order follows the Timed Text Style Guide
/// (`CaptionRules`): after punctuation, before conjunctions, before prepositions, and never between an article and its
/// noun or within a name.
enum Boundary {
  case paragraph, sentence, clause, conjunction, preposition
  /// Before an article, an auxiliary, a pronoun, an "of".
  case phrase
  case word
  /// Before an "and" that joins two words: "arts and crafts".
  case coordination
  /// Between two that belong together: a verb and its pronoun, a preposition and what follows, two of a name.
  case bound
  /// Between an article, a title or a number and its noun.
  case tight
  /// Between a mark that stands on its own and what it belongs to.
  case glued

  /// The boundaries before each of `fragments`: before the first a paragraph.
  static func all(_ fragments: [Fragment], language: String?) -> [Boundary] {
    let texts = fragments.map { bare($0.text) }
    let functionWords = FunctionWords.of(language, texts.lazy.map(lowered))
    let words = zip(fragments, texts).map { Word($0, letters: $1, functionWords) }
    var boundaries: [Boundary] = []
    // The last two that are more than a closing mark.
    var (before, last): (Word?, Word?)
    for (index, word) in words.enumerated() {
      if let last, !fragments[index - 1].endsParagraph {
        let after = words[(index + 1)...].prefix(fragments[index].endsParagraph ? 0 : 2)
        boundaries.append(Place(before: before, first: last, second: word, after: after).boundary)
      } else {
        boundaries.append(.paragraph)
      }
      if last == nil || !word.isClosing { (before, last) = (last, word) }
    }
    return boundaries
  }
}

/// A place between two words, with those around them.
struct Place {
  let before: Word?
  let first: Word
  let second: Word
  /// The two behind, or fewer where a paragraph ends.
  let after: ArraySlice<Word>

  var boundary: Boundary {
    if second.letters.isEmpty && !second.isOpening || first.isOpening { return .glued }
    if let end = punctuation { return end }
    if !second.hasSpace { return betweenCharacters }
    if first.text.last.map(isSoutheastAsian) == true, second.text.first.map(isSoutheastAsian) == true {
      return .clause
    }
    if first.kinds.contains(.article) && isWithArticle { return .tight }
    if !second.kinds.isDisjoint(with: .clause) { return beforeConjunction }
    if second.kinds.contains(.preposition) { return beforePreposition }
    if !first.kinds.isDisjoint(with: Self.goesOn) || isName || isAmount { return .bound }
    return second.kinds.isDisjoint(with: .bound) ? .word : .phrase
  }

  /// What the punctuation at the end of `first` makes of it; nil when there is none that counts.
  private var punctuation: Boundary? {
    guard let mark = first.mark else { return nil }
    if Self.clauseMarks.contains(mark) { return .clause }
    guard Self.sentenceMarks.contains(mark) else { return nil }
    if mark == ".", let meaning = abbreviation { return meaning == .bound ? .tight : nil }
    return goesOn && (mark == "." || mark == "…") ? .clause : .sentence
  }

  private static let sentenceMarks = Set(".?!…。？！؟।։")
  private static let clauseMarks = Set(",;:–—、，；：،؛")

  /// Whether `second` has a small letter.
  var goesOn: Bool { second.letters.first { $0.isLetter || $0.isNumber }?.isLowercase == true }

  /// Japanese has words end in hiragana, and begin with another script.
  private var betweenCharacters: Boundary {
    isHiragana(first.text.last) && !isHiragana(second.text.first) ? .word : .bound
  }

  private func isHiragana(_ character: Character?) -> Bool {
    character?.unicodeScalars.first.map { (0x3041...0x309f).contains($0.value) } ?? false
  }

  private var beforeConjunction: Boundary {
    // "and when", "in which".
    if !first.kinds.isDisjoint(with: .clause) { return .bound }
    if first.kinds.contains(.preposition) && second.kinds.contains(.relative) { return .bound }
    return second.kinds.contains(.coordinator) && joinsWords ? .coordination : .conjunction
  }

  /// Whether `second`, an "and", joins two words, no clauses: "arts and crafts", "more or less". No clause begins with
  /// a plain word, unless that is a verb: it has an article behind it, or the verb before it has its particle.
  private var joinsWords: Bool {
    guard let third = after.first else { return true }
    if third.kinds.isEmpty {
      return !first.kinds.contains(.preposition) && after.dropFirst().first?.kinds.contains(.article) != true
    }
    return !third.kinds.isDisjoint(with: first.kinds)
  }

  private var beforePreposition: Boundary {
    // "wanted to go to and", "machte das Fenster auf": nothing follows, so it belongs to what is before it.
    guard let third = after.first, second.mark == nil, third.kinds.isDisjoint(with: Self.joins) else {
      return .bound
    }
    guard first.kinds.isDisjoint(with: Self.goesOn.union(.article)) else { return .bound }
    guard second.kinds.contains(.genitive) else { return .preposition }
    // "3 of them", "5 de mayo"; "the art of printing".
    return first.startsWithNumber ? .bound : .phrase
  }

  private static let joins: FunctionWords.Kinds = [.coordinator, .conjunction]
  /// What has more behind it.
  private static let goesOn = FunctionWords.Kinds.clause.union([.preposition, .auxiliary])

  /// Whether `second` belongs to an article before it: "ce que", but not "more than", nor "saw her in town".
  private var isWithArticle: Bool {
    second.kinds.contains(.relative) || second.kinds.isDisjoint(with: Self.joins.union(.preposition))
  }

  /// Two capitalised words, or one and its number: "New York", "Chapter 3".
  private var isName: Bool {
    first.isCapitalised && (second.isCapitalised && second.kinds.isEmpty || second.startsWithNumber)
  }

  /// A number, with what it counts behind it.
  private var isAmount: Bool { first.startsWithNumber && second.kinds.isEmpty }
}
