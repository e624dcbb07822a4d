/// The version of thoth.
public let thothVersion = "0.1.0"

/// The text of `thoth --help`.
public func overallHelp() -> String {
  let names = commandTable.map { command in
    (command.name + command.arguments.map(\.usage).joined(), command.summary)
  }
  return """
    thoth: dictation for the Linux desktop. Press a key, speak, and the words stand at the cursor.

    Usage: thoth COMMAND [OPTIONS]

    Commands:
    \(columns(names))

    Start here:
      thoth engine install     once: the speech engine, no account needed
      thoth toggle             bind it to a key: press, speak, press
      thoth doctor             when something does not work

    `thoth COMMAND --help` tells more. Exit codes: 0 done, 1 internal error, 2 usage, 3 not now,
    4 no speech, 5 engine or network failed, 6 not configured, 7 output failed, 8 no daemon,
    9 some of several failed, 130 cancelled.
    """
}

/// The text of `thoth COMMAND --help`; `path` is the command's words, such as `engine install`.
public func help(for command: Command, path: String) -> String {
  var parts = ["\(path): \(command.summary)"]
  var usage: [String] = []
  if command.isRunnable {
    let options = command.options.isEmpty ? "" : " [OPTIONS]"
    usage.append("thoth \(path)\(command.arguments.map(\.usage).joined())\(options)")
  }
  if !command.subcommands.isEmpty { usage.append("thoth \(path) COMMAND") }
  parts.append("Usage: " + usage.joined(separator: "\n       "))
  if !command.subcommands.isEmpty {
    let rows = command.subcommands.map { ($0.name + $0.arguments.map(\.usage).joined(), $0.summary) }
    parts.append("Commands:\n" + columns(rows))
  }
  if !command.details.isEmpty { parts.append(command.details) }
  if command.isRunnable {
    let options = command.options.map { ($0.usage, $0.summary) }
    parts.append("Options:\n" + columns(options + [("--help", "print this")]))
  }
  parts.append("Example:\n  \(command.example)")
  return parts.joined(separator: "\n\n")
}

extension CommandArgument {
  fileprivate var usage: String { (isRequired ? " \(name)" : " [\(name)]") + (isRepeated ? "…" : "") }
}

private func columns(_ rows: [(String, String)]) -> String {
  let width = rows.map(\.0.count).max() ?? 0
  return rows.map { left, right in
    "  \(left)\(String(repeating: " ", count: width - left.count + 3))\(right)"
  }.joined(separator: "\n")
}
