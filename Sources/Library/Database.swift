import CSQLite
import DictationTypes

/// A connection to a database, with the statements that were prepared on it. One thread at a time uses it.
final class Database {
  /// How it may be used.
  enum Access {
    case writer, reader
    /// For reading what nobody can change meanwhile.
    case immutable
  }

  let path: String
  private let access: Access
  private let handle: OpaquePointer
  private var statements: [String: Statement] = [:]
  private var isDurable: Bool?
  private var lastError = SQLITE_OK

  /// Opens the file at `path`, which a writer makes when it is missing. `vfs` names SQLite's way to the file system;
  /// nil is the standard one.
  init(path: String, access: Access, vfs: String? = nil) throws(DictationError) {
    self.path = path
    self.access = access
    var handle: OpaquePointer?
    let flags = access == .writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
    let name = access == .immutable ? "file:" + Self.escaped(path) + "?immutable=1" : path
    let code = sqlite3_open_v2(
      name, &handle, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs)
    guard code == SQLITE_OK, let handle else {
      defer { sqlite3_close_v2(handle) }
      throw storageError(
        code, systemCode: sqlite3_system_errno(handle), path: path,
        detail: String(cString: sqlite3_errstr(code)))
    }
    self.handle = handle
    if access != .writer { try run("PRAGMA query_only = ON") }
    try run("PRAGMA foreign_keys = ON")
  }

  deinit {
    for statement in statements.values { statement.finalize() }
    sqlite3_close_v2(handle)
  }

  /// How long to wait for a lock that another connection holds.
  func wait(milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

  /// Whether commits from here on outlast a power cut (synced before they return), or only the end of the process.
  func setDurable(_ isDurable: Bool) throws(DictationError) {
    guard self.isDurable != isDurable else { return }
    try run("PRAGMA synchronous = \(isDurable ? "FULL" : "NORMAL")")
    self.isDurable = isDurable
  }

  /// Whether the file at the path is another one by now, or none.
  var hasMoved: Bool {
    var answer: Int32 = 0
    return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &answer) != SQLITE_OK || answer != 0
  }

  /// Whether this connection is better made anew: after most errors, what it remembers may be wrong, and an
  /// immutable one never learns of changes.
  var isBroken: Bool {
    access == .immutable
      || ![SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_CONSTRAINT].contains(lastError)
  }

  /// Whether the last error was that the file is damaged.
  var isDamaged: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB].contains(lastError) }

  /// How many rows the last statement changed.
  var changes: Int { Int(sqlite3_changes64(handle)) }

  /// Runs one statement to its end.
  func run(_ sql: String, _ values: [Value] = []) throws(DictationError) {
    _ = try rows(sql, values) { (_) throws(DictationError) in () }
  }

  /// Runs one query; what `decode` makes of each row.
  func rows<Element>(
    _ sql: String, _ values: [Value] = [], _ decode: (Row) throws(DictationError) -> Element
  ) throws(DictationError) -> [Element] {
    let statement = try prepared(sql)
    defer { statement.reset() }
    for (index, value) in values.enumerated() {
      try check(statement.bind(value, at: Int32(index + 1)))
    }
    var elements: [Element] = []
    while true {
      let code = statement.step()
      if code == SQLITE_DONE { return elements }
      guard code == SQLITE_ROW else {
        try check(code)
        return elements
      }
      elements.append(try decode(statement.row))
    }
  }

  /// The first column of the first row as a number; 0 when there is none.
  func number(_ sql: String, _ values: [Value] = []) throws(DictationError) -> Int {
    try rows(sql, values) { (row) throws(DictationError) in row.integer(0) ?? 0 }.first ?? 0
  }

  /// The same as an amount, see `Row.amount`.
  func amount(_ sql: String) throws(DictationError) -> Int {
    try rows(sql) { (row) throws(DictationError) in row.amount(0) }.first ?? 0
  }

  /// Runs several statements, which are not kept.
  func script(_ sql: String) throws(DictationError) { try check(sqlite3_exec(handle, sql, nil, nil, nil)) }

  /// All of `body` or nothing of it.
  func transaction<Result>(_ body: () throws(DictationError) -> Result) throws(DictationError) -> Result {
    try run("BEGIN IMMEDIATE")
    do throws(DictationError) {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
      throw error
    }
  }

  /// All of `body` on one state of the database.
  func snapshot<Result>(_ body: () throws(DictationError) -> Result) throws(DictationError) -> Result {
    try run("BEGIN")
    defer { try? run("COMMIT") }
    return try body()
  }

  /// A path for a URI (https://www.sqlite.org/uri.html).
  private static func escaped(_ path: String) -> String {
    path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
  }

  private func prepared(_ sql: String) throws(DictationError) -> Statement {
    if let statement = statements[sql] { return statement }
    var pointer: OpaquePointer?
    try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil))
    let statement = Statement(pointer)
    statements[sql] = statement
    return statement
  }

  private func check(_ code: Int32) throws(DictationError) {
    guard code != SQLITE_OK else { return }
    lastError = code & 0xff
    throw storageError(
      code, systemCode: sqlite3_system_errno(handle), path: path,
      detail: String(cString: sqlite3_errmsg(handle)))
  }
}
