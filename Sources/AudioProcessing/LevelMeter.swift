public import DictationTypes
import Glibc

/// Measures the level of mono samples between two readings.
public struct LevelMeter: Sendable {
  /// The lowest level it shows, in dBFS: about the least that 16 bits can tell.
  public static let floor = -96.0

  private var sumOfSquares: Int64 = 0
  private var count = 0
  private var peak: Int32 = 0

  /// A meter that has heard nothing.
  public init() {}

  /// Adds samples to the interval.
  public mutating func add(_ samples: UnsafeBufferPointer<Int16>) {
    for sample in samples {
      let value = Int32(sample)
      sumOfSquares += Int64(value * value)
      peak = max(peak, abs(value))
    }
    count += samples.count
  }

  /// The level since the last reading, in dB relative to full scale (a square wave at full scale is 0 dBFS RMS),
  /// and begins a new interval. `speech` is what the voice-activity detector says.
  public mutating func read(speech: Bool) -> AudioLevel {
    let rms = count == 0 ? 0 : (Double(sumOfSquares) / Double(count)).squareRoot()
    let level = AudioLevel(
      rmsDb: Self.decibels(rms), peakDb: Self.decibels(Double(peak)), speech: speech, clip: peak >= 32_767)
    self = LevelMeter()
    return level
  }

  private static func decibels(_ amplitude: Double) -> Double { max(floor, 20 * log10(amplitude / 32_768)) }
}
