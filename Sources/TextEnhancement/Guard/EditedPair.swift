/// A text and what a model has made of it. Each property is what is wrong with it in one way; nil: nothing.
struct EditedPair {
  let original: String
  let text: String
  let context: String
  let said: [String]
  let written: [String]
  let saidFacts: [String]
  let writtenFacts: [String]

  init(original: String, text: String, context: String) {
    self.original = original
    self.text = text
    self.context = context
    said = words(original)
    written = words(text)
    saidFacts = facts(original)
    writtenFacts = facts(text)
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
    let runs = { (words: [String]) in
      words.indices.dropLast(5).lazy.map { words[$0..<($0 + 6)].joined(separator: " ") }
    }
    let told = Set(runs(words(instructions)))
    let leaked = Set(runs(written).filter(told.contains)).subtracting(runs(said))
    let hasTag = ["<dictation", "</dictation", "<context", "</context"].contains {
      text.lowercased().contains($0) && !original.lowercased().contains($0)
    }
    return !leaked.isEmpty || hasTag ? Rejection(.leak, "it has the instructions in it") : nil
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
    let known = Set(saidFacts + facts(context))
    let words = Set(said)
    let spoken = spokenFigures(in: said)
    let isInvented = writtenFacts.filter { !known.contains($0) }.contains { fact in
      // "9:30" was said as nine thirty, "3rd" as third, and "info@thoth.org" as info at thoth dot org.
      !(isFigure(fact) && (hasSameDigits || figures(fact).allSatisfy(spoken.contains)))
        && !TextEnhancement.words(fact).allSatisfy(words.contains)
    }
    return !isInvented ? nil : Rejection(.changed, "it has a number or an address that nobody said")
  }

  /// What else `prompt` does not allow. A text that has all the words and no others is no refusal, whatever it says.
  func changes(_ prompt: Prompt) -> Rejection? {
    let rejection =
      (prompt.language == .same ? translation : nil) ?? wrapping ?? growth(prompt.longestText(of: original))
      ?? invention ?? losses(prompt.keeps)
    switch prompt.keeps {
    case .words: return rejection == nil ? nil : refusal ?? rejection
    case .facts, .nothing: return refusal ?? rejection
    }
  }

  private func losses(_ keeps: Prompt.Keeps) -> Rejection? {
    if keeps == .nothing { return nil }
    // Who only corrects leaves them in their order, too.
    let areKept =
      keeps == .words
      ? isSubsequence(saidFacts, of: writtenFacts) : Set(saidFacts).isSubset(of: writtenFacts)
    if !areKept, !hasSameDigits {
      return Rejection(.changed, "a number or an address is missing or another one")
    }
    if keeps == .facts, (Meaning(said).denials == 0) != (Meaning(written).denials == 0) {
      return Rejection(.changed, "it says the opposite")
    }
    return answered ?? (keeps == .words ? alterations ?? layout : strangeness)
  }

  /// "0 1 7 1" may become "0171".
  private var hasSameDigits: Bool {
    let digits = original.filter(\.isNumber)
    return !digits.isEmpty && digits == text.filter(\.isNumber)
      && (saidFacts + writtenFacts).allSatisfy { $0.allSatisfy(\.isNumber) }
  }

  /// A question or a request that is none any more.
  private var answered: Rejection? {
    let rejection = Rejection(.answered, "it answers instead of editing")
    if let first = written.first, answers.contains(first), !said.contains(first) { return rejection }
    if let first = said.first(where: { !fillers.contains($0) }), LanguageWords.requests.contains(first),
      !written.contains(where: { isForm($0, of: first) })
    {
      return rejection
    }
    return asks && !stillAsks ? rejection : nil
  }

  /// Whether the original is a question: by its mark, or by how it begins.
  private var asks: Bool {
    if original.contains("?") { return true }
    return said.first { !fillers.contains($0) }.map(LanguageWords.questions.contains) ?? false
  }

  private var stillAsks: Bool {
    text.contains("?") || written.contains { asking.contains($0) }
      || written.first.map { LanguageWords.questions.contains($0) && said.contains($0) } == true
  }

