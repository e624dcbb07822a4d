/// The words by which clauses are found.
struct FunctionWords {
  /// Conjunctions and relative pronouns: a good place to break is before one.
  private(set) var conjunctions: Set<Substring> = []
  /// Prepositions: a fair place to break is before one.
  private(set) var prepositions: Set<Substring> = []
  /// Articles, possessives, subject pronouns, auxiliaries and negations: none is parted from what follows.
  private(set) var bound: Set<Substring> = []

  /// Those of `language`, an ISO 639-1 code that a region may follow; of all languages when it is nil.
  static func of(_ language: String?) -> FunctionWords {
    guard let code = language?.lowercased().prefix(2) else { return all }
    return languages[String(code)] ?? FunctionWords()
  }

  private static let all = languages.values.reduce(into: FunctionWords()) { sum, words in
    sum.conjunctions.formUnion(words.conjunctions)
    sum.prepositions.formUnion(words.prepositions)
    sum.bound.formUnion(words.bound)
  }

  private static let languages = ["en": english, "de": german, "fr": french, "es": spanish]

  private init() {}

  private init(conjunctions: String, prepositions: String, bound: String) {
    func words(_ list: String) -> Set<Substring> { Set(list.split(whereSeparator: \.isWhitespace)) }
    self.conjunctions = words(conjunctions)
    self.prepositions = words(prepositions)
    self.bound = words(bound)
  }

  private static let english = FunctionWords(
    conjunctions: """
      and but or nor so yet because although though while when where why how if unless until since that which who
      whom whose whereas than as
      """,
    prepositions: """
      of in on at to for with from by about into onto over under after before between through during without
      against among within toward towards upon across behind beyond beside near off
      """,
    bound: """
      a an the this these those my your his her its our their no some every each another i he she it we they you
      not will would can could should shall must may might have has had do does did is are was were be been am
      don't doesn't didn't won't can't isn't aren't wasn't i'm i've i'll you're we're they're it's he's she's very
      """)

  private static let german = FunctionWords(
    conjunctions: """
      und oder aber denn sondern doch weil dass daß wenn ob als wie während obwohl damit bevor nachdem falls sobald
      sowie welche welcher welches welchen welchem wo wer was
      """,
    prepositions: """
      in im ins an am ans auf aus bei beim mit nach seit von vom zu zum zur für durch gegen ohne um über unter vor
      hinter neben zwischen wegen trotz bis
      """,
    bound: """
      der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner mein meine meinen
      dein deine sein seine seinen seiner ihr ihre ihren ihrer unser unsere unseren euer eure dieser diese dieses
      diesen diesem ich du er sie es wir man nicht sehr habe hat haben hatte ist sind war waren wird werden wurde
      kann können muss müssen soll sollen will wollen
      """)

  private static let french = FunctionWords(
    conjunctions: """
      et ou mais donc ni car que qui dont où quand lorsque si comme parce puisque quoique tandis
      """,
    prepositions: """
      à de en dans sur sous avec sans pour par chez vers entre depuis pendant avant après contre selon au aux
      """,
    bound: """
      le la les un une des du ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs je
      tu il elle on nous vous ils elles ne se me te très ai as a avons avez ont suis es est sommes êtes sont était
      """)

  private static let spanish = FunctionWords(
    conjunctions: """
      y e o u pero sino porque que quien quienes cuando donde si aunque mientras como pues cuyo cuya
      """,
    prepositions: """
      a ante bajo con contra de del desde durante en entre hacia hasta para por según sin sobre tras al
      """,
    bound: """
      el la los las un una unos unas lo mi mis tu tus su sus nuestro nuestra este esta estos estas ese esa esos
      esas yo él ella nosotros ellos ellas usted no se me te le nos muy he ha han había es son era está están
      """)
}
