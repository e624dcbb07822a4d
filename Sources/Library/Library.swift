public import DictationTypes
import Glibc
import Linux

/// What was said: texts in an SQLite database, audio in files. docs/library.md describes both.
///
/// It is the only writer, on a thread of its own. Readers have a connection and a thread of their own and see a
/// snapshot: neither waits for the other. Nothing is opened before the first use, and what was closed by a failure
/// is opened again by the next use.
public actor Library {
  /// How long a save waits for a lock that another program holds, in milliseconds: an output waits for the save.
  static let saveWait: Int32 = 250
  /// How long everything else waits, in milliseconds.
  static let patientWait: Int32 = 5000

  /// The folder of `library.db` and `blobs`.
  public nonisolated let folder: String
  nonisolated let path: String
  nonisolated let blobs: BlobStore
  nonisolated let reader: LibraryReader
  private nonisolated let executor = ThreadExecutor(name: "library")
  private let vfs: String?
  private var connection: Database?

  /// A library in `folder`, which is made when it is missing. Nothing is opened yet.
  public init(folder: String) { self.init(folder: folder, vfs: nil) }

  /// The same through another of SQLite's ways to the file system.
  init(folder: String, vfs: String?) {
    self.folder = folder
    self.vfs = vfs
    path = folder + "/library.db"
    blobs = BlobStore(folder: folder + "/blobs")
    reader = LibraryReader(path: folder + "/library.db", vfs: vfs)
  }

  deinit { executor.end() }

  /// The library's thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Makes what is missing and brings older databases up to date. Other methods do it by themselves.
  ///
  /// - Throws: kind `storage` when the disk refuses, or when the database is of a newer version.
  public func open() throws(DictationError) { _ = try database(wait: Self.patientWait) }

  /// Adds `item`, or replaces what is stored under its id; `audio`, `tags` and `deletedAt` of a stored item stay as
  /// they are, and an item that has a text is not replaced by one without. When it returns, the item outlasts `kill -9`; `durably`: a power cut too.
  ///
  /// - Throws: kind `storage`; nothing has changed then. It is worth a new try when the error is `retryable`.
  public func save(_ item: Item, durably: Bool) throws(DictationError) {
    let database = try database(wait: Self.saveWait)
    try database.setDurable(durably)
    let values = try ItemRows.values(item, modifiedAt: unixMilliseconds())
    guard !item.tags.isEmpty else { return try database.run(ItemRows.upsert, values) }
    try database.transaction { () throws(DictationError) in
      // Whoever tagged it meanwhile, or took a tag away, has the last word.
      let known = "SELECT count(*) FROM items WHERE id = ?1"
      let isNew = try database.number(known, [.text(item.id.description)]) == 0
      try database.run(ItemRows.upsert, values)
      if isNew { try database.setTags(item.tags, of: item.id) }
    }
  }

  /// Puts items into the trash. Ids that are not in the library, and items that are in the trash, are passed over.
  public func remove(_ ids: [JobID]) throws(DictationError) {
    try write { (database) throws(DictationError) in
      let now = unixMilliseconds()
      for id in ids {
        try database.run(
          "UPDATE items SET deleted_at = ?1, modified_at = ?1 WHERE id = ?2 AND deleted_at IS NULL",
          [Value(now), .text(id.description)])
      }
    }
  }

  /// Takes items out of the trash.
  public func restore(_ ids: [JobID]) throws(DictationError) {
    try write { (database) throws(DictationError) in
      for id in ids {
        try database.run(
          "UPDATE items SET deleted_at = NULL, modified_at = ?1 WHERE id = ?2 AND deleted_at IS NOT NULL",
          [Value(unixMilliseconds()), .text(id.description)])
      }
    }
  }

  /// Moves what was written from the write-ahead log into the database. No commit does that by itself: call it
  /// when nobody waits for an output. A failure costs nothing and is left to the next call.
  public func checkpoint() {
    try? connection?.run("PRAGMA wal_checkpoint(PASSIVE)")
  }

  /// Closes the connections. The next use opens them again.
  public func close() async {
    await reader.close()
    connection = nil
  }

  /// All of `body`'s changes in one durable transaction, or none.
  func write<Result>(
    _ body: (Database) throws(DictationError) -> Result
  ) throws(DictationError) -> Result {
    let database = try database(wait: Self.patientWait)
    try database.setDurable(true)
    return try database.transaction { () throws(DictationError) in try body(database) }
  }

  /// Forgets the connection, so that the next use makes a new one.
  func disconnect() { connection = nil }

  /// The connection, made anew after a failure, or when the file is another one by now.
  private func database(wait milliseconds: Int32) throws(DictationError) -> Database {
    if let connection, !connection.isBroken, !connection.hasMoved {
      connection.wait(milliseconds: milliseconds)
      return connection
    }
    connection = nil
    try prepareFolder()
    let database = try Database(path: path, access: .writer, vfs: vfs)
    database.wait(milliseconds: milliseconds)
    try Schema.migrate(database)
    // A checkpoint is a sync of the whole database: never before an output.
    try database.run("PRAGMA wal_autocheckpoint = 0")
    try database.run("PRAGMA journal_size_limit = 4194304")
    connection = database
    return database
  }

  private func prepareFolder() throws(DictationError) {
    do throws(LocationError) { try makeFolder(blobs.folder) } catch {
      throw DictationError(.storage, error.description, retryable: true)
    }
    // What was said is nobody else's business: SQLite's other files take over the mode. O_EXCL, because closing
    // a descriptor of a database that is open elsewhere in this process would drop its locks (POSIX).
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    syncFolder(of: path)
    syncFolder(of: folder)
  }
}
