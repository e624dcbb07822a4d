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

  /// Puts a text into a window, and tells how and where; or holds it, when there is no window that may have it.
  ///
  /// Fails with kind `.output` when the window does not take it, or the focus moves away meanwhile.
  public func insert(
    _ insertion: Insertion, on address: DisplayAddress
  ) async throws(DictationError) -> InsertionOutcome {
    try await thread.perform(on: address, within: Self.patience.insertion) {
      connection throws(DictationError) in
      try Inserter(insertion, connection).insert()
    }
  }

  /// Takes back what was inserted last, as long as its window has the focus and nobody has pressed a key or pointer
  /// button since.
  ///
  /// Fails with kind `.output` when the application did not let it be removed; its text is then as it was.
  public func undo(on address: DisplayAddress) async throws(DictationError) -> UndoOutcome {
    try await thread.perform(on: address, within: Undo.patience) { connection throws(DictationError) in
      try Undo.run(connection)
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

  /// Runs `body` with the connection to `address`, for what does not take long.
  func perform<Value: Sendable>(
    on address: DisplayAddress, _ body: @escaping @Sendable (Connection) throws(DictationError) -> Value
  ) async throws(DictationError) -> Value {
    try await thread.perform(on: address, within: Self.patience.other, body)
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
