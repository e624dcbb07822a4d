public import DictationTypes
import Linux

/// What somebody notes about an item: a key, and a value for it. An item has each key once.
public struct ItemTag: Sendable, Hashable {
  /// The longest key, in characters.
  public static let longestKey = 64
  /// The longest value, in characters.
  public static let longestValue = 200
  /// What a tag is, to be told with a mistake.
  public static let rule =
    "a tag is KEY=VALUE: a key of letters from a to z, digits, _, - and ., and a value of at most "
    + "\(longestValue) characters"

  /// ASCII letters, digits, `_`, `-`, `.`. Upper and lower case differ.
  public let key: String
  /// Any text of one line; empty: the tag is taken away.
  public let value: String

  /// The tag written as `key=value`, white space around the value left out; nil when it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, (1...Self.longestKey).contains(parts[0].count),
      parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) })
    else { return nil }
    let value = parts[1].drop(while: \.isWhitespace)
    let end = value.lastIndex { !$0.isWhitespace }.map { value.index(after: $0) } ?? value.startIndex
    self.key = String(parts[0])
    self.value = String(value[..<end])
    let hasControl = self.value.unicodeScalars.contains { scalar in
      [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
    guard self.value.count <= Self.longestValue, !hasControl else { return nil }
  }
}

extension Library {
  /// Takes the tags with the keys in `remove` away from items, and gives them those in `set` instead of what they have
  /// under the same keys. Ids that are not in the library are passed over.
  ///
  /// - Throws: kind `storage`; nothing has changed then.
  public func tag(
    _ ids: [JobID], set: [String: String], remove: Set<String> = []
  ) throws(DictationError) {
    try write { (database) throws(DictationError) in
      for id in ids.map({ Value.text($0.description) }) {
        for key in remove {
          try database.run(
            "DELETE FROM tags WHERE key = ?2 AND item = (SELECT number FROM items WHERE id = ?1)", [id, .text(key)])
        }
        for (key, value) in set { try database.run(ItemRows.setTag, [id, .text(key), .text(value)]) }
        try database.run(
          "UPDATE items SET modified_at = ?2 WHERE id = ?1", [id, Value(unixMilliseconds())])
      }
    }
  }
}
