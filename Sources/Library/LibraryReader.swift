import DictationTypes
import Glibc
import Linux

/// The reading connection, on a thread of its own.
actor LibraryReader {
  private nonisolated let executor = ThreadExecutor(name: "library-read")
  private let path: String
  private let vfs: String?
  private var connection: Database?

  init(path: String, vfs: String?) {
    self.path = path
    self.vfs = vfs
  }

  deinit { executor.end() }

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Runs `body` on a snapshot. A database that is missing or older is first made by `open`, the writer's.
  func read<Result: Sendable>(
    open: @Sendable () async throws(DictationError) -> Void,
    _ body: @Sendable (Database) throws(DictationError) -> Result
  ) async throws(DictationError) -> Result {
    if connection == nil || connection?.isBroken == true || connection?.hasMoved == true {
      connection = nil
      try await connect(open)
    }
    guard let database = connection else {
      throw DictationError(.internalError, "\(path) was closed meanwhile")
    }
    return try database.snapshot { () throws(DictationError) in try body(database) }
  }

  func close() { connection = nil }

  private func connect(_ open: @Sendable () async throws(DictationError) -> Void) async throws(DictationError)
  {
    // What cannot be written may still be read.
    var refusal: DictationError?
    do throws(DictationError) { try await open() } catch { refusal = error }
    do throws(DictationError) {
      connection = try Self.connection(path, vfs: vfs)
    } catch {
      throw refusal ?? error
    }
  }

  /// A new connection for reading. It waits for locks: writers hold none against readers, except to recover.
  static func connection(_ path: String, vfs: String? = nil) throws(DictationError) -> Database {
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    // Readers share memory in a file beside the database. On a read-only disk that cannot be made, and nothing can
    // change that it would guard.
    let isImmutable = access(folder, W_OK) != 0 && errno == EROFS && (fileSize(path + "-wal") ?? 0) == 0
    let database = try Database(path: path, access: isImmutable ? .immutable : .reader, vfs: vfs)
    database.wait(milliseconds: Library.patientWait)
    guard try Schema.checkedVersion(database) == Schema.migrations.count else {
      throw DictationError(.storage, "\(path) is of an older version and cannot be brought up to date now")
    }
    return database
  }
}

extension Library {
  /// Runs `body` on a snapshot of the database, on the readers' thread.
  nonisolated func read<Result: Sendable>(
    _ body: @Sendable (Database) throws(DictationError) -> Result
  ) async throws(DictationError) -> Result {
    try await reader.read(open: { () async throws(DictationError) in try await self.open() }, body)
  }
}
