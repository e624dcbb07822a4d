import DictationTypes
import Glibc

/// Tells speech from silence by the energy of 30 ms frames against a noise floor that adapts.
///
/// It is made to be sure about silence: noise that is as loud as speech passes, and is left to the engine's own
/// detector. The times are those of WebRTC-style detectors: 90 ms of speech begin an utterance, 450 ms of silence
/// end it.
public struct SpeechDetector: Sendable {
  /// Whether somebody speaks now.
  public private(set) var isSpeaking = false
  /// Whether anybody has spoken so far.
  public private(set) var hasHeardSpeech = false

  /// Samples in a frame: 30 ms.
  static let frameLength = AudioFormat.speech.frames(milliseconds: 30)
  /// What is louder than this may be speech whatever the noise, in dBFS: an RMS of 0.002 of full scale.
  static let loud = -54.0
  /// What is quieter than this is never speech, in dBFS: half the least step of 16 bits is at -96.
  static let silence = -75.0
  /// How far speech stands above the noise floor, in dB.
  static let margin = 9.0
  /// How fast the floor follows rising noise, in dB a frame (2 dB a second).
  static let rise = 0.06
  static let framesToBegin = 3
  static let framesToEnd = 15

  private var floor = -60.0
  private var sumOfSquares = 0.0
  private var count = 0
  private var loudFrames = 0
  private var speechFrames = 0
  private var silentFrames = 0

  /// A detector that has heard nothing.
  public init() {}

  /// Listens to mono samples at 16 kHz.
  public mutating func add(_ samples: UnsafeBufferPointer<Int16>) {
    for sample in samples {
      sumOfSquares += Double(Int32(sample) * Int32(sample))
      count += 1
      if count == Self.frameLength { endFrame() }
    }
  }

  private mutating func endFrame() {
    let rms = (sumOfSquares / Double(count)).squareRoot() / 32_768
    let level = max(-96, 20 * log10(max(rms, 1e-9)))
    (sumOfSquares, count) = (0, 0)
    floor = level < floor ? 0.5 * (floor + level) : min(floor + Self.rise, -20)
    let stands = level > max(floor + Self.margin, Self.silence)
    // Whether anybody spoke at all: a floor that is wrong must not cost a word, so loud is enough.
    loudFrames = stands || level > Self.loud ? loudFrames + 1 : 0
    if loudFrames >= Self.framesToBegin { hasHeardSpeech = true }
    if stands {
      speechFrames += 1
      silentFrames = 0
      if speechFrames >= Self.framesToBegin { isSpeaking = true }
    } else {
      silentFrames += 1
      speechFrames = 0
      if silentFrames >= Self.framesToEnd { isSpeaking = false }
    }
  }
}
