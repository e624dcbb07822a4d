public import DictationTypes

/// How an export ended, for those who ask later.
public struct ExportEnding: Sendable, Hashable, Codable {
  /// What became of it.
  public enum What: String, Sendable, Codable {
    /// The file is in its place.
    case done
    /// There is no file, or, as the message says, there are no captions beside it.
    case failed
    /// The same, by the user's wish.
    case cancelled
    /// The daemon that made it, or let it wait, was killed: as a rule there is no file.
    case interrupted
  }
  /// What became of it.
  public let what: What
  /// Why it failed; nil: it did not.
  public let message: String?
  /// When, in milliseconds since 1970. An interruption: when it was found.
  public let at: UInt64

  /// `what`, at the time `at`.
  init(_ what: What, message: String? = nil, at: UInt64) {
    self.what = what
    self.message = message
    self.at = at
  }
}

/// An export that has ended.
public struct EndedExport: Sendable, Hashable {
  /// The job.
  public let job: JobID
  /// The file, as it was named.
  public let path: String
  /// How it ended.
  public let ending: ExportEnding
}
