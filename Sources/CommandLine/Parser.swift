/// What a command line asks for.
public enum Invocation: Sendable, Hashable {
  /// Print this text and end with 0.
  case print(String)
  /// Do this.
  case request(ControlRequest)
}

/// Whether `request` has the arguments that its command takes: it may come from another version's client.
public func isWellFormed(_ request: ControlRequest) -> Bool {
  var table = commandTable
  var found: Command?
  for word in request.command.split(separator: " ") {
    found = table.first { $0.name == word }
    table = found?.subcommands ?? []
  }
  guard let found, found.isRunnable else { return false }
  let least = found.arguments.count { $0.isRequired }
  return (least...found.mostArguments).contains(request.arguments.count)
}

/// A command line that is wrong: one sentence, with the way out.
public struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Reads a command line (without the program's name).
///
/// - Throws: `UsageError` for an unknown command or option, a missing or superfluous argument, a value that
///   is not among those allowed.
public func parse(_ words: [String]) throws(UsageError) -> Invocation {
  guard let first = words.first else {
    throw UsageError("there is no command: `thoth --help` lists them")
  }
  if ["--help", "-h", "help"].contains(first) && words.count == 1 { return .print(overallHelp()) }
  if first == "--version" { return .print("thoth \(thothVersion)") }
  let named = first == "help" ? Array(words.dropFirst()) + ["--help"] : words
  return try parse(named[...], in: commandTable, path: [])
}

private func parse(
  _ words: ArraySlice<String>, in table: [Command], path: [String]
) throws(UsageError) -> Invocation {
  let prefix = (["thoth"] + path).joined(separator: " ")
  guard let word = words.first, let command = table.first(where: { $0.name == word }) else {
    let what = words.first.map { "there is no command \"\($0)\"" } ?? "a command is missing"
    throw UsageError("\(what): `\(prefix) --help` lists them")
  }
  let rest = words.dropFirst()
  let path = path + [word]
  let name = path.joined(separator: " ")
  if let next = rest.first, !command.subcommands.isEmpty {
    if next == "--help" || next == "-h" { return .print(help(for: command, path: name)) }
    // A word that is no subcommand is an argument of the command itself, if it takes any.
    if !command.isRunnable || command.subcommands.contains(where: { $0.name == next }) {
      return try parse(rest, in: command.subcommands, path: path)
    }
  } else if !command.isRunnable {
    return try parse(rest, in: command.subcommands, path: path)
  }
  if asksForHelp(rest) { return .print(help(for: command, path: name)) }
  return .request(try readOptions(rest, of: command, path: path))
}

extension Command {
  /// How many arguments it takes at most.
  fileprivate var mostArguments: Int { arguments.last?.isRepeated == true ? .max : arguments.count }
}

private func asksForHelp(_ words: ArraySlice<String>) -> Bool {
  words.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
}

private func readOptions(
  _ words: ArraySlice<String>, of command: Command, path: [String]
) throws(UsageError) -> ControlRequest {
  let name = path.joined(separator: " ")
  var request = ControlRequest(command: name)
  var words = words
  var onlyArguments = false
  while let word = words.popFirst() {
    // No option begins with a digit: "-1s" is a value, if none that is taken.
    let isNumber = word.dropFirst().first?.isNumber == true
    if onlyArguments || word == "-" || isNumber || !word.hasPrefix("-") {
      request.arguments.append(word)
    } else if word == "--" {
      onlyArguments = true
    } else {
      try readOption(word, &words, of: command, name: name, into: &request)
    }
  }
  let required = command.arguments.filter(\.isRequired)
  if request.arguments.count < required.count {
    throw UsageError("\(required[request.arguments.count].name) is missing: see `thoth \(name) --help`")
  }
  if request.arguments.count > command.mostArguments {
    let extra = request.arguments[command.arguments.count]
    throw UsageError("\"\(extra)\" is too much: see `thoth \(name) --help`")
  }
  return request
}

private func readOption(
  _ word: String, _ words: inout ArraySlice<String>, of command: Command, name: String,
  into request: inout ControlRequest
) throws(UsageError) {
  let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
  guard
    let option = command.options.first(where: {
      "--" + $0.name == parts[0] || $0.letter.map { "-\($0)" } == parts[0]
    })
  else {
    throw UsageError("there is no option \(parts[0]): see `thoth \(name) --help`")
  }
  guard option.value != nil else {
    if parts.count > 1 { throw UsageError("--\(option.name) takes no value") }
    request.options[option.name] = ""
    return
  }
  guard let value = parts.count > 1 ? parts[1] : option.implied ?? words.popFirst(), !value.isEmpty else {
    throw UsageError("--\(option.name) needs a value: see `thoth \(name) --help`")
  }
  if !option.allowed.isEmpty && !option.allowed.contains(value) {
    throw UsageError("--\(option.name) is one of \(option.allowed.joined(separator: ", ")), not \"\(value)\"")
  }
  let earlier = option.isRepeated ? request.options[option.name] : nil
  request.options[option.name] = earlier.map { "\($0)\n\(value)" } ?? value
}
