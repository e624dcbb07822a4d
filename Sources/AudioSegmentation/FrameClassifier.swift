import Glibc

/// How sure a frame is to hold speech.
public enum SpeechEvidence: UInt8, Sendable, Comparable {
  /// It holds none.
  case none
  /// It cannot be ruled out.
  case possible
  /// It holds speech.
  case speech

  /// By certainty.
  public static func < (left: SpeechEvidence, right: SpeechEvidence) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Classifies frames of 10 ms, 160 samples, of 16 kHz mono.
public struct FrameClassifier {
  /// Samples in a frame.
  public static let frameLength = 160
  private var floor = -60.0

  /// A classifier that has heard nothing. `aggressiveness`: 0 to 3, how sure `speech` has to be.
  public init(aggressiveness: Int) {}

  /// How sure `frame` is to hold speech.
  public mutating func classify(_ frame: UnsafeBufferPointer<Int16>) -> SpeechEvidence {
    let level = level(of: frame)
    floor = level < floor ? 0.7 * floor + 0.3 * level : min(floor + 0.02, -20)
    if level > max(floor + 9, -75) { return .speech }
    return level > max(floor + 6, -80) ? .possible : .none
  }
}

/// The root mean square of `frame` in dBFS, at least -96.
public func level(of frame: UnsafeBufferPointer<Int16>) -> Double {
  let sum = frame.reduce(0.0) { $0 + Double(Int32($1) * Int32($1)) }
  return max(-96, 10 * log10(max(sum / Double(max(frame.count, 1)) / 1_073_741_824, 1e-10)))
}
