/// What a language model may be told of where the person is.
public enum ContextSource: String, Sendable, CaseIterable {
  /// The text on the clipboard.
  case clipboard
  /// The text that is selected.
  case selection
  /// The title of the window that has the focus.
  case window
}
