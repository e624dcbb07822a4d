public import DictationTypes

/// What `thoth-media export` gets on its standard input: all that it needs to make the file.
public struct ExportJob: Sendable, Codable {
  /// What is in it.
  public var plan: ExportPlan
  /// The kind of file.
  public var type: AudioFileType
  /// The file.
  public var path: String
  /// The file until it is complete, in the same folder.
  public var temporary: String
  /// Bits per second of a lossy codec; nil: `usualBitrate`.
  public var bitrate: Int?
  /// Whether it is brought to `loudness`.
  public var normalizes: Bool
  /// Whether audio that is damaged or gone is silence in its place, and not a failure.
  public var skipsDamaged: Bool
  /// Whether a file that exists is replaced.
  public var replaces: Bool
  /// The mode of the file.
  public var mode: UInt32
  /// What the file says of itself: `title`, `date`.
  public var tags: [String: String]

  /// The job that makes the file at `path` by way of `temporary`.
  public init(_ plan: ExportPlan, type: AudioFileType, path: String, temporary: String) {
    self.plan = plan
    self.type = type
    self.path = path
    self.temporary = temporary
    normalizes = false
    skipsDamaged = false
    replaces = false
    mode = 0o600
    tags = [:]
  }

  /// The integrated loudness that is usual for speech to be listened to on its own, in LUFS (AES TD1004.1.15-10: -16).
  public static let loudness = -16.0

  /// Bits per second for speech in `format`: more than enough for most listeners (AAC 96 kbit/s mono, 160 stereo; Opus 32
  /// and 64), and no more than the codec can use at its rate.
  public static func usualBitrate(_ type: AudioFileType, _ format: AudioFormat) -> Int {
    let isMono = format.channels == 1
    return limit(type == .opus ? (isMono ? 32_000 : 64_000) : (isMono ? 96_000 : 160_000), type, format)
  }

  /// `bitrate`, or what the codec takes at most: AAC 6,144 bits for 1,024 samples of a channel (ISO/IEC 14496-3 §4.5.3),
  /// Opus 256 kbit/s a channel.
  public static func limit(_ bitrate: Int, _ type: AudioFileType, _ format: AudioFormat) -> Int {
    min(bitrate, (type == .opus ? 256_000 : 6 * format.sampleRate) * format.channels)
  }
}

/// A line of what `thoth-media export` tells on its standard output.
public struct ExportReport: Sendable, Codable {
  /// Which pass over the clips this is.
  public enum Phase: String, Sendable, Codable {
    /// How loud it is.
    case measure
    /// The file is written.
    case encode
  }
  /// The pass.
  public var phase: Phase?
  /// How many frames of the pass are done.
  public var frames: Int?
  /// The size of the complete file; with it, the file is in its place.
  public var bytes: Int?
  /// Something that whoever asked should know.
  public var warning: String?

  /// An empty line.
  public init() {}
}
