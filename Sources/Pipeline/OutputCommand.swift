import DictationTypes
import Linux
import TextOutput

/// The user's own way to output a text: a shell command that takes it on standard input, as for Wayland (`wtype -`).
struct OutputCommand {
  /// The line, as the shell gets it.
  let line: String

  /// How long it may take for `count` characters, in milliseconds. wtype 0.4 takes 6 ms for one, and ydotool pauses for
  /// 12 ms between two unless told otherwise.
  static func patience(for count: Int = 0) -> Int { 30_000 + 50 * count }

  /// What to say when there is none.
  static let missing =
    "output.command is not set: `thoth config set output.command 'wtype -'` names a command that takes the text"

  /// The variables that tell a session from another: a command gets the client's, and none of the daemon's.
  static let sessionVariables = [
    "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP",
  ]

  /// Hands it `text`, in the session of `client`, and waits for its end. The text is never an argument, which other users
  /// of the machine could read.
  ///
  /// - Throws: `DictationError` of kind `output` when it fails, does not take all of the text, or takes too long.
  func put(_ text: String, for client: ClientContext) async throws(DictationError) -> OutputReport {
    let clean = TextSanitizer.sanitized(text, newline: .enter)
    let (line, environment) = (line, environment(for: client))
    let (limit, cancellation) = (Self.patience(for: clean.scalars.count), WakeEvent())
    let problem = await withTaskCancellationHandler {
      await onThread("output-command") {
        let run = ShellCommand.run(
          line, input: Array(clean.text.utf8), environment: environment, within: limit,
          cancellation: cancellation)
        return run.map { Self.problem(with: $0.end, $0.complaint, limit) }
          ?? "cannot be run: \(systemError())"
      }
    } onCancel: {
      cancellation.signal()
    }
    if let problem { throw DictationError(.output, "the output command \"\(line)\" \(problem)") }
    return OutputReport(method: .command, clean)
  }

  /// What went wrong; nil when nothing did. What a command complains about is data too.
  private static func problem(with end: ShellCommand.End, _ complaint: [UInt8], _ limit: Int) -> String? {
    switch end {
    case .ended(0, true): return nil
    case .ended(0, false): return "did not read the whole text"
    case .late: return "took over \(limit / 1_000) s and was ended"
    case .cancelled: return "was cancelled"
    case .ended(let code, _):
      let words = TextSanitizer.sanitized(String(decoding: complaint, as: UTF8.self), newline: .space).text
      return "ended with \(code)" + (words.isEmpty ? "" : ": \(words.prefix(200))")
    }
  }

  private func environment(for client: ClientContext) -> [String: String] {
    var variables = currentEnvironment()
    for name in Self.sessionVariables { variables[name] = client.environment[name] }
    return variables
  }
}

extension OutputMethod {
  /// The way that is taken: in a Wayland session `auto` is the output command, when there is one.
  func inSession(of client: ClientContext, hasCommand: Bool) -> OutputMethod {
    self == .auto && client.isWayland && hasCommand ? .command : self
  }
}
