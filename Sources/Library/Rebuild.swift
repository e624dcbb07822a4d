import AudioFiles
public import DictationTypes
import Glibc
import Linux

extension Library {
  /// Makes a new database from every row of the old one that can be read, and sets the old one aside as
  /// `library.db.broken-DATE`. At every moment there is a `library.db`: this one or that.
  ///
  /// - Returns: one sentence on what was saved.
  /// - Throws: kind `storage` when the new one cannot be written, or when the old one is locked or of a newer
  ///   version; it stays in its place then.
  public func rebuild() throws(DictationError) -> String {
    disconnect()
    let new = path + ".rebuilt"
    for suffix in ["", "-wal", "-shm"] { unlink(new + suffix) }
    var salvage = Salvage(blobs: blobs)
    do throws(DictationError) {
      try salvage.copy(from: path, to: new)
    } catch {
      for suffix in ["", "-wal", "-shm"] { unlink(new + suffix) }
      throw error
    }
    let aside = try setAside()
    guard rename(new, path) == 0, syncFolder(of: path) else { throw fileError(path, "replaced") }
    try open()
    return salvage.sentence(path: path, aside: aside)
  }

  /// Gives the old database a second name. Its log must not be found by the new one.
  private func setAside() throws(DictationError) -> String {
    var aside = path + ".broken-" + date()
    while access(aside, F_OK) == 0 { aside += "+" }
    guard link(path, aside) == 0 || errno == ENOENT else { throw fileError(aside, "made") }
    guard rename(path + "-wal", aside + "-wal") == 0 || errno == ENOENT else {
      throw fileError(aside, "made")
    }
    unlink(path + "-shm")
    return aside
  }

  private func date() -> String {
    var (now, parts) = (time(nil), tm())
    gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H%M%SZ", &parts)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// What can be read of a damaged database.
private struct Salvage {
  /// After so many row numbers in a row that cannot be read, the table is taken for read to its end: more than one
  /// lost page of SQLite's tree can cost.
  private static let patience = 200_000

  let blobs: BlobStore
  private var items = 0
  private var lostAudio = 0
  private var isWhole = true

  init(blobs: BlobStore) { self.blobs = blobs }

  mutating func copy(from old: String, to new: String) throws(DictationError) {
    let target = try Database(path: new, access: .writer)
    chmod(new, 0o600)
    try Schema.migrate(target)
    // One file at the end, without a log of its own.
    try target.run("PRAGMA journal_mode = DELETE")
    try target.setDurable(true)
    guard let source = try readable(old) else { return }
    try target.transaction { () throws(DictationError) in try copyRows(from: source, to: target) }
  }

  func sentence(path: String, aside: String) -> String {
    let audio = lostAudio == 0 ? "" : "; the audio of \(lostAudio) of them is gone"
    guard isWhole else {
      return "\(items) items of \(path) could be read and are in a new one\(audio). The old one is \(aside): "
        + "`sqlite3 \(aside) .recover` may find more"
    }
    return "all \(items) items of \(path) are in a new one\(audio). The old one is \(aside)"
  }

  /// The old database; nil when it is no database at all.
  private mutating func readable(_ path: String) throws(DictationError) -> Database? {
    // As a writer, to take in its log.
    let source = try Database(path: path, access: .writer)
    source.wait(milliseconds: Library.patientWait)
    do throws(DictationError) {
      if try Schema.checkedVersion(source) > 0 { return source }
    } catch {
      if !source.isDamaged { throw error }
    }
    isWhole = false
    return nil
  }

  private mutating func copyRows(from source: Database, to target: Database) throws(DictationError) {
    let tags = try tags(source)
    var files: [String: AudioFile] = [:]
    let audio = "SELECT number, \(ItemRows.audioColumns) FROM blobs WHERE number >= ?1 ORDER BY number"
    try scan(source, audio) { (_, row) throws(DictationError) in
      if let file = ItemRows.audio(row, from: 1) { files[file.sha256] = file }
    }
    // Not joined: a file's row that cannot be read must not cost the item.
    let items = """
      SELECT items.number, items.audio, \(ItemRows.itemColumns) FROM items
      WHERE items.number >= ?1 ORDER BY items.number
      """
    try scan(source, items) { (salvage, row) throws(DictationError) in
      guard let item = ItemRows.decode(row, from: 2, isWhole: false) else {
        salvage.isWhole = false
        return
      }
      let file = row.text(1).flatMap { files[$0] ?? salvage.audioFile($0) }
      if row.text(1) != nil && file == nil { salvage.lostAudio += 1 }
      if let file { try target.run(ItemRows.insertAudio, ItemRows.values(file)) }
      try target.run(ItemRows.upsert, try ItemRows.values(item, modifiedAt: item.modifiedAt))
      try target.run(
        "UPDATE items SET audio = ?1, deleted_at = ?2 WHERE id = ?3",
        [Value(file?.sha256), Value(item.deletedAt), .text(item.id.description)])
      if let tags = row.integer(0).flatMap({ tags[$0] }) { try target.setTags(tags, of: item.id) }
      salvage.items += 1
    }
  }

  /// The tags that can be read, by the numbers of their items.
  private mutating func tags(_ source: Database) throws(DictationError) -> [Int: [String: String]] {
    guard try Schema.checkedVersion(source) >= Schema.versionWithTags else { return [:] }
    var tags: [Int: [String: String]] = [:]
    let all = "SELECT number, item, key, value FROM tags WHERE number >= ?1 ORDER BY number"
    try scan(source, all) { (_, row) throws(DictationError) in
      if let item = row.integer(1), let key = row.text(2) { tags[item, default: [:]][key] = row.text(3) }
    }
    return tags
  }

  /// What the audio file itself tells.
  private func audioFile(_ digits: String) -> AudioFile? {
    let path = blobs.path(digits)
    guard let bytes = fileSize(path), let header = try? FLACFile(path) else { return nil }
    return AudioFile(
      sha256: digits, bytes: bytes, mimeType: "audio/flac", sampleRate: header.format.sampleRate,
      channels: header.format.channels, frames: header.frames, createdAt: unixMilliseconds())
  }

  /// Gives `body` every row that can be read. The first column is the row's number, the one parameter the number
  /// to begin with: behind a page that cannot be read, it goes on with the next number that can.
  private mutating func scan(
    _ source: Database, _ sql: String,
    _ body: (inout Salvage, Row) throws(DictationError) -> Void
  ) throws(DictationError) {
    var (next, failures) = (0, 0)
    while failures < Self.patience {
      var refusal: DictationError?
      do throws(DictationError) {
        _ = try source.rows(sql, [.integer(next)]) { (row) throws(DictationError) in
          (next, failures) = ((row.integer(0) ?? next) + 1, 0)
          do throws(DictationError) { try body(&self, row) } catch {
            refusal = error
            throw error
          }
        }
        return
      } catch {
        if let refusal { throw refusal }
        isWhole = false
        if !source.isDamaged { return }
        (next, failures) = (next + 1, failures + 1)
      }
    }
  }
}