  /// Lines that have become one, or several, and signs of a list that are gone.
  private var layout: Rejection? {
    let shape = { (text: String) in
      text.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
        .map { $0.drop(while: \.isWhitespace).first.map { "-*•".contains($0) } ?? false }
    }
    return shape(original) == shape(text)
      ? nil : Rejection(.changed, "lines or the signs of a list are others")
  }

  /// For a prompt that only corrects: words that nobody said, words that are missing, and small ones that turn the
  /// meaning. Forms of a word are the same word.
  private var alterations: Rejection? {
    let newFacts = Set(writtenFacts).subtracting(saidFacts)
    let counts = written.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    // Numbers are compared as such: here they may be words on one side, and figures on the other.
    let difference = WordDifference(
      from: said.filter { !isNumber($0) }, to: written.filter { !isNumber($0) })
    if difference.new.joined().contains(where: isContent) || difference.new.contains(where: { $0.count > 5 })
    {
      return Rejection(.answered, "it has words that nobody said")
    }
    let hasNewAddress = newFacts.contains { !isFigure($0) }
    let isMissing = difference.lost.joined().contains { word in
      isContent(word) && !fillers.contains(word) && counts[word] == nil
        && !(hasNewAddress && signs.contains(word))
    }
    let rest = said.count - difference.lost.joined().count
    if isMissing || difference.lost.contains(where: { $0.count > 6 }) || 2 * rest < said.count {
      return Rejection(.changed, "words are missing")
    }
    let isGerman = likelyLanguage(said)?.code == "de"
    let names = names(in: original, isGerman: isGerman).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    let hasNames = names.allSatisfy { name, count in counts[name, default: 0] >= count }
    let isKept = Meaning(said).isKept(
      in: Meaning(written), isInFigures: newFacts.contains(where: isFigure) && !hasSameDigits)
    return hasNames && isKept ? nil : Rejection(.changed, "it says something else")
  }

  /// For a prompt that says the same in other words: some of the words have to be there still.
  private var strangeness: Rejection? {
    let content = said.filter(isContent)
    // Words that begin alike are taken for forms of one another: there may be thousands of them.
    let beginnings = Set(written.map { $0.prefix(5) })
    let kept = content.count { beginnings.contains($0.prefix(5)) }
    return 4 * kept < content.count ? Rejection(.answered, "it is about something else") : nil
  }
}

/// What is said for the signs of an address.
private let signs: Set<String> = [
  "at", "dot", "slash", "dash", "underscore", "punkt", "point", "punto", "arroba",
]

/// How models begin an answer that they were not asked for.
private let answers: Set<String> = [
  "yes", "no", "sure", "certainly", "of", "absolutely", "okay", "ja", "nein", "natürlich", "gerne", "oui",
  "non", "bien", "sí", "claro",
]

/// How they begin a remark.
private let remarks = [
  "note", "please note", "let me know", "i hope", "i have corrected", "i corrected", "ive corrected",
  "changes made", "explanation", "hinweis", "anmerkung", "remarque", "nota", "sure", "here is", "heres",
  "certainly",
  "of course",
]

/// Words by which a question in other words may still ask.
private let asking: Set<String> = [
  "wonder", "wondering", "ask", "asking", "know", "tell", "please", "question", "curious", "wissen", "frage",
  "bitte", "savoir", "demande", "saber", "pregunto",
]

/// Words that may be left out, and stand before the first word of a sentence.
private let fillers: Set<String> = [
  "um", "uh", "er", "ah", "hey", "so", "and", "okay", "ok", "well", "please", "ähm", "äh", "und", "bitte",
  "also", "know", "like", "basically", "actually", "literally", "kinda", "sorta", "just", "halt", "eben",
  "quasi", "euh", "enfin", "quoi", "pues", "bueno",
]

private func isContent(_ word: String) -> Bool {
  !LanguageWords.function.contains(word) && !LanguageWords.questions.contains(word)
}

/// The share of Latin letters among letters; 1 for a text without letters.
private func latinShare(_ text: String) -> Double {
  let letters = text.unicodeScalars.filter(\.properties.isAlphabetic)
  guard !letters.isEmpty else { return 1 }
  // Basic Latin to Latin Extended-B.
  return Double(letters.count { $0.value < 0x250 }) / Double(letters.count)
}
