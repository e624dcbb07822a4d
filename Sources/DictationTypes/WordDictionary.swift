/// The user's own words: what is to be replaced, and what is to be recognised.
public struct WordDictionary: Sendable, Hashable {
  /// In the order of their coming.
  public var replacements: [Replacement] = []
  /// In the order of their coming.
  public var terms: [Term] = []

  /// A dictionary without entries.
  public init() {}
}

/// One text for another.
public struct Replacement: Sendable, Hashable {
  /// What is replaced, where it stands as whole words. It is no pattern.
  public var from: String
  /// What is put there, as it is.
  public var to: String
  /// Whether capitals count.
  public var matchesCase: Bool

  /// `to` for `from`.
  public init(_ from: String, _ to: String, matchesCase: Bool = false) {
    self.from = from
    self.to = to
    self.matchesCase = matchesCase
  }
}

/// A name or term with its one right spelling.
public struct Term: Sendable, Hashable {
  /// The spelling.
  public var name: String
  /// What else engines write for it.
  public var aliases: [String]
  /// What is taken for it.
  public var policy: TermPolicy

  /// The term `name`.
  public init(_ name: String, aliases: [String] = [], policy: TermPolicy = .conservative) {
    self.name = name
    self.aliases = aliases
    self.policy = policy
  }
}

/// What is taken for a term.
public enum TermPolicy: String, Sendable, CaseIterable {
  /// Its name and its aliases alone, whatever their capitals and accents.
  case alias
  /// Also what sounds the same and is written somewhat like it.
  case phonetic
  /// Also what sounds the same and is written almost like it.
  case conservative
}
