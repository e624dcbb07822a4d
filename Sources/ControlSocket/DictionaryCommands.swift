import CommandLine
import Words
import DictationTypes
import Glibc
import Linux
import Pipeline

/// The `thoth dict` family.
extension Commands {
  func dictionary(_ request: ControlRequest, _ connection: Connection) throws(CommandFailure) -> ExitCode {
    do throws(DictionaryProblem) {
      switch request.command {
      case "dict add":
        let (from, to) = (request.arguments[0], request.arguments[1])
        let replacement = Replacement(from, to, matchesCase: request.has("case"))
        try words.change { words throws(DictionaryProblem) in try words.set(replacement) }
      case "dict term":
        let policy = request.options["policy"].flatMap(TermPolicy.init) ?? .conservative
        let aliases = (request.options["alias"] ?? "").split(separator: ",").map {
          String($0.trimming(while: \.isWhitespace))
        }
        if request.options["alias"]?.contains("|") == true {
          throw DictionaryProblem(
            "an alias cannot have a |, which stands between them in the file: leave it out")
        }
        let term = Term(request.arguments[0], aliases: aliases, policy: policy)
        try words.change { words throws(DictionaryProblem) in try words.set(term) }
      case "dict rm": try remove(request.arguments)
      case "dict import": connection.send(.output(try load(request)))
      case "dict list": list(request, connection)
      case "dict export": return try export(request, connection)
      default: throw DictionaryProblem(request.isUnknown.message)
      }
      return .done
    } catch {
      throw CommandFailure(.usage, error.message)
    }
  }

  private func list(_ request: ControlRequest, _ connection: Connection) {
    if let problem = words.problem { connection.send(.message("thoth: \(problem.message)")) }
    let known = words.words
    if request.has("json") {
      connection.send(.output(json(DictionaryLine(known))))
      return
    }
    for entry in known.replacements {
      connection.send(
        .output("\(entry.from.onOneLine) → \(entry.to.onOneLine)" + (entry.matchesCase ? "  (case)" : "")))
    }
    for term in known.terms {
      let aliases = term.aliases.isEmpty ? "" : ", also \(term.aliases.joined(separator: ", "))"
      connection.send(.output("\(term.name)  (\(term.policy.rawValue)\(aliases))"))
    }
    if known == WordDictionary() {
      connection.send(.message("thoth: the dictionary is empty: `thoth dict term NAME` adds a name"))
    }
  }

  private func remove(_ names: [String]) throws(DictionaryProblem) {
    try words.change { words throws(DictionaryProblem) in
      for name in names where words.remove(name) == 0 {
        throw DictionaryProblem("there is no \"\(name)\" in the dictionary: `thoth dict list` shows it")
      }
    }
  }

  private func load(_ request: ControlRequest) throws(DictionaryProblem) -> String {
    let name = request.arguments[0] == "-" ? "standard input" : request.arguments[0]
    let added: WordDictionary
    do throws(DictionaryProblem) { added = try WordDictionary(csv: request.input ?? "") } catch {
      throw DictionaryProblem("\(name), \(error.message)")
    }
    try words.change { words throws(DictionaryProblem) in
      for replacement in added.replacements { try words.set(replacement) }
      for term in added.terms { try words.set(term) }
    }
    return "read: \(counted(added.replacements.count, "replacement")), \(counted(added.terms.count, "term"))"
  }

  private func export(_ request: ControlRequest, _ connection: Connection) throws(DictionaryProblem)
    -> ExitCode
  {
    let text = words.words.csv
    guard let path = request.path("file") else {
      // A line ends by itself.
      connection.send(.output(String(text.dropLast())))
      return .done
    }
    if access(path, F_OK) == 0 && !request.has("force") {
      throw DictionaryProblem("\(path) exists: name another file, or add --force")
    }
    guard replaceFile(path, with: Array(text.utf8), mode: 0o644) else {
      throw DictionaryProblem("\(path) cannot be written: \(systemError())")
    }
    connection.send(.output(path))
    return .done
  }
}

/// The dictionary as scripts see it.
private struct DictionaryLine: Encodable {
  struct Entry: Encodable {
    let from: String
    let to: String
    let matchesCase: Bool
  }
  struct Name: Encodable {
    let name: String
    let aliases: [String]
    let policy: String
  }
  let replacements: [Entry]
  let terms: [Name]

  init(_ words: WordDictionary) {
    replacements = words.replacements.map { Entry(from: $0.from, to: $0.to, matchesCase: $0.matchesCase) }
    terms = words.terms.map { Name(name: $0.name, aliases: $0.aliases, policy: $0.policy.rawValue) }
  }
}

private func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }

extension String {
  /// For a list: nothing is seen to be nothing, and a line break to be one.
  fileprivate var onOneLine: String { isEmpty ? "(nothing)" : replacing("\n", with: "\\n") }
}

extension Substring {
  fileprivate func trimming(while isDropped: (Character) -> Bool) -> Substring {
    var rest = drop(while: isDropped)
    while let last = rest.last, isDropped(last) { rest.removeLast() }
    return rest
  }
}
