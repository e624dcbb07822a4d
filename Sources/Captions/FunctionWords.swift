/// The words by which phrases and clauses are found: those of one language.
struct FunctionWords {
  /// What a word may be. Some are several: "that", "während".
  struct Kinds: OptionSet {
    let rawValue: UInt16
    /// Joins words or clauses: "and", "or".
    static let coordinator = Kinds(rawValue: 1)
    /// Begins a clause: "because".
    static let conjunction = Kinds(rawValue: 2)
    /// Begins a clause, and may have a preposition before it: "which", "whom".
    static let relative = Kinds(rawValue: 4)
    static let preposition = Kinds(rawValue: 8)
    /// A preposition that a number may have behind it: "3 of them", "5 de mayo".
    static let genitive = Kinds(rawValue: 16)
    /// An article or what is as close to the word behind it: "the", "my", "these", "very".
    static let article = Kinds(rawValue: 32)
    /// A subject pronoun, an auxiliary, a negation.
    static let auxiliary = Kinds(rawValue: 64)
    /// An adverb that often begins a sentence, and is no name: "then".
    static let opener = Kinds(rawValue: 128)
    /// What stands before the number of an order, which has a point: "im 19. Jahrhundert".
    static let beforeOrdinal = Kinds(rawValue: 256)

    static let clause: Kinds = [.coordinator, .conjunction, .relative]
    /// What is parted from neither noun nor verb behind it.
    static let bound: Kinds = [.article, .auxiliary]
  }

  private var kinds: [Substring: Kinds] = [:]

  /// What `word`, in lower case, may be; nothing for most words.
  subscript(word: Substring) -> Kinds { kinds[word] ?? [] }

  /// The words of `language`, an ISO 639-1 code that a region may follow. Without one, those of the language that has
  /// most of them among `words`, which are in lower case; none where they are few.
  static func of(_ language: String?, _ words: some Sequence<Substring>) -> FunctionWords {
    if let code = language?.lowercased().prefix(2) {
      return languages.first { $0.code == code }?.words ?? .init()
    }
    let words = Array(words.prefix(sample))
    let counts = languages.map { language in words.count { !language.words[$0].isEmpty } }
    guard let most = counts.max(), most * leastShare > words.count, let place = counts.firstIndex(of: most)
    else {
      return FunctionWords()
    }
    return languages[place].words
  }

  /// How many words tell a language.
  private static let sample = 2000
  /// Function words are two of five words of a text, in the languages that are known here; one of five is enough.
  private static let leastShare = 5

  init() {}

  init(
    coordinators: String, conjunctions: String, relatives: String, prepositions: String, genitives: String,
    articles: String, auxiliaries: String, openers: String,
    beforeOrdinals: String = ""
  ) {
    let lists: [(String, Kinds)] = [
      (coordinators, .coordinator), (conjunctions, .conjunction), (relatives, .relative),
      (prepositions, .preposition), (genitives, [.preposition, .genitive]), (articles, .article),
      (auxiliaries, .auxiliary), (openers, .opener), (beforeOrdinals, .beforeOrdinal),
    ]
    for (list, kind) in lists {
      for word in list.split(whereSeparator: \.isWhitespace) { kinds[word, default: []].formUnion(kind) }
    }
  }
}
