extension Prompt {
  /// The most Unicode scalars that an edited `text` may have. A short one needs room for a stop and a capital.
  func longestText(of text: String) -> Int { Int(Double(text.unicodeScalars.count) * maxGrowth) + 40 }

  /// The same of an answer, which may have an introduction, tags and quotes around the text.
  func longestAnswer(to text: String) -> Int { longestText(of: text) + 200 }
}

/// Judges whether `answer` is `original`, edited as `prompt` asks: pure, total, and strict in doubt, since what was said
/// is there anyway. `messages` is what the model was told, `context` what it was told besides.
func judge(
  _ answer: String, of original: String, by prompt: Prompt, _ messages: ChatMessages, context: String? = nil
) -> EditOutcome {
  let text = unwrapped(answer, original: original)
  let pair = EditedPair(original: original, text: text, context: context ?? "")
  let rejection =
    pair.emptiness ?? pair.refusal ?? pair.leak(of: messages.instructions)
    ?? (prompt.language == .same ? pair.translation : nil) ?? pair.wrapping
    ?? pair.growth(prompt.longestText(of: original)) ?? pair.invention ?? pair.losses(prompt.keeps)
  return rejection.map(EditOutcome.rejected) ?? .edited(text)
}

/// A text and what a model has made of it. Each property is what is wrong with it in one way; nil: nothing.
private struct EditedPair {
  let original: String
  let text: String
  let context: String
  let said: [String]
  let written: [String]

  init(original: String, text: String, context: String) {
    self.original = original
    self.text = text
    self.context = context
    said = words(original)
    written = words(text)
  }

  var emptiness: Rejection? { written.isEmpty ? Rejection(.empty, "there is no word in it") : nil }

  func growth(_ limit: Int) -> Rejection? {
    text.unicodeScalars.count > limit ? Rejection(.length, "it is longer than the prompt allows") : nil
  }

  /// A refusal stands at the beginning, where nobody said one.
  var refusal: Rejection? {
    let start = written.prefix(14).joined(separator: " ")
    let said = said.joined(separator: " ")
    let refuses = LanguageWords.refusals.contains { start.contains($0) && !said.contains($0) }
    return refuses ? Rejection(.refusal, "the model refuses") : nil
  }

  /// Six words in a row of the instructions that nobody said, or the tags around the text.
  func leak(of instructions: String) -> Rejection? {
    let told = words(instructions)
    let answer = " " + written.joined(separator: " ") + " "
    let said = " " + said.joined(separator: " ") + " "
    let runs = told.indices.dropLast(5).map { " " + told[$0..<($0 + 6)].joined(separator: " ") + " " }
    let hasRun = runs.contains { answer.contains($0) && !said.contains($0) }
    let hasTag = ["<dictation", "</dictation", "<context", "</context"].contains {
      text.lowercased().contains($0) && !original.lowercased().contains($0)
    }
    return hasRun || hasTag ? Rejection(.leak, "it has the instructions in it") : nil
  }

  /// Another script, or clearly another language.
  var translation: Rejection? {
    let rejection = Rejection(.language, "it is in another language")
    if abs(latinShare(original) - latinShare(text)) > 0.5 { return rejection }
    guard let before = likelyLanguage(said), let after = likelyLanguage(written), before.code != after.code,
      before.lead >= 2, after.lead >= 2
    else { return nil }
    return rejection
  }

  /// Fences, remarks and headings that nobody said.
  var wrapping: Rejection? {
    let rejection = Rejection(.format, "it has more around it than was said")
    if text.contains("```"), !original.contains("```") { return rejection }
    if text.hasPrefix("#") && !original.hasPrefix("#") { return rejection }
    let lines = text.split(whereSeparator: \.isNewline)
    guard lines.count > 1, let last = lines.last, let first = lines.first else { return nil }
    let remark = words(String(last)).prefix(4).joined(separator: " ")
    let isRemark =
      remarks.contains { remark.hasPrefix($0) } && !self.said.joined(separator: " ").contains(remark)
    let isIntroduced =
      first.hasSuffix(":") && remarks.contains { words(String(first)).joined(separator: " ").hasPrefix($0) }
    return isRemark || isIntroduced ? rejection : nil
  }

  /// Figures and addresses that nobody said. Numbers that were said as words may be written in figures.
  var invention: Rejection? {
    let known = facts(original).union(facts(context))
    let spoken = spokenFigures(in: said)
    let isInvented = facts(text).subtracting(known).contains { fact in
      // "9:30" was said as nine thirty, and "3rd" as third.
      !isFigure(fact) || !figures(fact).allSatisfy(spoken.contains)
    }
    return !isInvented ? nil : Rejection(.changed, "it has a number or an address that nobody said")
  }

  func losses(_ keeps: Prompt.Keeps) -> Rejection? {
    if keeps == .nothing { return nil }
    if !facts(original).isSubset(of: facts(text)) {
      return Rejection(.changed, "a number or an address is missing or another one")
    }
    if denies(said) != denies(written) { return Rejection(.changed, "it says the opposite") }
    return answered ?? (keeps == .words ? changes : strangeness)
  }

