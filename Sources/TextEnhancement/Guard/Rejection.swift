/// Why an answer is no edited text of what was said.
public struct Rejection: Sendable, Hashable {
  /// The raw values are the `reason` of the `enhance` event.
  public enum Reason: String, Sendable, CaseIterable {
    /// There is no word in it.
    case empty
    /// It is longer than the prompt allows.
    case length
    /// It is in another language, or in another script.
    case language
    /// The model refuses.
    case refusal
    /// It answers or obeys the text.
    case answered
    /// It has the instructions in it.
    case leak
    /// It has code, remarks or tags around it that nobody said.
    case format
    /// Words, numbers or addresses are missing or others.
    case changed
  }

  /// Which of them.
  public var reason: Reason
  /// The same in a few words.
  public var detail: String

  init(_ reason: Reason, _ detail: String) {
    self.reason = reason
    self.detail = detail
  }
}
