/// What the client asks of the daemon: one line on the control socket.
///
/// The line is `thoth1`, then fields, each behind a TAB and a letter: `c` the command's words, `o` an option
/// (`name=value`), `a` an argument, `e` a variable (`NAME=value`), `i` the text of
/// its input, `d` the number of an argument whose file comes as a descriptor with the line. `\`, TAB and newline in a field are written `\\`, `\t`, `\n`.
public struct ControlRequest: Sendable, Hashable {
  /// The command's words, such as `engine start`.
  public var command: String
  /// The options that were given; a switch has an empty value, the values of a repeated one are lines.
  public var options: [String: String]
  /// The positional arguments.
  public var arguments: [String]
  /// The variables the daemon needs from whoever asks: the display, the working folder, and `THOTH_*`.
  public var environment: [String: String]
  /// The text that it works on; nil: none.
  public var input: String?
  /// The arguments, by their numbers from 0, whose files the client has opened: their descriptors come with the line, in
  /// this order. Pipes are there for the client alone.
  public var opened: [Int] = []

  /// A request for `command`.
  public init(
    command: String, options: [String: String] = [:], arguments: [String] = [],
    environment: [String: String] = [:]
  ) {
    self.command = command
    self.options = options
    self.arguments = arguments
    self.environment = environment
  }

  private static let header = "thoth1"

  /// The line, with its newline.
  public var line: String {
    var fields = [Self.header, "c" + command]
    fields += options.sorted { $0.key < $1.key }.map { "o\($0.key)=\($0.value)" }
    fields += arguments.map { "a" + $0 }
    if let input { fields.append("i" + input) }
    fields += opened.map { "d\($0)" }
    fields += environment.sorted { $0.key < $1.key }.map { "e\($0.key)=\($0.value)" }
    return fields.map(Self.escape).joined(separator: "\t") + "\n"
  }

  /// The request written in `line` (without its newline); nil when it is none of this version.
  public init?(line: String) {
    var fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(Self.unescape)[...]
    guard fields.popFirst() == Self.header else { return nil }
    self.init(command: "")
    for field in fields {
      // By scalars: a letter and a combining mark behind it would be one character.
      let text = String(field.unicodeScalars.dropFirst())
      switch field.unicodeScalars.first {
      case "c": command = text
      case "a": arguments.append(text)
      case "o": Self.assign(text, to: &options)
      case "e": Self.assign(text, to: &environment)
      case "i": input = text
      case "d":
        guard let number = Int(text), arguments.indices.contains(number) else { return nil }
        opened.append(number)
      default: return nil
      }
    }
  }

  private static func assign(_ text: String, to table: inout [String: String]) {
    let parts = text.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    table[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
  }

  private static func escape(_ field: String) -> String {
    var escaped = ""
    for scalar in field.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\t": escaped += "\\t"
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func unescape(_ field: Substring) -> String {
    var text = ""
    var isEscaped = false
    for scalar in field.unicodeScalars {
      if isEscaped {
        text.unicodeScalars.append(scalar == "t" ? "\t" : scalar == "n" ? "\n" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension ControlRequest {
  /// The most descriptors that come with a request.
  public static let descriptorLimit = 64

  /// The variable that tells the umask of whoever asks, in octal digits.
  public static let umask = "THOTH_UMASK"

  /// The mode of a file that is made for whoever asks.
  public var newFileMode: UInt32 { 0o666 & ~mask }

  /// The mode of a folder that is made for whoever asks.
  public var newFolderMode: UInt32 { 0o777 & ~mask }

  private var mask: UInt32 { environment[Self.umask].flatMap { UInt32($0, radix: 8) } ?? 0o077 }

  /// The variable that tells how wide the terminal is on which progress can be shown; it is not set where there is none.
  public static let terminalWidth = "THOTH_TERMINAL"
}

/// One line of the daemon's answer.
public enum ControlReply: Sendable, Hashable {
  /// The request was understood, and is carried out from here on. Where even this did not come, nothing was done,
  /// and the request may be sent again.
  case begun
  /// A line for standard output.
  case output(String)
  /// A line for standard error.
  case message(String)
  /// How far it is: a line for the terminal, which the next one replaces.
  case progress(String)
  /// The end: the exit code.
  case exit(Int32)

  /// The lines, each with its newline: a text of several lines becomes several.
  public var lines: String {
    switch self {
    case .begun: "+\n"
    case .output(let text): Self.prefix(text, with: "1")
    case .message(let text): Self.prefix(text, with: "2")
    case .progress(let text): "3\(text)\n"
    case .exit(let code): "=\(code)\n"
    }
  }

  /// The reply written in `line` (without its newline); nil when it is none.
  public init?(line: Substring) {
    let text = String(line.unicodeScalars.dropFirst())
    switch line.unicodeScalars.first {
    case "+": self = .begun
    case "1": self = .output(text)
    case "2": self = .message(text)
    case "3": self = .progress(text)
    case "=":
      guard let code = Int32(text) else { return nil }
      self = .exit(code)
    default: return nil
    }
  }

  private static func prefix(_ text: String, with letter: String) -> String {
    // By scalars: CR LF is one character, and would not be split.
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { letter + String($0) + "\n" }.joined()
  }
}
