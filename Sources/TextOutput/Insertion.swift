public import DictationTypes

/// A text on its way into a window, and how it is to get there.
public struct Insertion: Sendable, Hashable {
  /// The text, as it was recognized: nothing in it is a command.
  public var text: String
  /// `type`, `paste`, or `auto`: what is better for the window and the text.
  public var method = OutputMethod.auto
  /// Into which window it goes.
  public var policy = TargetPolicy.focus
  /// The window that had the focus when the recording stopped.
  public var origin: OutputTarget?
  /// What is different for some windows; the first that matches counts.
  public var profiles: [Profile] = []
  /// What stands between this text and the one before.
  public var append = AppendStyle.none
  /// Whether the clipboard gets back what it held before a paste.
  public var restoresClipboard = true
  /// Whether Return is pressed when the text is there.
  public var submits = false

  /// The dictation it belongs to: an undo names it.
  public var job: JobID?

  /// An insertion of `text` into whatever has the focus.
  public init(_ text: String) { self.text = text }
}

/// What came of an insertion.
public enum InsertionOutcome: Sendable, Hashable {
  /// The text is in the window.
  case inserted(OutputReport)
  /// Nothing was typed or pasted: why, and how to get the text, in one sentence.
  case held(String)
}
