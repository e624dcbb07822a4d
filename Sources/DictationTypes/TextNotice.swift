/// The fields of a `guard` event: words of an engine that nobody can have said, and that were left out.
public struct GuardNotice: Sendable, Hashable, Codable {
  /// Why they cannot have been said.
  public enum What: String, Sendable, Codable, CaseIterable {
    /// Engines write them for silence and noise.
    case hallucination
    /// The same words again and again.
    case loop
    /// More than the speech could hold.
    case tail
    /// The words that the engine was told to expect.
    case echo
  }
  /// Why.
  public var what: What
  /// What was left out.
  public var text: String
  /// One sentence.
  public var message: String

  /// `text` was left out because of `what`.
  public init(_ what: What, text: String, message: String) {
    self.what = what
    self.text = text
    self.message = message
  }
}
