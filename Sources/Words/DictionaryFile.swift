public import DictationTypes

/// What is wrong with a dictionary, or with what is to be added to it: one sentence.
public struct DictionaryProblem: Error, Sendable, Hashable {
  /// The sentence, with the line if it is about one.
  public let message: String

  /// What `message` says, about `line` of a file.
  public init(_ message: String, line: Int? = nil) {
    self.message = (line.map { "line \($0): " } ?? "") + message
  }
}

/// The dictionary as CSV, with the columns `kind,name,text,options`:
///
///     kind,name,text,options
///     replace,post gress,PostgreSQL,case
///     term,Kubernetes,cube or netes|K8s,phonetic
///
/// A replacement has its options empty or `case`; of a term `text` has the aliases, with `|` between them, and `options` its
/// policy. Rows of two columns, as other tools export them, are replacements.
extension WordDictionary {
  /// The longest entry, in characters (Unicode scalars).
  public static let longestEntry = 200
  /// The most entries.
  public static let mostEntries = 20_000

  /// Reads a file.
  ///
  /// - Throws: `DictionaryProblem` with the line of the first mistake.
  public init(csv text: String) throws(DictionaryProblem) {
    self.init()
    for row in CSV.rows(text) {
      let fields = row.fields + Array(repeating: "", count: max(0, 4 - row.fields.count))
      let isHeader = row.line == 1 && ["kind", "from", "source"].contains(fields[0].lowercased())
      if isHeader { continue }
      do throws(DictionaryProblem) {
        switch (row.fields.count, fields[0]) {
        case (2, _): try set(Replacement(fields[0], fields[1]))
        case (3...4, "replace"):
          guard ["", "case"].contains(fields[3]) else {
            throw DictionaryProblem(
              "the options of a replacement are \"case\" or nothing, not \"\(fields[3])\"")
          }
          try set(Replacement(fields[1], fields[2], matchesCase: fields[3] == "case"))
        case (2...4, "term"):
          let aliases = fields[2].split(separator: "|").map { String($0) }
          try set(Term(fields[1], aliases: aliases, policy: try policy(fields[3])))
        default:
          throw DictionaryProblem(
            "it is neither replace,FROM,TO,OPTIONS nor term,NAME,ALIASES,POLICY nor FROM,TO, with commas between"
          )
        }
      } catch {
        throw DictionaryProblem(error.message, line: row.line)
      }
    }
  }

  /// The file.
  public var csv: String {
    CSV.line(["kind", "name", "text", "options"])
      + replacements.map { CSV.line(["replace", $0.from, $0.to, $0.matchesCase ? "case" : ""]) }.joined()
      + terms.map { CSV.line(["term", $0.name, $0.aliases.joined(separator: "|"), $0.policy.rawValue]) }
      .joined()
  }

  /// Adds a replacement, or changes the one for the same words.
  public mutating func set(_ replacement: Replacement) throws(DictionaryProblem) {
    try check(replacement.from, "what is replaced")
    guard replacement.from != replacement.to else {
      throw DictionaryProblem(
        "\"\(replacement.from)\" would be replaced by itself: `thoth dict term` makes a term of it")
    }
    if !replacement.to.isEmpty { try check(replacement.to, "what is put there", allowsBreaks: true) }
    replacements.removeAll { $0.from == replacement.from }
    try makeRoom()
    replacements.append(replacement)
  }

  /// Adds a term, or changes the one of the same name.
  public mutating func set(_ term: Term) throws(DictionaryProblem) {
    try check(term.name, "the name of a term")
    for alias in term.aliases { try check(alias, "an alias") }
    guard term.name.contains(where: { $0.isLetter || $0.isNumber }) else {
      throw DictionaryProblem("\"\(term.name)\" has no letter: a term is a word or a name")
    }
    terms.removeAll { $0.name == term.name }
    try makeRoom()
    terms.append(term)
  }

  /// Removes the terms and replacements that are called `name`; how many there were.
  public mutating func remove(_ name: String) -> Int {
    let count = terms.count + replacements.count
    terms.removeAll { $0.name == name }
    replacements.removeAll { $0.from == name }
    return count - terms.count - replacements.count
  }

  private func makeRoom() throws(DictionaryProblem) {
    guard terms.count + replacements.count < Self.mostEntries else {
      throw DictionaryProblem("a dictionary has at most \(Self.mostEntries) entries: remove some first")
    }
  }
}

private func policy(_ text: String) throws(DictionaryProblem) -> TermPolicy {
  if text.isEmpty { return .conservative }
  guard let policy = TermPolicy(rawValue: text) else {
    let names = TermPolicy.allCases.map(\.rawValue).joined(separator: ", ")
    throw DictionaryProblem("\"\(text)\" is no policy: there are \(names)")
  }
  return policy
}

private func check(_ text: String, _ what: String, allowsBreaks: Bool = false) throws(DictionaryProblem) {
  guard text.contains(where: { !$0.isWhitespace }) else {
    throw DictionaryProblem("\(what) is empty: say what it is")
  }
  guard text.first?.isWhitespace != true && text.last?.isWhitespace != true || allowsBreaks else {
    throw DictionaryProblem("\(what), \"\(text)\", has white space around it: leave it out")
  }
  guard text.unicodeScalars.count <= WordDictionary.longestEntry else {
    throw DictionaryProblem("\(what) is longer than \(WordDictionary.longestEntry) characters: shorten it")
  }
  let hasControl = text.unicodeScalars.contains {
    $0.properties.generalCategory == .control && !(allowsBreaks && ($0 == "\n" || $0 == "\t"))
  }
  guard !hasControl else { throw DictionaryProblem("\(what) has a control character in it: leave it out") }
}
