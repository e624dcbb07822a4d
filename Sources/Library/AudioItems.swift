public import DictationTypes
import FoundationEssentials
import Glibc
import Linux

/// What is to be known of an item to put its audio somewhere: it is read much faster than the whole item.
public struct AudioItem: Sendable, Hashable {
  /// The item's id.
  public let id: JobID
  /// When it was said, in milliseconds since 1970, UTC.
  public let createdAt: UInt64
  /// The text; nil before there is one.
  public let text: String?
  /// Its audio; nil when there is none (any more).
  public let audio: AudioFile?

  /// The columns that `decode` takes.
  static let columns = "items.id, items.created_at, items.text, \(ItemRows.audioColumns)"

  static func decode(_ row: Row, from first: Int = 0) -> AudioItem? {
    guard let id = row.text(first).flatMap({ JobID($0) }) else { return nil }
    return AudioItem(
      id: id, createdAt: row.time(first + 1) ?? 0, text: row.text(first + 2),
      audio: ItemRows.audio(row, from: first + 3))
  }
}

extension Library {
  /// What matches `query`, the oldest first.
  public nonisolated func audioItems(_ query: ItemQuery) async throws(DictationError) -> [AudioItem] {
    let statement = SearchStatement(query, columns: AudioItem.columns)
    let found = try await read { (database) throws(DictationError) in
      try database.rows(statement.sql, statement.values) { (row) throws(DictationError) in
        AudioItem.decode(row)
      }
    }
    return found.compactMap { $0 }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
  }

  /// The items whose ids begin with each of `idPrefixes`, those in the trash left out, in one query. Where there are
  /// several, they are not all given, but more than one.
  public nonisolated func audioItems(
    idPrefixes: Set<String>
  ) async throws(DictationError) -> [String: [AudioItem]] {
    let wanted = idPrefixes.map { $0.lowercased() }
    let list = (try? JSONEncoder().encode(wanted)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    let found = try await read { (database) throws(DictationError) in
      // "~" comes after every character of an id. A prefix that names everything is not to bring everything.
      try database.rows(
        """
        SELECT wanted.value, \(AudioItem.columns) FROM json_each(?1) AS wanted JOIN items ON items.number IN (
          SELECT number FROM items WHERE id >= wanted.value AND id < wanted.value || '~'
          AND deleted_at IS NULL ORDER BY id LIMIT 2
        ) LEFT JOIN blobs ON blobs.sha256 = items.audio
        """, [.text(list)]
      ) { (row) throws(DictationError) in (row.text(0) ?? "", AudioItem.decode(row, from: 1)) }
    }
    return Dictionary(grouping: found.filter { $0.1 != nil }, by: \.0).mapValues { $0.compactMap(\.1) }
  }

  /// Where `audio` is.
  public nonisolated func path(of audio: AudioFile) -> String { blobs.path(audio.sha256) }

  /// Whether the file of `audio` is there, and as long as it should be. Nothing is opened.
  public nonisolated func isThere(_ audio: AudioFile) -> Bool { fileSize(path(of: audio)) == audio.bytes }

  /// The items of these ids that are in the library, in one query.
  public nonisolated func items(_ ids: Set<JobID>) async throws(DictationError) -> [Item] {
    let list = (try? JSONEncoder().encode(ids.map(\.description)))
      .map { String(decoding: $0, as: UTF8.self) }
    return try await read { (database) throws(DictationError) in
      try database.items(
        """
        SELECT \(ItemRows.columns) FROM \(ItemRows.tables)
        WHERE items.id IN (SELECT value FROM json_each(?1))
        """, [.text(list ?? "[]")])
    }
  }
}
