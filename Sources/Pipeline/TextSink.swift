public import DictationTypes
public import TextOutput

/// Where texts go on a display.
public protocol TextSink: Sendable {
  /// The window that has the focus; nil when none has.
  func focusedWindow(on display: DisplayAddress) async throws(DictationError) -> OutputTarget?
  /// Puts `text` into the focused window.
  func insert(
    _ text: String, method: OutputMethod, on display: DisplayAddress, target: OutputTarget?
  ) async throws(DictationError) -> OutputReport
  /// Puts `text` on the clipboard.
  func setClipboard(_ text: String, on display: DisplayAddress) async throws(DictationError)
}

extension X11Output: TextSink {}
