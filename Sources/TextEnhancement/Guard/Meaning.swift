/// What of a text an editor that only corrects must leave as it is, though it hides in small words: each is compared
/// between the original and the answer.
struct Meaning: Sendable, Hashable {
  /// How often it denies.
  let denials: Int
  /// Words that turn a statement when they are put for each other, such as before and after: how often each stands there.
  let turns: [String: Int]
  /// Men and women, in their order.
  let genders: [Character]
  /// Whether it speaks of I, of you, and of we.
  let persons: Set<String>
  /// Weekdays and months, in their order: "Tuesday" and "Thursday" are written almost alike.
  let dates: [String]
  /// The values of number words, in their order. The same one twice in a row counts once: it was said twice by mistake.
  let numbers: [Int]

  /// What is in `words` (in lower case, without apostrophes).
  init(_ words: [String]) {
    denials = words.count { LanguageWords.negations.contains($0) }
    turns = words.filter(turning.contains).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    genders = words.compactMap { masculine.contains($0) ? "m" : feminine.contains($0) ? "f" : nil }
    // "You know" and "I mean" speak of nobody, and may be left out.
    let phrases = [["you", "know"], ["i", "mean"]]
    persons = Set(
      words.indices.compactMap { index in
        phrases.contains { words[index...].starts(with: $0) } ? nil : personOf[words[index]]
      })
    dates = words.filter(calendar.contains)
    numbers = words.compactMap(numberValue).filter { $0 > 1 }.reduce(into: []) { values, value in
      if values.last != value { values.append(value) }
    }
  }

  /// Whether the text of `answer` says the same as that of this one. `isInFigures`: it has figures for number words.
  func isKept(in answer: Meaning, isInFigures: Bool) -> Bool {
    let hasNumbers = isInFigures ? isSubsequence(answer.numbers, of: numbers) : answer.numbers == numbers
    return denials == answer.denials && turns == answer.turns && genders == answer.genders
      && persons == answer.persons && dates == answer.dates && hasNumbers
  }
}

private func set(_ list: String) -> Set<String> { Set(list.split(separator: " ").map(String.init)) }

private let turning = set(
  """
  before after until since unless or above below under more less always sometimes today tomorrow yesterday somebody \
  everybody anybody only both all some off out up down may must should will would cannot vor nach bis seit oder über unter mehr weniger immer heute morgen gestern jemand jeder nur \
  beide alle darf muss soll aus avant après depuis plus moins toujours demain hier quelquun seulement antes después hasta desde más menos \
  siempre hoy mañana ayer alguien solo
  """)

private let personOf: [String: String] = {
  let groups = [
    ("I", "i im ive id ill me my mine myself ich mich mir mein meine je moi mon ma mes yo mí mi"),
    (
      "you",
      "you youre youve youd youll your yours yourself u du dich dir dein deine tu te toi ton tes tú ti usted"
    ),
    ("we", "we weve us our ours ourselves wir uns unser unsere nous notre nos nosotros nuestro nuestra"),
  ]
  return Dictionary(
    groups.flatMap { person, words in words.split(separator: " ").map { (String($0), person) } },
    uniquingKeysWith: { first, _ in first })
}()

/// Without May, which is also a verb.
private let calendar = set(
  """
  monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october \
  november december montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar februar märz april juni \
  juli oktober dezember lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril juin juillet août \
  septembre octobre novembre décembre lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril junio \
  julio agosto septiembre octubre noviembre diciembre
  """)

private let masculine = set("he him his mister mr sir er ihm ihn herr herrn il lui monsieur él señor")
private let feminine = set(
  "she her hers miss mrs ms madam frau elle madame mademoiselle ella señora señorita")

/// English verbs whose forms do not look alike (Quirk and others, A Comprehensive Grammar of the English Language, 1985,
/// section 3.11 and following, the common ones).
let irregularForms: [String: Int] = {
  let groups = """
    go goes went gone|tell told|say said|see saw seen|buy bought|bring brought|think thought|teach taught|catch caught|\
    seek sought|fight fought|take took taken|make made|come came|give gave given|get got gotten|know knew known|find found|\
    leave left|feel felt|keep kept|sleep slept|meet met|read|run ran|sit sat|stand stood|write wrote written|eat ate eaten|\
    drive drove driven|speak spoke spoken|break broke broken|choose chose chosen|wear wore worn|tear tore torn|\
    sell sold|hear heard|hold held|lose lost|mean meant|pay paid|send sent|spend spent|build built|win won|\
    begin began begun|drink drank drunk|sing sang sung|swim swam swum|fly flew flown|grow grew grown|throw threw thrown|\
    draw drew drawn|fall fell fallen|feed fed|lead led|lie lay lain|rise rose risen|ride rode ridden|shake shook shaken|\
    forget forgot forgotten|bite bit bitten|hide hid hidden|understand understood|man men|woman women|child children|\
    foot feet|tooth teeth|mouse mice|person people|good better best|bad worse worst|whether if|doctor dr|mister mr|professor prof|misses mrs|u you|gonna going|wanna want|gotta got
    """
  let pairs = groups.split(separator: "|").enumerated().flatMap { number, group in
    group.split(separator: " ").map { (String($0), number) }
  }
  return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
}()

private let firstPerson = set("i im ill id ive")

/// The names in a text: words with a capital that do not begin a sentence, in lower case. In German every noun has one, and
/// there they tell nothing.
func names(in text: String, isGerman: Bool) -> [String] {
  if isGerman { return [] }
  var isStart = true
  var found: [String] = []
  for piece in text.split(whereSeparator: \.isWhitespace) {
    let isName = !isStart && piece.first { $0.isLetter || $0.isNumber }?.isUppercase == true
    if isName { found += words(String(piece)).filter { !firstPerson.contains($0) } }
    isStart = piece.last.map { ".?!:\"”«".contains($0) } ?? false
  }
  return found
}
