/// The fields of a `transcribe` event: how far a run over files is.
public struct TranscribeNotice: Sendable, Hashable, Codable {
  /// What happened.
  public enum What: String, Sendable, Codable {
    /// Work on a file begins.
    case started
    /// The run is so far.
    case progress
    /// A file has its text.
    case done
    /// A file cannot be transcribed; the rest goes on.
    case failed
    /// The run is over.
    case finished
    /// It ended before its end, and can be continued.
    case stopped
  }
  /// What happened.
  public var what: What
  /// How much of the run is done, from 0 to 1; nil where a file does not say how long it is.
  public var progress: Double?
  /// One sentence for people.
  public var message: String
  /// The file, as it was asked for.
  public var file: String?
  /// How many files are done.
  public var done: Int
  /// How many files there are.
  public var files: Int
  /// How long it is likely to take, in seconds; nil: that is not known.
  public var secondsLeft: Int?
  /// The item of the library.
  public var item: JobID?

  /// A notice of `what` after `done` of `files` files.
  public init(
    _ what: What, progress: Double?, message: String, file: String? = nil, done: Int, files: Int,
    secondsLeft: Int? = nil, item: JobID? = nil
  ) {
    self.what = what
    self.progress = progress
    self.message = message
    self.file = file
    self.done = done
    self.files = files
    self.secondsLeft = secondsLeft
    self.item = item
  }
}
