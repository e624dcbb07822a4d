public import DictationTypes

/// What a language model is asked to do with a text.
public struct Prompt: Sendable, Hashable {
  /// How much of the original has to be found in an answer.
  public enum Keeps: String, Sendable, CaseIterable {
    /// Nearly all words: the prompt corrects.
    case words
    /// Numbers, addresses, and what is asked or asked for: the prompt says the same in other words.
    case facts
    /// Nothing: the prompt shortens or translates. Numbers that nobody said are still none of an answer.
    case nothing
  }

  /// The language of an answer.
  public enum Language: String, Sendable, CaseIterable {
    /// That of the original.
    case same
    /// Any: the prompt translates.
    case any
  }

  /// The name by which it is chosen.
  public var name: String
  /// One line for a list.
  public var description = ""
  /// How freely the model chooses its words, from 0 to 2.
  public var temperature = 0.2
  /// The longest answer, as a multiple of the original's length.
  public var maxGrowth = 1.5
  /// What has to survive.
  public var keeps = Keeps.words
  /// The language of the answer.
  public var language = Language.same
  /// What `{context}` stands for. It is read only for a prompt that names it.
  public var context: ContextSource?
  /// The instructions, with `{text}` where the text belongs.
  public var body: String

  /// A prompt that corrects, as `body` says.
  public init(name: String, body: String) {
    self.name = name
    self.body = body
  }
}
