/// What the text rules do. Each can be switched by itself.
public struct FilterSettings: Sendable, Hashable {
  /// Whether fillers (um, uh) are left out.
  public var fillers = true
  /// Whether spoken numbers become digits.
  public var numbers = false
  /// How words are spelt that are spelt in several ways.
  public var spelling = SpellingVariant.asHeard
  /// Whether punctuation and the spaces around it are put right.
  public var punctuation = true
  /// Whether `...` becomes a full stop.
  public var collapsesEllipses = false
  /// Whether each sentence begins with a capital, and `i` is `I`.
  public var sentenceCase = false
  /// Whether spoken commands (new line, full stop) are obeyed.
  public var voiceCommands = true
  /// Spoken commands of the user's own, beside those that thoth knows.
  public var ownCommands: [SpokenCommand] = []
  /// Whether the dictionary is applied.
  public var dictionary = true
  /// Whether engines are told the names in it, so that they expect them.
  public var tellsTerms = true

  /// The defaults.
  public init() {}

  /// Nothing is done but to put white space right.
  public static var off: FilterSettings {
    var settings = FilterSettings()
    (settings.fillers, settings.punctuation, settings.voiceCommands, settings.dictionary) = (
      false, false, false, false
    )
    return settings
  }
}

/// How words are spelt that are spelt in several ways, such as colour and color.
public enum SpellingVariant: String, Sendable, CaseIterable {
  /// As the engine wrote them.
  case asHeard = "as-heard"
  /// As in Britain.
  case british
  /// As in Australia.
  case australian
  /// As in the United States.
  case american
}

/// Words that are not written but obeyed.
public struct SpokenCommand: Sendable, Hashable {
  /// What is said.
  public var say: String
  /// What is inserted for it.
  public var text: String
  /// The language in which it is said, as an ISO 639-1 code; nil: any.
  public var language: String?

  /// `text` for whoever says `say`.
  public init(say: String = "", text: String = "", language: String? = nil) {
    self.say = say
    self.text = text
    self.language = language
  }
}
