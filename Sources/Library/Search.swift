public import DictationTypes
import Linux

/// What to look for. Everything that is set must be true of an item.
public struct ItemQuery: Sendable, Hashable {
  /// Words that the text must all hold, each also as the beginning of a word; in `"` a phrase. Everything else is
  /// taken literally, upper and lower case are the same, and so are letters with and without diacritics.
  public var text: String?
  /// Said at this time or later, in milliseconds since 1970.
  public var since: UInt64?
  /// Said before this time, in milliseconds since 1970.
  public var until: UInt64?
  /// In one of these states; empty for any.
  public var states: Set<PipelineState> = []
  /// Of one of these kinds; empty for any.
  public var kinds: Set<Item.Kind> = []
  /// With all of these tags: keys with their values.
  public var tags: [String: String] = [:]
  /// Also what is in the trash.
  public var includesDeleted = false
  /// Nothing but what is in the trash.
  public var onlyDeleted = false
  /// At most so many.
  public var limit = 50
  /// Without the first so many.
  public var offset = 0

  /// A query for `text`; without it for everything that is not in the trash.
  public init(_ text: String? = nil) { self.text = text }
}

/// How much was dictated, the trash not counted, and how much room all of the library takes.
public struct LibraryUsage: Sendable, Hashable, Codable {
  /// Dictations.
  public var items: Int
  /// Words of their texts.
  public var words: Int
  /// The length of their recordings.
  public var seconds: Int
  /// The size of all audio files.
  public var audioBytes: Int
  /// The size of the database with its write-ahead log.
  public var databaseBytes: Int
}

extension Library {
  /// What matches `query`: the best first (BM25, Robertson et al. 1994, as FTS5 computes it), then the newest;
  /// without a text the newest first.
  public nonisolated func search(_ query: ItemQuery) async throws(DictationError) -> [Item] {
    let statement = SearchStatement(query)
    return try await read { (database) throws(DictationError) in
      try database.items(statement.sql, statement.values)
    }
  }

  /// The items whose ids begin with `idPrefix`, oldest first, at most 100.
  public nonisolated func items(
    idPrefix: String, includingDeleted: Bool
  ) async throws(DictationError) -> [Item] {
    let prefix = idPrefix.lowercased()
    return try await read { (database) throws(DictationError) in
      // "~" comes after every character of an id.
      try database.items(
        """
        SELECT \(ItemRows.columns) FROM \(ItemRows.tables)
        WHERE id >= ?1 AND id < ?1 || '~' AND (?2 OR deleted_at IS NULL) ORDER BY id LIMIT 100
        """, [.text(prefix), .integer(includingDeleted ? 1 : 0)])
    }
  }

  /// The item of the latest dictation that has a text and is not in the trash.
  ///
  /// The clock may have been ahead once: what claims to be later than the row that was added last is not the latest.
  public nonisolated func newestWithText() async throws(DictationError) -> Item? {
    try await read { (database) throws(DictationError) in
      let added = try database.rows("SELECT modified_at FROM items ORDER BY number DESC LIMIT 1") {
        (row) throws(DictationError) in Int(clamping: row.time(0) ?? 0)
      }
      for latest in [added.first ?? 0, .max] {
        let found = try database.items(
          """
          SELECT \(ItemRows.columns) FROM \(ItemRows.tables)
          WHERE text <> '' AND kind = 'dictation' AND deleted_at IS NULL AND items.created_at <= ?1
          ORDER BY id DESC LIMIT 1
          """, [.integer(latest)])
        if let item = found.first { return item }
      }
      return nil
    }
  }

  /// The items of dictations whose job has not ended and whose audio is here, those in the trash not counted: the
  /// end of a daemon interrupted them.
  public nonisolated func unfinished() async throws(DictationError) -> [Item] {
    let ends = PipelineState.allCases.filter(\.isTerminal).map { "'\($0.name)'" }.joined(separator: ", ")
    return try await read { (database) throws(DictationError) in
      try database.items(
        """
        SELECT \(ItemRows.columns) FROM \(ItemRows.tables)
        WHERE kind = 'dictation' AND audio IS NOT NULL AND deleted_at IS NULL AND state NOT IN (\(ends))
        ORDER BY items.number
        """)
    }
  }

  /// How much was dictated, and how much the library holds. Numbers that no thoth writes count as the nearest that it could.
  public nonisolated func usage() async throws(DictationError) -> LibraryUsage {
    let files = [path, path + "-wal"]
    return try await read { (database) throws(DictationError) in
      // As floating point: a sum of integers that overflows is an error.
      let sums = """
        SELECT count(*), total(words), total(duration_ms) / 1000 FROM items
        WHERE kind = 'dictation' AND deleted_at IS NULL
        """
      let found = try database.rows(sums) { (row) throws(DictationError) in
        LibraryUsage(
          items: row.integer(0) ?? 0, words: row.amount(1), seconds: row.amount(2), audioBytes: 0,
          databaseBytes: 0)
      }
      var usage = found[0]
      usage.audioBytes = try database.amount("SELECT total(bytes) FROM blobs")
      usage.databaseBytes = files.reduce(0) { $0 + (fileSize($1) ?? 0) }
      return usage
    }
  }
}

