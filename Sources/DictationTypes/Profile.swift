/// What is different for windows of some classes. What it leaves out is as for every other window.
public struct Profile: Sendable, Hashable {
  /// What it is called; nil: what it matches.
  public var name: String?
  /// The classes (`WM_CLASS`) it is for: names with `|` between them, `*` for any characters, in any case. Empty: it is
  /// for none, and used by its name alone.
  public var match: String
  /// How text gets in: `auto`, `type` or `paste`.
  public var method: OutputMethod?
  /// What makes the application paste.
  public var pasteKeys: PasteChord?
  /// What a newline becomes.
  public var newline: NewlineStyle?
  /// What stands between two dictations.
  public var append: AppendStyle?
  /// The spoken language as an ISO 639-1 code, or `auto`.
  public var language: String?
  /// The name of the engine's section.
  public var engine: String?
  /// The name of the prompt by which a language model edits the text, or `none`.
  public var enhance: String?

  /// What it is called.
  public var label: String { name ?? match }

  /// A profile for the classes of `match` that changes nothing.
  public init(match: String = "") { self.match = match }

  /// Whether it is for windows of `windowClass`. One without a class is matched by `*` alone.
  public func matches(_ windowClass: String?) -> Bool {
    let name = Array((windowClass ?? "").lowercased())
    return match.lowercased().split(separator: "|").contains { Self.matches(Array($0), name) }
  }

  /// Whether `pattern`, in which `*` stands for any characters, is all of `name`. In time linear in their product:
  /// a mismatch goes back to the last star only.
  private static func matches(_ pattern: [Character], _ name: [Character]) -> Bool {
    var (position, index) = (0, 0)
    var retry: (position: Int, index: Int)?
    while index < name.count {
      if position < pattern.count, pattern[position] == "*" {
        retry = (position, index)
        position += 1
      } else if position < pattern.count, pattern[position] == name[index] {
        position += 1
        index += 1
      } else if let last = retry {
        retry = (last.position, last.index + 1)
        (position, index) = (last.position + 1, last.index + 1)
      } else {
        return false
      }
    }
    return pattern[position...].allSatisfy { $0 == "*" }
  }
}

extension [Profile] {
  /// The first that is for windows of `windowClass`.
  public func first(for windowClass: String?) -> Profile? { first { $0.matches(windowClass) } }
}

/// What a newline in a text becomes.
public enum NewlineStyle: String, Sendable, Codable, CaseIterable {
  /// Return, as typed by hand.
  case enter
  /// A space: in a terminal Return runs a command.
  case space
}

/// What stands between a dictation and the one after it.
public enum AppendStyle: String, Sendable, Codable, CaseIterable {
  /// A space before a text that goes on where thoth has just inserted another one.
  case auto
  /// A space behind every text.
  case space
  /// Nothing.
  case none
}

/// Into which window a text goes.
public enum TargetPolicy: String, Sendable, Codable, CaseIterable {
  /// The one that has the focus when the text is there.
  case focus
  /// The one that had the focus at the stop; it is brought to the front for the insertion, and the focus given back.
  case origin
  /// The one that had the focus at the stop, if it still has; else the text is held.
  case hold
}
