import DictationTypes
import Glibc

/// How sure a frame of 10 ms is to hold speech.
public enum SpeechEvidence: UInt8, Sendable, Comparable {
  /// There is none: silence, or steady noise.
  case none
  /// It cannot be ruled out. Practically every word has this, a quiet one too.
  case possible
  /// This is speech.
  case speech

  /// By how sure it is.
  public static func < (left: SpeechEvidence, right: SpeechEvidence) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Classifies frames of 10 ms, 16 kHz, mono, one after the other.
///
/// WebRTC's detector decides, twice: one in the mode asked for says `speech`, one in the most lenient mode says
/// `possible`. Both have two weaknesses, for which there is help here. They take loud steady noise for speech: nothing
/// counts that does not stand above the `NoiseFloor`. And they miss who speaks far below full scale: they hear an
/// amplified copy, with the noise at a level at which they are at their best.
public final class FrameClassifier {
  /// The mode that is used unless another one is asked for.
  public static let defaultAggressiveness = 2
  /// Samples in a frame: 10 ms.
  public static let frameLength = AudioFormat.speech.frames(milliseconds: 10)

  /// What is quieter than this is never speech, in dBFS.
  static let silence = -75.0
  /// How far speech stands above the noise at least, in dB.
  static let margin = 2.0
  /// Where the noise is in the amplified copy, in dBFS; louder noise is left as it is.
  static let amplifiedNoise = -55.0
  /// The most by which it is amplified, in dB, and by how much that changes in a frame (30 dB a second).
  static let mostGain = 40.0
  static let gainStep = 0.3

  /// How loud the last frame was, in dBFS; nil for digital silence.
  private(set) var level: Double?

  private let strict: WebRTCDetector
  private let lenient = WebRTCDetector(mode: 0)
  private var noise = NoiseFloor()
  private var gain = 0.0
  private var amplified = [Int16](repeating: 0, count: frameLength)

  /// A classifier that has heard nothing.
  ///
  /// - Parameter aggressiveness: 0 to 3; the higher, the less noise passes as `speech`, and the more speech is only
  ///   `possible`.
  public init(aggressiveness: Int = defaultAggressiveness) { strict = WebRTCDetector(mode: aggressiveness) }

  /// How sure `frame`, of `frameLength` samples, is to hold speech.
  public func classify(_ frame: UnsafeBufferPointer<Int16>) -> SpeechEvidence {
    precondition(frame.count == Self.frameLength)
    // Digital silence says nothing of the room: a microphone that wakes up gives it, and the noise comes later.
    level = power(of: frame).map(decibels)
    guard let level else { return .none }
    let excess = noise.excess(of: frame)
    amplify(frame)
    let (isSpeech, isPossible) = amplified.withUnsafeBufferPointer {
      (strict.isSpeech($0), lenient.isSpeech($0))
    }
    guard excess > Self.margin, level > Self.silence else { return .none }
    return isSpeech ? .speech : isPossible ? .possible : .none
  }

  /// The mean power, relative to full scale squared; nil for digital silence.
  private func power(of frame: UnsafeBufferPointer<Int16>) -> Double? {
    var sum = 0
    for sample in frame { sum += Int(sample) * Int(sample) }
    return sum == 0 ? nil : Double(sum) / (32_768 * 32_768 * Double(frame.count))
  }

  private func amplify(_ frame: UnsafeBufferPointer<Int16>) {
    let wanted = min(max(Self.amplifiedNoise - noise.level, 0), Self.mostGain)
    gain += min(max(wanted - gain, -Self.gainStep), Self.gainStep)
    let factor = pow(10, gain / 20)
    for index in frame.indices {
      amplified[index] = Int16(min(max((Double(frame[index]) * factor).rounded(), -32_768), 32_767))
    }
  }
}
