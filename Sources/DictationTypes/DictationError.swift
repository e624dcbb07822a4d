/// What kind of thing went wrong. The raw values are the `kind` of the `error` event.
public enum ErrorKind: String, Sendable, Codable, CaseIterable {
  /// Something is not set up: a key, an engine, a setting.
  case config
  /// The engine refused the key (401, 403).
  case auth
  /// The engine asks for fewer requests (429).
  case rateLimit = "rate_limit"
  /// The engine could not be reached, or the connection broke.
  case network
  /// The engine did not answer in time.
  case timeout
  /// The engine answered that it failed, or answered something that is no transcript.
  case server
  /// The engine does not take this audio (400, 413, 415, 422).
  case format
  /// The microphone: missing, busy, or gone.
  case device
  /// The disk: full, read-only, not ours.
  case storage
  /// Audio that the library refers to is gone.
  case missingAsset = "missing_asset"
  /// The text could not be put where it belongs.
  case output
  /// Ended by the user.
  case cancelled
  /// A defect of thoth.
  case internalError = "internal"
}

/// How a command ends. The raw values are the process's exit codes.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// Done.
  case done = 0
  /// A defect, or the disk.
  case internalError = 1
  /// The command line is wrong.
  case usage = 2
  /// Not now: already recording, or nothing to stop.
  case notNow = 3
  /// The recording holds no speech.
  case noSpeech = 4
  /// The engine or the network failed; the audio is kept.
  case engineFailed = 5
  /// A microphone, an engine, a key or a setting is missing.
  case notConfigured = 6
  /// The text could not be output; it is kept.
  case outputFailed = 7
  /// The daemon neither answers nor starts.
  case noDaemon = 8
  /// Some of several failed.
  case someFailed = 9
  /// Ended by the user.
  case cancelled = 130
}

/// A failure: a stable kind, and one sentence that names the object and the way out.
public struct DictationError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What went wrong.
  public let kind: ErrorKind
  /// One sentence for the user, with what to do.
  public let message: String
  /// Whether the same request may succeed later without a change.
  public let retryable: Bool
  /// For `timeout`: whether others' requests took some of the time, or all of it. It says nothing about the engine then.
  /// It is not stored.
  public var hadToWait = false

  private enum CodingKeys: String, CodingKey { case kind, message, retryable }

  /// A failure of `kind`, told by `message`.
  public init(_ kind: ErrorKind, _ message: String, retryable: Bool = false) {
    self.kind = kind
    self.message = message
    self.retryable = retryable
  }

  /// The sentence.
  public var description: String { message }

  /// The exit code of a command that ends with this failure.
  public var exitCode: ExitCode {
    switch kind {
    case .config, .device: .notConfigured
    case .auth, .rateLimit, .network, .timeout, .server, .format: .engineFailed
    case .output: .outputFailed
    case .cancelled: .cancelled
    case .storage, .missingAsset, .internalError: .internalError
    }
  }
}
