public import DictationTypes
import Linux

/// What `Library.verify` found.
public struct VerificationReport: Sendable, Hashable, Codable {
  /// How many audio files were read.
  public var checkedFiles = 0
  /// Their size.
  public var checkedBytes = 0
  /// Audio files that items refer to and that are not there.
  public var missing: [String] = []
  /// Audio files whose content is not what it was.
  public var corrupt: [String] = []
  /// Files beside the audio that nothing refers to.
  public var orphaned: [String] = []
  /// What SQLite finds wrong in the database, one sentence each.
  public var database: [String] = []

  /// Whether nothing is wrong. Orphaned files take room, but nothing is lost with them.
  public var isSound: Bool { missing.isEmpty && corrupt.isEmpty && database.isEmpty }
}

extension Library {
  /// Reads every audio file and compares its SHA-256 with its name, and has SQLite check the database. It takes as
  /// long as the disk needs, on a thread and a connection of its own: saves go on meanwhile.
  ///
  /// - Throws: kind `storage` when the database cannot be opened, or an audio file not be read.
  public nonisolated func verify() async throws(DictationError) -> VerificationReport {
    try await open()
    let (path, blobs) = (path, blobs)
    return try await onThread("library-verify") { () throws(DictationError) in
      let database = try LibraryReader.connection(path)
      var report = VerificationReport()
      report.database = try problems(database)
      let files = blobs.list()
      let known = try references(database)
      for digits in known.sorted() {
        try check(digits, in: blobs, &report)
      }
      // What came or went meanwhile is no finding.
      let now = try references(database)
      report.missing.removeAll { path in !now.contains { blobs.path($0) == path } }
      report.orphaned = files.blobs.subtracting(known).subtracting(now).map(blobs.path) + files.others
      report.orphaned.sort()
      return report
    }
  }

  /// Reads the file of `audio`, and sees that it is what it was.
  ///
  /// - Throws: kind `storage` when it is not, or cannot be read.
  public nonisolated func verify(_ audio: AudioFile) throws(DictationError) {
    let path = path(of: audio)
    guard try sha256(ofFile: path).digits == audio.sha256 else {
      throw DictationError(
        .storage, "the audio \(path) is damaged: `thoth doctor --verify` lists what else is")
    }
  }

  /// Whether the database is what `rebuild` is for: it cannot be used, SQLite finds it damaged, or the index of words
  /// is not that of the texts.
  public func needsRebuild() -> Bool {
    do throws(DictationError) {
      return try write { (database) throws(DictationError) in
        try database.run("INSERT INTO items_text (items_text, rank) VALUES ('integrity-check', 1)")
        return try !problems(database).isEmpty
      }
    } catch {
      return true
    }
  }
}

private func check(
  _ digits: String, in blobs: BlobStore, _ report: inout VerificationReport
) throws(DictationError) {
  let path = blobs.path(digits)
  guard fileSize(path) != nil else {
    report.missing.append(path)
    return
  }
  let (found, bytes) = try sha256(ofFile: path)
  report.checkedFiles += 1
  report.checkedBytes += bytes
  if found != digits { report.corrupt.append(path) }
}

/// The SHA-256 of every audio file that is referred to.
private func references(_ database: Database) throws(DictationError) -> Set<String> {
  let all = "SELECT sha256 FROM blobs"
  return Set(try database.rows(all) { (row) throws(DictationError) in row.text(0) ?? "" })
}

/// SQLite ends its check with an error where it cannot go on.
private func problems(_ database: Database) throws(DictationError) -> [String] {
  do throws(DictationError) {
    let pages = try database.rows("PRAGMA integrity_check") { (row) throws(DictationError) in
      row.text(0) ?? ""
    }
    let keys = try database.rows("PRAGMA foreign_key_check") { (row) throws(DictationError) in
      "row \(row.integer(1) ?? 0) of \(row.text(0) ?? "?") refers to a row of \(row.text(2) ?? "?") that is gone"
    }
    return pages.filter { $0 != "ok" } + keys
  } catch {
    guard database.isDamaged else { throw error }
    return [error.message]
  }
}
