public import DictationTypes

/// Puts text into the window that has the focus, and owns the clipboard, on any number of X displays.
public final class X11Output: Sendable {
  private let thread = X11Thread()

  /// An output. Nothing starts: thread and connections come with the first use.
  public init() {}

  deinit { thread.shutDown() }

  /// The window that has the focus now, or nil when none has.
  public func focusedWindow(on address: DisplayAddress) async throws(DictationError) -> OutputTarget? {
    try await thread.perform(on: address) { connection throws(DictationError) in
      try connection.focusedWindow()
    }
  }

  /// Puts `text` into the window that has the focus now, and tells how and where.
  ///
  /// `target` is the window that had it when the recording stopped; it names the lost window when nothing has
  /// the focus now. Fails with kind `.output` when no window has the focus, or when it moves away meanwhile.
  public func insert(
    _ text: String, method: OutputMethod, on address: DisplayAddress, target: OutputTarget?
  ) async throws(DictationError) -> OutputReport {
    try await thread.perform(on: address) { connection throws(DictationError) in
      guard let window = try connection.focusedWindow() else {
        let name = target?.windowClass.map { " (\($0) had it when the recording stopped)" } ?? ""
        throw DictationError(.output, "no window has the focus\(name); focus one, then thoth last --type")
      }
      let scalars = TextSanitizer.scalars(of: text, for: window.traits.kind)
      try Typist.type(scalars, into: window, connection)
      return OutputReport(method: .type, windowClass: window.windowClass, chars: scalars.count)
    }
  }

  /// Ends the thread and closes the displays.
  public func shutDown() { thread.shutDown() }
}
