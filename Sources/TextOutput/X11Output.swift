public import DictationTypes
import Linux

/// Puts text into the window that has the focus, and owns the clipboard, on any number of X displays.
public final class X11Output: Sendable {
  /// Replaced when a server hangs.
  private let current: Lock<X11Thread>
  /// Looks which window has the focus, also while the other one inserts a text: which one it was at the stop cannot be
  /// found out later. Replaced too.
  private let looking: Lock<X11Thread>
  private let pasteLimits: PasteLimits

  /// How long a caller waits for an insertion, and for anything else, in seconds, while nothing gets on. Typing a long
  /// text into a slow window may take minutes.
  private static let patience = (insertion: 30, other: 5)

  private var thread: X11Thread { living(current) }

  private func living(_ place: Lock<X11Thread>) -> X11Thread {
    place.withLock { thread in
      if thread.isHung { thread = X11Thread(pasteLimits: pasteLimits) }
      return thread
    }
  }

  /// An output. Nothing starts: thread and connections come with the first use.
  public convenience init() { self.init(pasteLimits: PasteLimits()) }

  /// An output whose pastes may take more or less.
  init(pasteLimits: PasteLimits) {
    self.pasteLimits = pasteLimits
    current = Lock(X11Thread(pasteLimits: pasteLimits))
    looking = Lock(X11Thread(pasteLimits: pasteLimits))
  }

  deinit { shutDown() }

  /// The window that has the focus now, or nil when none has.
  public func focusedWindow(on address: DisplayAddress) async throws(DictationError) -> OutputTarget? {
    try await living(looking).perform(on: address, within: Self.patience.other) {
      connection throws(DictationError) in
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

  /// Undoes what a process of ours that was killed has left on the display: keys that are down, locks, group and
  /// controls that were to be restored, characters on spare keycodes. Where there is nothing of the kind, or another
  /// process that lives is typing, it changes nothing. The first use of a display does the same.
  public func recover(on address: DisplayAddress) async throws(DictationError) {
    try await thread.perform(on: address, within: Self.patience.other) { connection in
      _ = Journal.recover(connection)
    }
  }

  /// Puts `text` on the clipboard, where it stays until another program takes the clipboard; what was put there. It is
  /// pasted later, perhaps into a terminal: what is no text is left out of it here too, and its lines stay.
  @discardableResult
  public func setClipboard(
    _ text: String, on address: DisplayAddress
  ) async throws(DictationError) -> OutputReport {
    let clean = TextSanitizer.sanitized(text, newline: .enter)
    try await thread.perform(on: address, within: Self.patience.other) { connection throws(DictationError) in
      let content = SelectionContent(text: clean.text, connection.atoms)
      connection.restoration?.leave(connection.atoms.clipboard)
      try connection.selections.own(connection.atoms.clipboard, content, connection)
    }
    return OutputReport(method: .clipboard, clean)
  }

  /// The text of `source`, at most 4,000 characters of it; nil when there is none, and when it is
  /// marked as secret.
  public func context(_ source: ContextSource, on address: DisplayAddress) async throws(DictationError)
    -> String?
  {
    try await thread.perform(on: address, within: Self.patience.other) { connection throws(DictationError) in
      try connection.context(source)
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
  ///
  /// The clipboard gets back what it held before a paste. What we own of it is handed to the clipboard manager
  /// (the owner of `CLIPBOARD_MANAGER`), which has two seconds to take it; where none runs it is lost, as the
  /// clipboard of every program that ends.
  public func shutDown() {
    looking.withLock { $0 }.shutDown()
    current.withLock { $0 }.shutDown()
  }
}
