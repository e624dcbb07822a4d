/// What an engine heard in one piece of audio.
public struct Transcript: Sendable, Hashable, Codable {
  /// The words, as the engine wrote them, without those that nobody can have said.
  public var text: String
  /// All that the engine wrote, when something of it was left out; nil: `text`.
  public var rawText: String?
  /// What was left out of it.
  public var leftOut: [GuardNotice] = []
  /// The language as an ISO 639-1 code, when the engine told it.
  public var language: String?
  /// The name of the engine's configuration section.
  public var engine: String
  /// The model that was asked for.
  public var model: String
  /// Its words with their times, in their order, where the engine tells them.
  public var words: [TimedWord]?

  /// A transcript of `text` by `model` of `engine`.
  public init(text: String, language: String? = nil, engine: String, model: String) {
    self.text = text
    self.language = language
    self.engine = engine
    self.model = model
  }
}

/// One word, and when it was said.
public struct TimedWord: Sendable, Hashable, Codable {
  /// The word as written, with the punctuation that belongs to it, without white space around it.
  public var word: String
  /// When it begins, in milliseconds from the beginning of the recording.
  public var start: Int
  /// When it ends, in milliseconds from the beginning of the recording.
  public var end: Int
  /// Whether a paragraph ends behind it; nil: it does not.
  public var endsParagraph: Bool?

  /// A word said from `start` to `end`.
  public init(_ word: String, start: Int, end: Int) {
    self.word = word
    self.start = start
    self.end = end
  }
}

/// A part of a text, and when it was said.
public struct TimedText: Sendable, Hashable, Codable {
  /// The text.
  public var text: String
  /// When it begins, in milliseconds from the beginning of the recording.
  public var start: Int
  /// When it ends, in milliseconds from the beginning of the recording.
  public var end: Int

  /// A text said from `start` to `end`.
  public init(_ text: String, start: Int, end: Int) {
    self.text = text
    self.start = start
    self.end = end
  }
}

/// How a transcript leaves thoth.
public enum OutputMethod: String, Sendable, Codable, CaseIterable {
  /// Into the focused window: typed, or pasted where that is better.
  case auto
  /// Into the focused window, key by key.
  case type
  /// Into the focused window, by the clipboard.
  case paste
  /// To the clipboard alone.
  case clipboard
  /// To a command of the user's own, on its standard input.
  case command
  /// To the standard output of the command that waits for it.
  case stdout
  /// Nowhere: it is only stored.
  case none
}

/// What an output did.
public struct OutputReport: Sendable, Hashable, Codable {
  /// The way that was taken, never `auto`.
  public var method: OutputMethod
  /// The class of the window that got the text (`WM_CLASS`), when there was one.
  public var windowClass: String?
  /// The characters (Unicode scalars) that were output.
  public var chars: Int
  /// How many characters were left out: controls, and others that are not seen and change what is; nil: none.
  public var stripped: Int?

  /// Whether Return was pressed behind it; nil: nobody asked for that.
  public var submitted: Bool?

  /// A report of `chars` characters sent by `method`.
  public init(method: OutputMethod, windowClass: String? = nil, chars: Int) {
    self.method = method
    self.windowClass = windowClass
    self.chars = chars
  }
}
