public import DictationTypes

/// One thing that was said, spoken, imported or exported. There is one type for all.
///
/// Its text is always in the database, whatever its size: SQLite reads and writes rows of this size faster than the
/// file system does files (https://www.sqlite.org/fasterthanfs.html), and one transaction keeps text and state
/// together. Audio is always a file.
public struct Item: Sendable, Hashable, Codable {
  /// What made it.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Said into the microphone.
    case dictation
    /// Spoken by a voice.
    case speech
    /// A file that was transcribed.
    case `import`
    /// A file that was made from other items.
    case export
  }

  /// The id of the job that made it. It sorts by time.
  public var id: JobID
  /// What made it.
  public var kind: Kind
  /// When it was said, in milliseconds since 1970, UTC.
  public var createdAt: UInt64
  /// When it was saved last, in milliseconds since 1970, UTC. `save` sets it.
  public var modifiedAt: UInt64
  /// Where its job got to.
  public var state: PipelineState
  /// The text and where it came from; nil before there is one.
  public var result: DictationResult?
  /// Why it failed.
  public var error: DictationError?
  /// The microphone.
  public var device: String?
  /// Whether its job was interrupted by the end of the daemon, and taken up by the next one.
  public var isRecovered: Bool
  /// Its tags: keys with their values, see `ItemTag`. Those of an item that is stored are changed by `Library.tag` alone.
  public var tags: [String: String]
  /// Its audio; nil when there is none (any more). Set by `Library.storeAudio` alone.
  public internal(set) var audio: AudioFile?
  /// Since when it is in the trash, in milliseconds since 1970, UTC. Set by `remove` and `restore` alone.
  public internal(set) var deletedAt: UInt64?

  /// A new item.
  public init(
    id: JobID, kind: Kind = .dictation, createdAt: UInt64, state: PipelineState,
    result: DictationResult? = nil, error: DictationError? = nil, device: String? = nil,
    isRecovered: Bool = false, tags: [String: String] = [:]
  ) {
    self.id = id
    self.kind = kind
    self.createdAt = createdAt
    modifiedAt = createdAt
    self.state = state
    self.result = result
    self.error = error
    self.device = device
    self.isRecovered = isRecovered
    self.tags = tags
  }
}

extension Item {
  /// Whether its audio is not all there may be of it: its text was delivered, nobody spoke, or the user dropped it.
  /// What is still on its way, what failed, what the engine heard nothing in though somebody spoke, and what was
  /// recovered after an interruption and not delivered since is not expendable. Nor is what was imported: it stays
  /// until somebody removes it. `Retention` has the same in SQL.
  public var isExpendable: Bool {
    if kind == .import { return false }
    return switch state {
    case .completed: !isRecovered || result?.output.map { $0.method != .none } ?? false
    case .cancelled: !isRecovered
    // Without speech there is no error, or it is the microphone's.
    case .discarded: !isRecovered && (error == nil || error?.kind == .device)
    default: false
    }
  }
}

/// The audio of an item: a file whose name is its content.
public struct AudioFile: Sendable, Hashable, Codable {
  /// The SHA-256 of the file, 64 hexadecimal digits in lower case.
  public let sha256: String
  /// The size of the file.
  public let bytes: Int
  /// `audio/flac` (RFC 9639 §8.1).
  public let mimeType: String
  /// Frames per second, in hertz.
  public let sampleRate: Int
  /// Samples in one frame.
  public let channels: Int
  /// Its length in frames.
  public let frames: Int
  /// When the file was made, in milliseconds since 1970, UTC.
  public let createdAt: UInt64

  /// The layout of its samples.
  public var format: AudioFormat { AudioFormat(sampleRate: sampleRate, channels: channels) }
}