extension Database {
  /// The items of a query for `ItemRows.columns`.
  func items(_ sql: String, _ values: [Value] = []) throws(DictationError) -> [Item] {
    try rows(sql, values) { (row) throws(DictationError) in ItemRows.decode(row) }.compactMap { $0 }
  }
}

/// The statement for a query. Its text depends only on which fields are set; all values are bound.
struct SearchStatement {
  private(set) var sql = ""
  private(set) var values: [Value] = []

  /// Chooses `columns` of `items` joined with `blobs`.
  init(_ query: ItemQuery, columns: String = ItemRows.columns) {
    let words = query.text.map(fullTextQuery) ?? ""
    let chosen = words.isEmpty ? newest(query) : best(words, query)
    let order = words.isEmpty ? "items.created_at DESC, items.id DESC" : "rank, items.id DESC"
    // Chosen by number first: what is sorted is small, and whole rows are read for the chosen ones alone.
    sql = """
      SELECT \(columns) FROM (\(chosen)) JOIN items ON items.number = chosen
      LEFT JOIN blobs ON blobs.sha256 = items.audio ORDER BY \(order)
      """
  }

  private mutating func newest(_ query: ItemQuery) -> String {
    let conditions = conditions(query)
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    return "SELECT number AS chosen FROM items \(filter) ORDER BY created_at DESC, id DESC \(page(query))"
  }

  /// The rows are judged by indexes, not by looking at each one that matches: a common word is in most of them.
  private mutating func best(_ words: String, _ query: ItemQuery) -> String {
    let match = "items_text MATCH \(parameter(.text(words)))"
    let conditions = conditions(query)
    let filter =
      switch conditions {
      case []: ""
      case [Self.isNotDeleted]: "AND +rowid NOT IN (SELECT number FROM items WHERE deleted_at IS NOT NULL)"
      default: "AND +rowid IN (SELECT number FROM items WHERE \(conditions.joined(separator: " AND ")))"
      }
    return """
      SELECT rowid AS chosen, rank FROM items_text WHERE \(match) \(filter)
      ORDER BY rank, rowid DESC \(page(query))
      """
  }

  private static let isNotDeleted = "deleted_at IS NULL"

  private mutating func conditions(_ query: ItemQuery) -> [String] {
    var conditions: [String] = []
    if query.onlyDeleted {
      conditions.append("deleted_at IS NOT NULL")
    } else if !query.includesDeleted {
      conditions.append(Self.isNotDeleted)
    }
    if let since = query.since { conditions.append("created_at >= \(parameter(Value(since)))") }
    if let until = query.until { conditions.append("created_at < \(parameter(Value(until)))") }
    if !query.states.isEmpty { conditions.append("state IN (\(parameters(query.states.map(\.name))))") }
    if !query.kinds.isEmpty { conditions.append("kind IN (\(parameters(query.kinds.map(\.rawValue))))") }
    for (key, value) in query.tags.sorted(by: { $0.key < $1.key }) {
      let (key, value) = (parameter(.text(key)), parameter(.text(value)))
      conditions.append("items.number IN (SELECT item FROM tags WHERE key = \(key) AND value = \(value))")
    }
    return conditions
  }

  private mutating func page(_ query: ItemQuery) -> String {
    "LIMIT \(parameter(.integer(max(0, query.limit)))) OFFSET \(parameter(.integer(max(0, query.offset))))"
  }

  private mutating func parameters(_ texts: [String]) -> String {
    texts.map { parameter(.text($0)) }.joined(separator: ", ")
  }

  private mutating func parameter(_ value: Value) -> String {
    values.append(value)
    return "?\(values.count)"
  }
}

/// The words of `text` in FTS5's language: each in quotes, so that nothing in it is an operator, with `*` for
/// "begins with" unless it ends with a sign; what stood in quotes as a phrase. White space between them means AND.
/// (https://www.sqlite.org/fts5.html#full_text_query_syntax)
func fullTextQuery(_ text: String) -> String {
  // Every second part stood in quotes; a missing quote at the end is forgiven.
  let parts = text.replacing("\0", with: " ").split(separator: "\"", omittingEmptySubsequences: false)
  var terms: [String] = []
  for (index, part) in parts.enumerated() {
    if index.isMultiple(of: 2) {
      for word in part.split(whereSeparator: \.isWhitespace) {
        // "c++" is no beginning of "crème".
        let isBeginning = word.last.map { $0.isLetter || $0.isNumber || $0 == "*" } ?? false
        terms.append("\"\(word)\"" + (isBeginning ? "*" : ""))
      }
    } else if !part.allSatisfy(\.isWhitespace) {
      terms.append("\"\(part)\"")
    }
  }
  return terms.joined(separator: " ")
}
