public import DictationTypes
import Linux

/// How long things are kept.
///
/// Age counts from when something was said. Nothing is touched whose audio may be all there is of it, nor what was
/// imported: see `Item.isExpendable`.
public struct RetentionPolicy: Sendable, Hashable {
  /// How long audio is kept, in seconds; 0: none after the text was delivered.
  public var keepAudioSeconds: Int
  /// How long items are kept, text and audio, in seconds; nil for ever.
  public var keepTextSeconds: Int?
  /// How many bytes of audio are kept: above that, the oldest goes first; nil for no limit. What only imports have
  /// does not count.
  public var maxAudioBytes: Int?
  /// How long the trash keeps items, in seconds.
  public var trashSeconds: Int

  /// A policy; the trash keeps items for 30 days unless said otherwise.
  public init(
    keepAudioSeconds: Int, keepTextSeconds: Int? = nil, maxAudioBytes: Int? = nil,
    trashSeconds: Int = 30 * 86_400
  ) {
    self.keepAudioSeconds = keepAudioSeconds
    self.keepTextSeconds = keepTextSeconds
    self.maxAudioBytes = maxAudioBytes
    self.trashSeconds = trashSeconds
  }
}

/// What `Library.maintain` did.
public struct MaintenanceReport: Sendable, Hashable {
  /// Items that are gone, from the trash or by age.
  public var deletedItems = 0
  /// Items that lost their audio, by age or size.
  public var itemsWithoutAudio = 0
  /// Audio files that are gone.
  public var deletedFiles = 0
  /// The size of these files.
  public var freedBytes = 0
  /// Whether nothing went by age, because the clock is not believed.
  public var isHeld = false
}

extension Library {
  /// Applies `policy` at the time `now` (milliseconds since 1970).
  ///
  /// What goes is decided in one transaction, which also notes the audio files that nothing refers to any more.
  /// They are deleted after the commit; those that an interruption left are deleted the next time.
  ///
  /// A clock that jumped makes everything old at once. So when `now` is more than 30 days after the last maintenance,
  /// or before it, nothing goes by age, and that is noted; a maintenance a day later or more, and not more than
  /// 30 days, believes the clock.
  public func maintain(_ policy: RetentionPolicy, now: UInt64) throws(DictationError) -> MaintenanceReport {
    var report = try write { (database) throws(DictationError) in
      let isBelieved = try Clock(database: database, now: now).isBelieved()
      var report = try Retention(
        database: database, policy: isBelieved ? policy : policy.withoutAges, now: now
      ).apply()
      report.isHeld = !isBelieved
      return report
    }
    let deleted = try doomedFiles().filter { blobs.delete($0.sha256) }
    report.deletedFiles = deleted.count
    report.freedBytes = deleted.reduce(0) { $0 + $1.bytes }
    if !deleted.isEmpty {
      try write { (database) throws(DictationError) in
        for file in deleted {
          try database.run("DELETE FROM doomed_blobs WHERE sha256 = ?1", [.text(file.sha256)])
        }
      }
    }
    blobs.deleteAbandoned()
    checkpoint()
    return report
  }

  private func doomedFiles() throws(DictationError) -> [(sha256: String, bytes: Int)] {
    let doomed = try write { (database) throws(DictationError) in
      try database.rows("SELECT sha256 FROM doomed_blobs") { (row) throws(DictationError) in row.text(0) ?? ""
      }
    }
    return doomed.map { ($0, fileSize(blobs.path($0)) ?? 0) }
  }
}

extension RetentionPolicy {
  /// What of it depends on no clock.
  fileprivate var withoutAges: RetentionPolicy {
    RetentionPolicy(
      keepAudioSeconds: keepAudioSeconds > 0 ? .max : 0, maxAudioBytes: maxAudioBytes, trashSeconds: .max)
  }
}

/// Whether the clock can be right, by what it said the last times.
private struct Clock {
  private static let day: UInt64 = 86_400_000

  let database: Database
  let now: UInt64

