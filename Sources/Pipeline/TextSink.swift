public import DictationTypes
public import TextOutput

/// Where texts go on a display.
public protocol TextSink: Sendable {
  /// The window that has the focus; nil when none has.
  func focusedWindow(on display: DisplayAddress) async throws(DictationError) -> OutputTarget?
  /// Puts a text into a window, or holds it.
  func insert(
    _ insertion: Insertion, on display: DisplayAddress
  ) async throws(DictationError) -> InsertionOutcome
  /// The text of `source`; nil when there is none that anybody may know.
  func context(_ source: ContextSource, on display: DisplayAddress) async throws(DictationError) -> String?
  /// Takes back what was inserted last.
  func undo(on display: DisplayAddress) async throws(DictationError) -> UndoOutcome
  /// Puts `text`, sanitized, on the clipboard; what was put there.
  @discardableResult
  func setClipboard(_ text: String, on display: DisplayAddress) async throws(DictationError) -> OutputReport
}

extension X11Output: TextSink {}
