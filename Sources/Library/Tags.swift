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
    "a tag is KEY=VALUE: a key of letters from a to z, digits, _, - and ., neither of these two first, and a value "
    + "of at most \(longestValue) characters"

  /// ASCII letters, digits, `_`, `-`, `.`, the last two not first: it looks neither like an option nor like a formula.
  /// Upper and lower case differ.
  public let key: String
  /// Any text of one line; empty: the tag is taken away.
  public let value: String

  /// The tag written as `key=value`, white space around the value left out; nil when it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, (1...Self.longestKey).contains(parts[0].count),
      !"-.".contains(parts[0].first ?? "-"),
      parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) })
    else { return nil }
    key = String(parts[0])
    value = trimmed(parts[1])
    guard value.count <= Self.longestValue, !value.unicodeScalars.contains(where: breaksLine) else {
      return nil
    }
  }
}

/// `text` as the value of a tag, such as the name of a file: in one line, and cut where it is too long.
private func tagValue(_ text: String) -> String {
  var line = String.UnicodeScalarView()
  line.append(contentsOf: text.unicodeScalars.map { breaksLine($0) ? " " : $0 })
  return trimmed(trimmed(String(line)[...]).prefix(ItemTag.longestValue))
}

private func trimmed(_ text: Substring) -> String {
  let text = text.drop(while: \.isWhitespace)
  return text.lastIndex { !$0.isWhitespace }.map { String(text[...$0]) } ?? ""
}

private func breaksLine(_ scalar: Unicode.Scalar) -> Bool {
  [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
}

extension Database {
  /// Gives the item with this id the tags, instead of what it has under the same keys. What is no value of a tag is
  /// made one, and without any there is no tag.
  func setTags(_ tags: [String: String], of id: JobID) throws(DictationError) {
    for (key, text) in tags {
      let value = tagValue(text)
      guard !value.isEmpty else { continue }
      try run(
        """
        INSERT INTO tags (item, key, value) SELECT number, ?2, ?3 FROM items WHERE id = ?1
        ON CONFLICT (item, key) DO UPDATE SET value = ?3
        """, [.text(id.description), .text(key), .text(value)])
    }
  }

  /// Notes that the item with this id has changed now.
  func touch(_ id: JobID) throws(DictationError) {
    try run(
      "UPDATE items SET modified_at = ?2 WHERE id = ?1", [.text(id.description), Value(unixMilliseconds())])
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
      for id in ids {
        for key in remove {
          try database.run(
            "DELETE FROM tags WHERE key = ?2 AND item = (SELECT number FROM items WHERE id = ?1)",
            [.text(id.description), .text(key)])
        }
        try database.setTags(set, of: id)
        try database.touch(id)
      }
    }
  }
}
