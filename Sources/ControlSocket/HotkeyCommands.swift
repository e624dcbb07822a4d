import CommandLine
import DictationTypes
import Pipeline
import TextOutput

extension Commands {
  /// How long a recording waits for the display before it starts, in milliseconds: a display that hangs must not cost
  /// the first words.
  private static let patience = 100

  /// The question what key started `request`, for the commands that people bind to keys. It is answered, unless the
  /// display takes too long and a recording is to start.
  ///
  /// - Throws: `CommandFailure` 3 when it is a key's repeat: then the command does nothing.
  func key(of request: ControlRequest) async throws(CommandFailure) -> HotkeyQuestion? {
    let isBound =
      ["record", "toggle", "stop", "cancel", "undo"].contains(request.command)
      || request.command == "last" && request.has("type")
    guard isBound else { return nil }
    if request.has("hold"), request.has("toggle") {
      throw CommandFailure(.usage, "--hold and --toggle exclude each other: one ends at the key's release")
    }
    let question = hotkeys.ask(request.words, request.client, isHeld: request.has("hold"))
    var starts = request.command == "record" || request.command == "toggle"
    if starts { starts = await !pipeline.isRecording }
    _ = try await question.press(within: starts ? Self.patience : nil)
    return question
  }

  /// Takes back the last insertion.
  func undo(_ request: ControlRequest) async throws(CommandFailure) -> ExitCode {
    try await pipeline.undo(request.client)
    return .done
  }

  /// Prints bindings for the window manager that runs.
  func bindings(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) -> ExitCode
  {
    let guide = try await hotkeys.guide(request.client)
    connection.send(.output(request.has("json") ? json(guide) : guide.text))
    return .done
  }
}

extension ControlRequest {
  /// The command as it was typed, in a fixed order: two requests with the same are the same command.
  fileprivate var words: String {
    ([command] + options.sorted { $0.key < $1.key }.map { "--\($0.key)=\($0.value)" } + arguments)
      .joined(separator: " ")
  }
}
