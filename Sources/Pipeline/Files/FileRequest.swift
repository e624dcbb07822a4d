public import DictationTypes

/// What `thoth transcribe` is to do.
public struct FileRequest: Sendable {
  /// The files, in the order of their results.
  public var sources: [MediaSource]
  /// The language, the engine and the words to expect.
  public var options = RecordOptions()
  /// How many segments are transcribed at a time; nil: as many as the engine is likely to take.
  public var jobs: Int?
  /// Whether it goes on where a run before it was interrupted.
  public var resumes = false
  /// Whether texts and audio go into the library.
  public var saves = true
  /// Which audio track of each file, from 0; nil: the one that players choose.
  public var track: Int?
  /// What the library's items are tagged with.
  public var tags: [String: String] = [:]
  /// Whether the text is left as the engine writes it.
  public var isRaw = false
  /// Whether the times of words are wanted.
  public var wantsWords = false

  /// A request for `sources`.
  public init(_ sources: [MediaSource]) { self.sources = sources }
}

/// What was said in a file.
public struct FileTranscript: Sendable, Hashable {
  /// What was said, after the rules of the filter. Paragraphs are lines.
  public var text: String
  /// What the engine wrote.
  public var rawText: String
  /// Its sentences, or parts of one that is very long, with their times.
  public var segments: [TimedText]
  /// Its words with their times. Where the engine told none they are estimated.
  public var words: [TimedWord]
  /// The language of most of it as an ISO 639-1 code, when known.
  public var language: String?
  /// The name of the engine's configuration section; empty when nobody speaks in it.
  public var engine: String
  /// The model; empty when nobody speaks in it.
  public var model: String
  /// How long the file is, in milliseconds.
  public var durationMs: Int
  /// What is worth knowing: it ends early, parts are damaged.
  public var warnings: [String]
  /// The item in the library; nil: it is not stored.
  public var item: JobID?
  /// Why it is not stored though it was to be.
  public var storageError: DictationError?
}

/// How far a run is.
public enum FileProgress: Sendable {
  /// Nothing keeps the run from beginning: what is told from now on is about its files.
  case began
  /// Work on the file of this number, from 0, begins; `wasInterrupted`: anew, though a run before could be continued.
  case started(Int, wasInterrupted: Bool)
  /// Of the file of this number so much is done, from 0 to 1; nil: it does not say how long it is.
  case heard(Int, share: Double?)
  /// The file of this number is done, or has failed.
  case finished(Int, Result<FileTranscript, FileFailure>)
}

/// Why a file has no transcript.
public struct FileFailure: Error, Sendable, Hashable {
  /// The failure, and what to do.
  public let error: DictationError
  /// Whether it is about the file rather than about the engine: it is missing, or nothing that can be heard.
  public let isAboutFile: Bool

  /// A failure of the engine, or of the file.
  public init(_ error: DictationError, isAboutFile: Bool) {
    self.error = error
    self.isAboutFile = isAboutFile
  }

  /// The exit code of a command that was about this file alone.
  public var exitCode: ExitCode {
    switch error.kind {
    case .format, .storage, .missingAsset: isAboutFile ? .usage : error.exitCode
    default: error.exitCode
    }
  }

  /// Whether the next file would fail of the same.
  var isAboutEveryFile: Bool {
    switch error.kind {
    case .auth, .rateLimit, .network, .timeout, .config, .cancelled: true
    default: false
    }
  }
}
