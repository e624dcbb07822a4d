/// The fields of a `transcribe` event: how far a run over files is.
public struct TranscribeNotice: Sendable, Hashable, Encodable {
  /// What happened.
  public enum What: String, Sendable, Encodable {
    /// Work on a file begins.
    case started
    /// The run is so far.
    case progress
    /// Something is to be known of a file that has a text, or will have one.
    case warning
    /// A file has its text.
    case done
    /// A file cannot be transcribed, or its text cannot be written; the rest goes on.
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
  /// What has become of the files so far; its fields stand beside the others.
  public var counts: TranscribeCounts
  /// How long it is likely to take, in seconds; nil: that is not known.
  public var secondsLeft: Int?
  /// The item of the library.
  public var item: JobID?
  /// How the run ends; nil before its end.
  public var exitCode: Int32?

  private enum CodingKeys: String, CodingKey {
    case what, progress, message, file, secondsLeft, item, exitCode
  }

  /// A notice of `what`.
  public init(
    _ what: What, progress: Double?, message: String, file: String? = nil, counts: TranscribeCounts,
    secondsLeft: Int? = nil, item: JobID? = nil, exitCode: Int32? = nil
  ) {
    self.what = what
    self.progress = progress
    self.message = message
    self.file = file
    self.counts = counts
    self.secondsLeft = secondsLeft
    self.item = item
    self.exitCode = exitCode
  }
}

/// What has become of the files of a run.
public struct TranscribeCounts: Sendable, Hashable, Encodable {
  /// How many files there are.
  public var files: Int
  /// How many have their text.
  public var done = 0
  /// How many have failed.
  public var failed = 0
  /// In how many of those that are done nobody speaks.
  public var withoutSpeech = 0
  /// How many have been left out, because their texts are there.
  public var skipped: Int

  /// Those of a run over `files` files that has just begun, and leaves out `skipped` of them.
  public init(files: Int, skipped: Int = 0) {
    self.files = files
    self.skipped = skipped
  }

  /// How many are neither done nor failed nor left out.
  public var left: Int { files - done - failed - skipped }
}