  /// A question or a request that is none any more.
  private var answered: Rejection? {
    let rejection = Rejection(.answered, "it answers instead of editing")
    if let first = written.first, answers.contains(first), !said.contains(first) { return rejection }
    if let first = said.first(where: { !LanguageWords.isFiller($0) }), LanguageWords.requests.contains(first),
      !written.contains(where: { isForm($0, of: first) })
    {
      return rejection
    }
    return asks && !stillAsks ? rejection : nil
  }

  /// Whether the original is a question: by its mark, or by how it begins.
  private var asks: Bool {
    if original.contains("?") { return true }
    return said.first { !LanguageWords.isFiller($0) }.map(LanguageWords.questions.contains) ?? false
  }

  private var stillAsks: Bool {
    text.contains("?") || written.contains { asking.contains($0) }
      || written.first.map { LanguageWords.questions.contains($0) && said.contains($0) } == true
  }

  /// For a prompt that only corrects: words that nobody said, and words that are missing.
  private var changes: Rejection? {
    // Where number words have become figures both have been compared as such.
    let hasNewFigures = !facts(text).isSubset(of: facts(original))
    let said = hasNewFigures ? said.filter { !isNumber($0) } : said
    let difference = WordDifference(
      from: said, to: hasNewFigures ? written.filter { !isNumber($0) } : written)
    let content = said.count { isContent($0) }
    let new = difference.new.joined().count { isContent($0) }
    let lost = difference.lost.joined().count { isContent($0) }
    // A question has no room for a word of its answer.
    let most = asks ? 0 : max(1, content / 7)
    if new > most || difference.new.contains(where: { $0.count > 5 }) {
      return Rejection(.answered, "it has words that nobody said")
    }
    if lost > max(1, content / 4) || difference.lost.contains(where: { $0.count > 6 }) {
      return Rejection(.changed, "words are missing")
    }
    // Even a text of function words alone has to be the same text.
    let same = said.count - difference.lost.joined().count
    return 2 * same < said.count ? Rejection(.changed, "it is another text") : nil
  }

  /// For a prompt that says the same in other words: some of the words have to be there still.
  private var strangeness: Rejection? {
    let content = said.filter(isContent)
    let kept = content.count { word in written.contains { isForm($0, of: word) } }
    return 4 * kept < content.count ? Rejection(.answered, "it is about something else") : nil
  }
}

/// How models begin an answer that they were not asked for.
private let answers: Set<String> = [
  "yes", "no", "sure", "certainly", "of", "absolutely", "okay", "ja", "nein", "natürlich", "gerne", "oui",
  "non", "bien",
  "sí", "claro",
]

/// How they begin a remark.
private let remarks = [
  "note", "please note", "let me know", "i hope", "i have corrected", "i corrected", "ive corrected",
  "changes made",
  "explanation", "hinweis", "anmerkung", "remarque", "nota", "sure", "here is", "heres", "certainly",
  "of course",
]

/// Words by which a question in other words may still ask.
private let asking: Set<String> = [
  "wonder", "wondering", "ask", "asking", "know", "tell", "please", "question", "curious", "wissen", "frage",
  "bitte",
  "savoir", "demande", "saber", "pregunto",
]

extension LanguageWords {
  /// Whether a word may stand before the first word of a sentence.
  fileprivate static func isFiller(_ word: String) -> Bool {
    [
      "um", "uh", "er", "ah", "hey", "so", "and", "okay", "ok", "well", "please", "ähm", "äh", "und", "bitte",
      "also",
    ]
    .contains(word)
  }
}

private func isContent(_ word: String) -> Bool { !LanguageWords.function.contains(word) }

private func denies(_ words: [String]) -> Bool { words.contains { LanguageWords.negations.contains($0) } }

private func isFigure(_ fact: String) -> Bool {
  fact.contains { $0.isNumber } && !fact.contains("@") && !fact.contains("/")
}

private func isNumber(_ word: String) -> Bool { word.contains(where: \.isNumber) || numberValue(word) != nil }

/// The runs of digits in a figure, without zeros before them; the groups of a long number are one run.
private func figures(_ fact: String) -> [String] {
  fact.filter { $0 != "," }.split { !$0.isNumber }.map { run in
    let digits = run.drop { $0 == "0" }
    return digits.isEmpty ? "0" : String(digits)
  }
}

/// The figures, links and addresses of a text, without the punctuation around them.
private func facts(_ text: String) -> Set<String> {
  let marks: Set<Character> = [
    ".", ",", ";", ":", "!", "?", "\"", "'", "(", ")", "[", "]", "“", "”", "„", "«", "»", "…", "`", "*",
  ]
  return Set(
    text.lowercased().split(whereSeparator: \.isWhitespace).compactMap { piece in
      guard piece.contains("@") || piece.contains("://") || piece.contains(where: \.isNumber) else {
        return nil
      }
      var bare = piece.drop { marks.contains($0) }
      while let last = bare.last, marks.contains(last) { bare.removeLast() }
      return String(bare)
    })
}

/// The share of Latin letters among letters; 1 for a text without letters.
private func latinShare(_ text: String) -> Double {
  let letters = text.unicodeScalars.filter(\.properties.isAlphabetic)
  guard !letters.isEmpty else { return 1 }
  // Basic Latin to Latin Extended-B.
  return Double(letters.count { $0.value < 0x250 }) / Double(letters.count)
}
