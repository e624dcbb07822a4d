/// How a microphone is kept alive: how long what may take.
public struct MicrophoneLimits: Sendable {
  /// Of each capture. A device that gives no frame for a second has stalled.
  public var capture = {
    var limits = CaptureLimits()
    limits.stallMilliseconds = 1_000
    return limits
  }()
  /// For how long a microphone that was lost is looked for, in milliseconds. Nil: for ever, also when it was not
  /// there at the start.
  public var searchMilliseconds: Int? = 10_000
  /// How long one device may take to open, and again until its first frame, while one is looked for, in
  /// milliseconds.
  public var tryMilliseconds = 2_000
  /// The longest pause between two rounds of tries, in milliseconds. It begins with 50 and doubles.
  public var longestPauseMilliseconds = 1_000
  /// After which time of nothing but zeros the microphone is silent, in milliseconds. A microphone that works
  /// hears its own noise; zeros come from one that is muted, and from a sound server that has lost it.
  public var silenceMilliseconds = 3_000
  /// How long a second capture is listened to when the first one is silent, in milliseconds.
  public var probeMilliseconds = 2_000
  /// How long the second capture has to have sound that the first has not, before it takes its place, in
  /// milliseconds.
  public var headStartMilliseconds = 300

  /// The values above.
  public init() {}

  /// For a microphone that is kept open while nobody records: it is waited for however long it takes.
  public static let patient = {
    var limits = MicrophoneLimits()
    limits.searchMilliseconds = nil
    limits.longestPauseMilliseconds = 30_000
    return limits
  }()

  /// What holds for each try of a search.
  var ofTries: CaptureLimits {
    var limits = capture
    limits.openMilliseconds = min(limits.openMilliseconds, tryMilliseconds)
    limits.firstFrameMilliseconds = min(limits.firstFrameMilliseconds, tryMilliseconds)
    return limits
  }
}
