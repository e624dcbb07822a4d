import CommandLine
import DictationTypes
import Pipeline
import TextOutput

extension Hotkeys {
  /// How long a command that starts or ends a recording waits for the display, in milliseconds: a display that hangs must
  /// neither cost the first words nor keep the microphone open. Where a key's repeat would end what the key has begun,
  /// one that is only slow gets some more.
  private static let patience = (most: 100, toggle: 1_000)

  /// The question what key started `request`, for the commands that people bind to keys. It is answered, unless the
  /// display takes too long and a recording is to start or to end.
  ///
  /// - Throws: `CommandFailure` 3 when it is a key's repeat: then the command does nothing.
  func key(
    of request: ControlRequest, whileRecording isRecording: Bool
  ) async throws(CommandFailure) -> HotkeyQuestion? {
    let needsMicrophone = ["record", "toggle", "stop", "cancel"].contains(request.command)
    let needsDisplay = request.command == "undo" || request.command == "last" && request.has("type")
    guard needsMicrophone || needsDisplay else { return nil }
    if request.has("hold"), request.has("toggle") {
      throw CommandFailure(.usage, "--hold and --toggle exclude each other: one ends at the key's release")
    }
    let question = ask(request.words, request.client, isHeld: request.has("hold"))
    let toggles = request.command == "toggle" || request.has("toggle")
    let patience = toggles && isRecording ? Self.patience.toggle : Self.patience.most
    _ = try await question.press(within: needsDisplay ? nil : patience)
    return question
  }
}

extension Commands {
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
