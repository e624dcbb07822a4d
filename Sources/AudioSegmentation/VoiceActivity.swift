/// When somebody begins to speak, and when they have stopped, from the evidence of frame after frame of 10 ms.
public struct VoiceActivity: Sendable, Hashable {
  /// What goes on.
  public enum State: Sendable, Hashable {
    /// Nobody speaks.
    case silence
    /// There is speech, and not yet for long enough.
    case possibleSpeech
    /// Somebody speaks.
    case speaking
    /// There is no speech, and not yet for long enough.
    case possibleSilence
  }

  /// What changes for those who only want to know whether somebody speaks.
  public enum Change: Sendable, Hashable {
    /// Somebody speaks now.
    case speechStart
    /// Nobody speaks any more.
    case speechEnd
  }

  /// What goes on.
  public private(set) var state = State.silence
  /// Whether somebody speaks, or may only pause.
  public var isSpeaking: Bool { state == .speaking || state == .possibleSilence }
  /// Frames since the last one of speech; 0 while somebody speaks, nil before anybody has.
  public private(set) var framesSinceSpeech: Int?

  /// How many frames of speech in a row begin it, and how many without end it.
  private let onset: Int
  private let hangover: Int
  private var speechFrames = 0

  /// Silence. Speech begins with 90 ms of it and ends `hangover` milliseconds after the last: 450, as with detectors
  /// of WebRTC's kind, unless said otherwise.
  public init(onset: Int = 90, hangover: Int = 450) {
    self.onset = onset / 10
    self.hangover = hangover / 10
  }

  /// Takes the evidence of the next 10 ms.
  public mutating func add(_ evidence: SpeechEvidence) -> Change? {
    let before = isSpeaking
    framesSinceSpeech = framesSinceSpeech.map { $0 + 1 }
    speechFrames = evidence == .speech ? speechFrames + 1 : 0
    if speechFrames > 0 {
      state = isSpeaking || speechFrames >= onset ? .speaking : .possibleSpeech
    } else {
      let isOver = (framesSinceSpeech ?? 0) >= hangover
      state = isSpeaking && !isOver ? .possibleSilence : .silence
    }
    if state == .speaking { framesSinceSpeech = 0 }
    return isSpeaking == before ? nil : isSpeaking ? .speechStart : .speechEnd
  }
}
