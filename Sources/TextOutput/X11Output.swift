public import DictationTypes
import Linux

/// Puts text into the window that has the focus, and owns the clipboard, on any number of X displays.
public final class X11Output: Sendable {
  /// Replaced when a server hangs.
  private let current = Lock(X11Thread())

  /// How long a caller waits for an insertion, and for anything else, in seconds. Typing a long text into a slow
  /// window takes seconds.
  private static let patience = (insertion: 30, other: 5)

  private var thread: X11Thread {
    current.withLock { thread in
      if thread.isHung { thread = X11Thread() }
      return thread
    }
  }

  /// An output. Nothing starts: thread and connections come with the first use.
  public init() {}

  deinit { shutDown() }

  /// The window that has the focus now, or nil when none has.
  public func focusedWindow(on address: DisplayAddress) async throws(DictationError) -> OutputTarget? {
    try await thread.perform(on: address, within: Self.patience.other) { connection throws(DictationError) in
      try connection.focusedWindow()
    }
  }

  /// Puts `text` into the window that has the focus now, and tells how and where.
  ///
  /// `method` is `type`, `paste`, or `auto`: typed, but pasted where that is better. Half a second after
  /// a paste the clipboard gets back what it held. In a terminal newlines and tabs become spaces; control characters are never typed.
  /// `target` is the window that had the focus when the recording stopped; its name is in the message when no
  /// window has the focus now. Fails with kind `.output` then, or when the focus moves away meanwhile.
  public func insert(
    _ text: String, method: OutputMethod, on address: DisplayAddress, target: OutputTarget?
  ) async throws(DictationError) -> OutputReport {
    try await thread.perform(on: address, within: Self.patience.insertion) {
      connection throws(DictationError) in
      guard let window = try connection.focusedWindow() else {
        let name = target?.windowClass.map { " (\($0) had it when the recording stopped)" } ?? ""
        throw DictationError(.output, "no window has the focus\(name); focus one, then thoth last --type")
      }
      let scalars = TextSanitizer.scalars(of: text, for: window.traits.kind)
      var chosen = try InsertionPlan(scalars, into: window, connection).method(for: method)
      if chosen == .type {
        do throws(DictationError) {
          try Typist.type(scalars, into: window, connection)
        } catch {
          // Refused before the first key: the plan is another one now.
          chosen = try InsertionPlan(scalars, into: window, connection).method(for: method)
          guard connection.refusesKeys, chosen == .paste else { throw error }
        }
      }
      if chosen == .paste { try Paste.paste(scalars.text, into: window, connection) }
      return OutputReport(method: chosen, windowClass: window.windowClass, chars: scalars.count)
    }
  }

  /// Puts `text`, unchanged, on the clipboard, where it stays until another program takes the clipboard.
  public func setClipboard(_ text: String, on address: DisplayAddress) async throws(DictationError) {
    try await thread.perform(on: address, within: Self.patience.other) { connection throws(DictationError) in
      let content = SelectionContent(text: text, connection.atoms)
      connection.restoration?.leave(connection.atoms.clipboard)
      try connection.selections.own(connection.atoms.clipboard, content, connection)
    }
  }

  /// One line about the display, for people: server, extensions, keyboard layout. Throws when text cannot be
  /// inserted there, with the way out.
  public func check(_ address: DisplayAddress) async throws(DictationError) -> String {
    try await thread.perform(on: address, within: Self.patience.other) { connection throws(DictationError) in
      try connection.summary()
    }
  }

  /// Ends the thread and closes the displays.
  public func shutDown() { current.withLock { $0 }.shutDown() }
}
