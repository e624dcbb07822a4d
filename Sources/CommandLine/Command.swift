/// One option of a command: `--name`, `--name VALUE`, or `--name[=VALUE]`.
public struct CommandOption: Sendable {
  /// The name without the dashes.
  public let name: String
  /// What stands for the value in help; nil for a switch.
  public let value: String?
  /// The value that is meant when none is given; nil: one has to be. When there is one, a value is given behind `=` only.
  public let implied: String?
  /// What it does, one line.
  public let summary: String
  /// The values that may be given; empty: any.
  public let allowed: [String]
  /// The letter of the short form `-L`, if it has one.
  public let letter: Character?
  /// Whether it may be given again and again, and all values count; otherwise the last does.
  public let isRepeated: Bool

  init(
    _ name: String, value: String? = nil, implied: String? = nil, allowed: [String] = [],
    letter: Character? = nil, repeated: Bool = false, _ summary: String
  ) {
    self.name = name
    self.value = value
    self.implied = implied
    self.summary = summary
    self.allowed = allowed
    self.letter = letter
    isRepeated = repeated
  }

  /// How it is written on the command line.
  var usage: String {
    (letter.map { "-\($0), " } ?? "") + "--\(name)"
      + (value.map { implied == nil ? " \($0)" : "[=\($0)]" } ?? "") + (isRepeated ? "…" : "")
  }
}

/// One positional argument of a command.
public struct CommandArgument: Sendable {
  /// What stands for it in help.
  public let name: String
  /// Whether it must be given.
  public let isRequired: Bool
  /// Whether it may be given again and again; only the last argument of a command.
  public let isRepeated: Bool

  init(_ name: String, required: Bool, repeated: Bool = false) {
    self.name = name
    isRequired = required
    isRepeated = repeated
  }
}

/// One command of the table, or a family of them.
public struct Command: Sendable {
  /// The word on the command line.
  public let name: String
  /// What it does, one line.
  public let summary: String
  /// More of it, for the command's own help.
  public let details: String
  /// The options, in the order of help. `--help` is understood everywhere.
  public let options: [CommandOption]
  /// The positional arguments, required ones first.
  public let arguments: [CommandArgument]
  /// An example of use.
  public let example: String
  /// The commands of a family. The command itself does something besides when it has options or arguments.
  public let subcommands: [Command]

  /// Whether it does something without one of its subcommands.
  var isRunnable: Bool { subcommands.isEmpty || !options.isEmpty || !arguments.isEmpty }

  init(
    _ name: String, _ summary: String, details: String = "", options: [CommandOption] = [],
    arguments: [CommandArgument] = [], example: String, subcommands: [Command] = []
  ) {
    self.name = name
    self.summary = summary
    self.details = details
    self.options = options
    self.arguments = arguments
    self.example = example
    self.subcommands = subcommands
  }
}
