/// The keys that make an application paste: `ctrl+shift+v`.
public struct PasteChord: Sendable, Hashable, Codable, CustomStringConvertible {
  /// A modifier that is held.
  public enum Modifier: String, Sendable, Codable, CaseIterable {
    /// Control.
    case ctrl
    /// Shift.
    case shift
    /// Alt.
    case alt
    /// Super, the key with a logo.
    case `super`
  }

  /// What is held, in the order in which it is pressed.
  public let modifiers: [Modifier]
  /// The key: `insert`, or a letter or digit.
  public let key: String

  /// The chord that is written as `text`; nil when it is none: modifiers and one key, joined by `+`.
  public init?(_ text: String) {
    var parts = text.lowercased().split(separator: "+", omittingEmptySubsequences: false).map(
      String.init)
    guard let key = parts.popLast(), !parts.isEmpty else { return nil }
    let modifiers = parts.compactMap(Modifier.init)
    guard modifiers.count == parts.count, Set(modifiers).count == parts.count else { return nil }
    let isLetter =
      key.utf8.count == 1
      && key.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    guard isLetter || key == "insert" else { return nil }
    self.modifiers = Modifier.allCases.filter(modifiers.contains)
    self.key = key
  }

  /// Shift and Insert: pastes the clipboard in most windows, and the primary selection in terminals.
  public static let shiftInsert = PasteChord("shift+insert")!
  /// Control, Shift and V: pastes the clipboard in most terminals.
  public static let terminal = PasteChord("ctrl+shift+v")!

  /// As it is written.
  public var description: String { (modifiers.map(\.rawValue) + [key]).joined(separator: "+") }
}
