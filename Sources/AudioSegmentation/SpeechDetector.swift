import DictationTypes

/// Tells speech from silence in a stream of samples: frames of 10 ms, classified, and what follows from them.
///
/// `hasHeardSpeech` is made to be sure about silence, which is not sent to any engine: what may be speech is enough for
/// it, and so is what is loud and no steady noise, whatever it is; both are left to the engine's own detector.
/// `isSpeaking` asks for more.
public final class SpeechDetector {
  /// Whether somebody speaks now, and since when not.
  public private(set) var activity: VoiceActivity
  /// Whether anybody may have spoken so far.
  public private(set) var hasHeardSpeech = false
  /// How sure the last frame is to hold speech.
  public private(set) var evidence = SpeechEvidence.none
  /// Whether the last frame may hold speech, by what `hasHeardSpeech` goes by.
  public var mayHoldSpeech: Bool { evidence != .none || loudFrames > 0 }
  /// How loud the last frame was, in dBFS; at least -96, which digital silence has too.
  public var level: Double { max(classifier.level ?? -96, -96) }

  /// What is louder than this, in dBFS, and stands so far above the least of late, in dB, is not to be ignored: an RMS
  /// of 0.002 of full scale, and what no noise of fans and streets does by itself.
  static let loud = -54.0
  static let rise = 9.0
  /// How many frames that may be speech in a row are enough to be sent.
  static let framesOfSpeech = 12

  private let classifier: FrameClassifier
  private var loudFrames = 0
  private var quietest = RunningMinimum()
  private var possibleFrames = 0
  /// The samples of the frame that is not whole yet.
  private var pending: [Int16] = []

  /// A detector that has heard nothing.
  ///
  /// - Parameters:
  ///   - aggressiveness: 0 to 3; the higher, the less noise counts as somebody speaking.
  ///   - hangover: how long no speech has to come until nobody speaks any more, in milliseconds.
  public init(aggressiveness: Int = FrameClassifier.defaultAggressiveness, hangover: Int = 450) {
    classifier = FrameClassifier(aggressiveness: aggressiveness)
    activity = VoiceActivity(hangover: hangover)
    pending.reserveCapacity(FrameClassifier.frameLength)
  }

  /// Whether somebody speaks now.
  public var isSpeaking: Bool { activity.isSpeaking }

  /// How long nobody has spoken since the last speech, in milliseconds; nil before anybody has.
  public var pause: Int? { activity.framesSinceSpeech.map { $0 * 10 } }

  /// Listens to mono samples at 16 kHz, and tells each `change`.
  public func add(_ samples: UnsafeBufferPointer<Int16>, change: (VoiceActivity.Change) -> Void = { _ in }) {
    for sample in samples {
      pending.append(sample)
      guard pending.count == FrameClassifier.frameLength else { continue }
      take(pending.withUnsafeBufferPointer { classifier.classify($0) }, change)
      pending.removeAll(keepingCapacity: true)
    }
  }

  private func take(_ evidence: SpeechEvidence, _ change: (VoiceActivity.Change) -> Void) {
    self.evidence = evidence
    possibleFrames = evidence == .none ? 0 : possibleFrames + 1
    if let level = classifier.level {
      quietest.add(level)
      loudFrames = level > max(Self.loud, quietest.value + Self.rise) ? loudFrames + 1 : 0
    }
    if max(possibleFrames, loudFrames) >= Self.framesOfSpeech { hasHeardSpeech = true }
    if let changed = activity.add(evidence) { change(changed) }
  }
}
