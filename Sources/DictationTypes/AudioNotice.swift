/// The fields of an `audio` event.
public struct AudioNotice: Sendable, Hashable, Codable {
  /// What happened.
  public enum What: String, Sendable, Codable {
    /// The microphone vanished.
    case deviceLost = "device_lost"
    /// The microphone gives no more frames, and does not say why.
    case stalled
    /// Another microphone than the one that was asked for, or was used until now, is recorded from.
    case fallback
    /// The microphone that was lost or had stalled gives frames again.
    case resumed
    /// The microphone gives nothing but digital silence.
    case silent
    /// Sound has come after digital silence.
    case sound
    /// The microphone is open while nobody records, for `audio.pre_roll`.
    case listening
    /// The microphone is closed again while nobody records.
    case closed
    /// Frames were lost because they were not read in time.
    case overrun
    /// Somebody begins to speak.
    case speechStart = "speech_start"
    /// Nobody speaks any more.
    case speechEnd = "speech_end"
    /// The recording ends because nobody has spoken for long enough.
    case autoStop = "auto_stop"
    /// A recording of an earlier daemon was found.
    case recovered
  }
  /// What happened.
  public var what: What
  /// One sentence.
  public var message: String
  /// The microphone that was asked for, for `fallback`.
  public var asked: String?
  /// The microphone that it is about; for `fallback` the one that is used.
  public var device: String?
  /// Why, for `fallback`.
  public var reason: String?
  /// How long no frame came, in milliseconds, for `resumed` and for a `fallback` in the middle of a recording.
  public var gapMs: Int?
  /// How many times the device lost frames, for `overrun`.
  public var overruns: Int?
  /// How many frames those were, by the clock, for `overrun`.
  public var lostFrames: Int?
  /// How much sound is missing in all, in milliseconds, for `overrun`.
  public var lostMs: Int?
  /// How many frames were dropped because they were taken too late, for `overrun`.
  public var droppedFrames: Int?
  /// The file that holds the audio, for `recovered`.
  public var path: String?

  /// A notice of `what`, told by `message`.
  public init(_ what: What, message: String, device: String? = nil, path: String? = nil) {
    self.what = what
    self.message = message
    self.device = device
    self.path = path
  }
}

/// A time in a recording at which no frame came: the microphone was away. What came before and after stands side by
/// side in the audio; no silence is put between.
public struct AudioGap: Sendable, Hashable, Codable {
  /// Where in the recording, in milliseconds from its start.
  public var atMs: Int
  /// How long it was, in milliseconds.
  public var gapMs: Int
  /// The microphone after it.
  public var device: String

  /// A gap of `gapMs` milliseconds at `atMs`, ended by `device`.
  public init(atMs: Int, gapMs: Int, device: String) {
    self.atMs = atMs
    self.gapMs = gapMs
    self.device = device
  }
}
