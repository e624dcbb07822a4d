/// The fields of an `export` event.
public struct ExportNotice: Sendable, Hashable, Codable {
  /// What happened.
  public enum What: String, Sendable, Codable {
    /// It waits, or begins.
    case started
    /// It is so far.
    case progress
    /// The file is in its place.
    case done
    /// There is no file, and nothing of it is left.
    case failed
    /// The same, by the user's wish.
    case cancelled
  }
  /// What it is doing.
  public enum Phase: String, Sendable, Codable {
    /// What the file consists of is known.
    case plan
    /// How loud it is is measured.
    case measure
    /// The file is written.
    case encode
  }
  /// What happened.
  public var what: What
  /// What it is doing.
  public var phase: Phase
  /// How much of the work is done, from 0 to 1; never less than before, and 1 when it is done.
  public var progress: Double
  /// One sentence.
  public var message: String
  /// The file.
  public var path: String
  /// The size of the file, when it is done.
  public var bytes: Int?
  /// How long the sound is, in milliseconds.
  public var durationMs: Int
  /// How many seconds of sound were made in a second; nil: not known yet.
  public var speed: Double?

  /// A notice of `what` about the file at `path`, told by `message`.
  public init(
    _ what: What, _ phase: Phase, progress: Double, message: String, path: String, durationMs: Int
  ) {
    self.what = what
    self.phase = phase
    self.progress = progress
    self.message = message
    self.path = path
    self.durationMs = durationMs
  }
}
