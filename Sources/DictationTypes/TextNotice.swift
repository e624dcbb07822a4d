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

/// The fields of an `enhance` event.
public struct EnhanceNotice: Sendable, Hashable, Codable {
  /// What happened.
  public enum What: String, Sendable, Codable, CaseIterable {
    /// The language model could not be asked, or did not answer: the text goes on as it was.
    case failed
    /// Its answer is no edited text of what was said: the text goes on as it was.
    case rejected
    /// It has not answered in time: the text goes on as it was, and the answer to the history.
    case late
    /// The answer that was late has come: `thoth last` has it.
    case ready
  }
  /// What happened.
  public var what: What
  /// The name of the prompt.
  public var prompt: String
  /// Why an answer was rejected: `empty`, `length`, `language`, `refusal`, `answered`, `leak`, `format` or `changed`.
  public var reason: String?
  /// One sentence.
  public var message: String

  /// `what` happened with `prompt`.
  public init(_ what: What, prompt: String, reason: String? = nil, message: String) {
    self.what = what
    self.prompt = prompt
    self.reason = reason
    self.message = message
  }
}