  /// Whether to believe it now, which is noted.
  func isBelieved() throws(DictationError) -> Bool {
    let noted = try database.rows("SELECT believed_at, held_at FROM maintenance") {
      (row) throws(DictationError) in (believed: row.time(0), held: row.time(1))
    }
    let (believed, held) = noted.first ?? (nil, nil)
    if believed.map({ isNear($0) }) ?? true || held.map({ isNear($0) && now - $0 >= Self.day }) ?? false {
      try database.run("UPDATE maintenance SET believed_at = ?1, held_at = NULL", [Value(now)])
      return true
    }
    // It goes on from what is noted, or has jumped once more.
    if held.map({ !isNear($0) }) ?? true {
      try database.run("UPDATE maintenance SET held_at = ?1", [Value(now)])
    }
    return false
  }

  /// Whether it is at most 30 days since `time`.
  private func isNear(_ time: UInt64) -> Bool { time <= now && now - time <= 30 * Self.day }
}

/// The transaction of `Library.maintain`.
struct Retention {
  let database: Database
  let policy: RetentionPolicy
  let now: UInt64

  /// `Item.isExpendable`.
  static let isExpendable = """
    CASE
      WHEN kind = 'import' THEN 0
      WHEN state = 'completed' THEN is_recovered = 0 OR coalesce(result ->> '$.output.method', 'none') <> 'none'
      WHEN state = 'cancelled' THEN is_recovered = 0
      WHEN state = 'discarded' THEN is_recovered = 0 AND coalesce(error ->> '$.kind', 'device') = 'device'
      ELSE 0
    END
    """

  func apply() throws(DictationError) -> MaintenanceReport {
    var report = MaintenanceReport()
    try database.run("DELETE FROM items WHERE deleted_at <= ?1", [before(policy.trashSeconds)])
    report.deletedItems = database.changes
    if let seconds = policy.keepTextSeconds {
      try database.run("DELETE FROM items WHERE created_at <= ?1 AND \(Self.isExpendable)", [before(seconds)])
      report.deletedItems += database.changes
    }
    try database.run(
      "UPDATE items SET audio = NULL WHERE audio IS NOT NULL AND created_at <= ?1 AND \(Self.isExpendable)",
      [before(policy.keepAudioSeconds)])
    report.itemsWithoutAudio = database.changes
    try doom()
    if let limit = policy.maxAudioBytes { report.itemsWithoutAudio += try shrink(to: limit) }
    return report
  }

  private func before(_ seconds: Int) -> Value {
    // A clock that was wrong once must not stop this: what is from the future counts as from now.
    guard seconds > 0 else { return .integer(.max) }
    let age = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1000)
    return age.overflow || age.partialValue > now ? .integer(-1) : Value(now - age.partialValue)
  }

  /// Takes the oldest audio away until the rest fits; how many items lost theirs.
  private func shrink(to limit: Int) throws(DictationError) -> Int {
    // An import of ten hours must not cost every dictation its audio.
    var total = try database.amount(
      "SELECT total(bytes) FROM blobs WHERE sha256 IN (SELECT audio FROM items WHERE kind <> 'import')")
    guard total > limit else { return 0 }
    // A file that several items share counts as old as the newest of them, and goes from all or none.
    let oldest = try database.rows(
      """
      SELECT blobs.sha256, blobs.bytes FROM blobs JOIN items ON items.audio = blobs.sha256
      GROUP BY blobs.sha256 HAVING min(\(Self.isExpendable)) = 1 ORDER BY max(items.created_at), max(items.id)
      """
    ) { (row) throws(DictationError) in (row.text(0) ?? "", row.amount(1)) }
    var count = 0
    for (digits, bytes) in oldest where total > limit {
      try database.run("UPDATE items SET audio = NULL WHERE audio = ?1", [.text(digits)])
      count += database.changes
      total -= bytes
    }
    try doom()
    return count
  }

  /// Notes the files that nothing refers to, and forgets their rows.
  private func doom() throws(DictationError) {
    let unused = "FROM blobs WHERE NOT EXISTS (SELECT 1 FROM items WHERE items.audio = blobs.sha256)"
    try database.run("INSERT OR IGNORE INTO doomed_blobs (sha256) SELECT sha256 \(unused)")
    try database.run("DELETE \(unused)")
  }
}
