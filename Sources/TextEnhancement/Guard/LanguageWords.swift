/// What is known of a language: small lists, from which it is also recognised.
struct LanguageWords: Sendable {
  /// Words that say nothing by themselves, and that an editor may put, change and leave out.
  let function: Set<String>
  /// Words that begin a question.
  let questions: Set<String>
  /// Words that deny.
  let negations: Set<String>
  /// Words that begin a request.
  let requests: Set<String>
  /// How models begin a refusal.
  let refusals: [String]

  private init(
    function: String, questions: String, negations: String, requests: String, refusals: [String]
  ) {
    func set(_ list: String) -> Set<String> { Set(list.split(separator: " ").map(String.init)) }
    self.function = set(function)
    self.questions = set(questions)
    self.negations = set(negations)
    self.requests = set(requests)
    self.refusals = refusals
  }

  /// The languages of which texts can be told apart, by their ISO 639-1 codes.
  static let all: [String: LanguageWords] = ["en": english, "de": german, "fr": french, "es": spanish]

  private static let english = LanguageWords(
    function: """
      the a an and or but of to in on at for with from by as is are was were be been being am it its this that these \
      those i you he she we they me him her us them my your his our their mine yours do does did done have has had having \
      will would shall should can could may might must not no so if then than there here just about into over out up \
      down off um uh er ah like well oh im ive id ill youre hes shes were theyre thats its whats lets dont doesnt didnt \
      isnt arent wasnt werent wont wouldnt cant couldnt shouldnt havent hasnt hadnt whom who whose which what when where \
      because while whether too also very more less some any each every all both either neither one
      """,
    questions: """
      what who whom whose where when why how which is are was were do does did can could will would should may have has \
      whats wheres whos
      """,
    negations: """
      not no never none nothing nobody nowhere neither nor without dont doesnt didnt isnt arent wasnt werent wont wouldnt \
      cant cannot couldnt shouldnt havent hasnt hadnt aint mustnt
      """,
    requests: """
      write tell give translate explain list summarize summarise ignore repeat say make create generate help show describe \
      respond answer output print forget act pretend add calculate compute define sort delete remove send remind convert \
      rewrite continue finish reply draft compose
      """,
    refusals: [
      "im sorry but", "i am sorry but", "im sorry i cant", "i apologize but", "sorry i cant", "i cant assist",
      "i cannot assist", "i cant help", "i cannot help", "i cannot provide", "i cant provide",
      "i cannot fulfill",
      "i cant fulfill", "i cannot comply", "i cant comply", "as an ai", "as a language model", "im an ai",
      "i am an ai",
      "im unable to", "i am unable to", "i dont have access", "i do not have access", "im not able to",
      "i cannot generate", "i cant generate", "i must decline", "i dont have the ability",
      "i do not have the ability",
    ])

  private static let german = LanguageWords(
    function: """
      der die das den dem des ein eine einen einem einer eines und oder aber von zu zum zur in im an am auf für mit aus bei \
      nach über unter vor als ist sind war waren sein bin bist seid es dies diese dieser dieses ich du er sie wir ihr mich \
      mir dich dir ihm ihn uns euch mein meine dein unser haben hat habe hatte wird werden würde kann können soll muss nicht \
      kein so wenn dann dass da hier nur noch auch sehr schon mal ja doch ähm äh also denn weil um
      """,
    questions: """
      was wer wen wem wessen wo wohin woher wann warum wieso weshalb wie welche welcher welches ist sind hat haben kann \
      können kannst könntest könnte wird wirst soll darf
      """,
    negations: "nicht kein keine keinen keinem keiner nie niemals nichts niemand ohne weder nirgends nein",
    requests: """
      schreib schreibe sag sage gib übersetze übersetz erkläre erklär fasse ignoriere ignorier wiederhole erstelle erzähle \
      mach mache zeig zeige liste nenne beschreibe antworte vergiss schick berechne
      """,
    refusals: [
      "es tut mir leid aber", "tut mir leid aber", "ich kann dir dabei nicht", "ich kann ihnen dabei nicht",
      "als ki",
      "als sprachmodell", "ich kann diese anfrage nicht", "ich kann das nicht",
    ])

  private static let french = LanguageWords(
    function: """
      le la les un une des du de et ou mais à au aux en dans sur pour avec par est sont était être suis es ce cette ces cet \
      il elle on nous vous ils elles je tu me te se lui leur mon ma mes ton ta ses son sa notre votre ai as a avons avez ont \
      que qui quoi ne pas plus si alors là ici très aussi bien y euh ben donc car cest jai nest quil quelle
      """,
    questions:
      "qui que quoi où quand pourquoi comment combien quel quelle quels quelles estce peuxtu pouvezvous est",
    negations: "pas jamais rien personne aucun aucune sans ni non",
    requests: """
      écris écrivez dis donne traduis traduisez explique ignore ignorez répète crée fais montre décris réponds oublie \
      raconte calcule résume
      """,
    refusals: [
      "je suis désolé mais", "je suis désolée mais", "désolé mais", "je ne peux pas vous aider",
      "je ne peux pas taider",
      "en tant quia", "en tant que modèle",
    ])

  private static let spanish = LanguageWords(
    function: """
      el la los las un una unos unas y o pero de del a al en con por para es son era ser soy está están este esta estos \
      estas ese esa eso él ella nosotros ellos yo tú usted me te se le les lo mi tu su nos que quien no más si entonces ahí \
      aquí muy también ya ha he han hay había como este pues eh
      """,
    questions: "qué quién quiénes dónde cuándo cómo cuánto cuánta cuántos cuál cuáles puedes puede podría es",
    negations: "no nunca jamás nada nadie ningún ninguna ninguno sin ni tampoco",
    requests: """
      escribe di dame traduce explica ignora repite crea haz muestra describe responde olvida cuenta calcula resume enumera
      """,
    refusals: [
      "lo siento pero", "no puedo ayudar", "no puedo ayudarte", "como ia", "como modelo de lenguaje",
    ])

  /// Those of a kind, of all languages: a text may be of several.
  static let function = union(\.function)
  static let questions = union(\.questions)
  static let negations = union(\.negations)
  static let requests = union(\.requests)
  static let refusals = all.values.flatMap(\.refusals)

  private static func union(_ kind: KeyPath<LanguageWords, Set<String>>) -> Set<String> {
    all.values.reduce(into: []) { $0.formUnion($1[keyPath: kind]) }
  }
}

/// The language of which `words` has most function words, and how many more than of the next one; nil for none.
func likelyLanguage(_ words: [String]) -> (code: String, lead: Int)? {
  let hits = LanguageWords.all.mapValues { language in words.count { language.function.contains($0) } }
  let best = hits.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
  guard let first = best.first, first.value > 0 else { return nil }
  return (first.key, first.value - best[1].value)
}
