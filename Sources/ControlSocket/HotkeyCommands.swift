import CommandLine
import DictationTypes
import Pipeline
import TextOutput

extension Commands {
  /// The key that started `request`, for the commands that people bind to keys.
  ///
  /// - Throws: `CommandFailure` 3 when it is the key's repeat: then the command does nothing.
  func key(of request: ControlRequest) async throws(CommandFailure) -> HotkeyPress? {
    let isBound =
      ["record", "toggle", "stop", "cancel", "undo"].contains(request.command)
      || request.command == "last" && request.has("type")
    guard isBound else { return nil }
    if request.has("hold"), request.has("toggle") {
      throw CommandFailure(.usage, "--hold and --toggle exclude each other: one ends at the key's release")
    }
    let press = try await hotkeys.press(of: request.words, request.client, isHeld: request.has("hold"))
    return request.has("hold") ? press : nil
  }

  /// Takes back the last insertion.
  func undo(_ request: ControlRequest) async throws(CommandFailure) -> ExitCode {
    try await pipeline.undo(request.client)
    return .done
  }

  /// Prints bindings for the window manager that runs.
  func bindings(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) -> ExitCode {
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
