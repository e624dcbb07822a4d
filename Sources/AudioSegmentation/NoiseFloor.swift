import Glibc

/// How far a sound stands above the steady noise, over bands: the noise in each is the least that was heard in the last
/// 1.5 to 2 seconds, since speech leaves every band within that time.
///
/// The idea is that of R. Martin, "Noise power spectral density estimation based on optimal smoothing and minimum
/// statistics" (IEEE Transactions on Speech and Audio Processing 9, 2001). The figures are those with which speech was
/// told best from noise: docs/benchmarks.md.
struct NoiseFloor: Sendable {
  /// The edges of the bands, in hertz. Below is hum, above is little of a voice.
  static let edges = [100.0, 300, 600, 1_000, 1_600, 2_500, 4_000, 7_000]
  /// The least noise, in dBFS a band: the step of 16 bits makes about that.
  static let least = -90.0
  /// The most by which one band counts, in dB.
  static let most = 20.0
  /// The weight of a new frame in the power that the minimum is taken of, and in the result.
  static let powerWeight = 0.2
  static let resultWeight = 0.3
  /// How many frames at the beginning have their mean for the minimum: less says nothing of a noise.
  static let warmUp = 8

  private var bands = zip(edges, edges.dropFirst()).map { Band(filter: BandPass(from: $0, to: $1)) }
  private var count = 0
  private var result = 0.0

  /// Hears 10 ms, and tells how far they stand above the noise: the mean over the bands, in dB, smoothed.
  mutating func excess(of frame: UnsafeBufferPointer<Int16>) -> Double {
    count += 1
    var sum = 0.0
    for index in bands.indices {
      let power = bands[index].hear(
        frame, weight: max(Self.powerWeight, 1 / Double(count)), isFirst: count <= Self.warmUp)
      let noise = max(decibels(bands[index].noise.value), Self.least)
      sum += min(max(decibels(power) - noise, 0), Self.most)
    }
    result += Self.resultWeight * (sum / Double(bands.count) - result)
    return result
  }

  /// The noise over all bands, in dBFS; there has to have been a frame.
  var level: Double { max(decibels(bands.reduce(0) { $0 + $1.noise.value }), Self.least) }

  /// One band and the noise in it.
  private struct Band {
    var filter: BandPass
    var smoothed = 0.0
    var noise = RunningMinimum()

    mutating func hear(_ frame: UnsafeBufferPointer<Int16>, weight: Double, isFirst: Bool) -> Double {
      let power = filter.power(of: frame)
      smoothed += weight * (power - smoothed)
      noise.add(smoothed, anew: isFirst)
      return power
    }
  }
}

/// `power`, relative to full scale squared, in dBFS; -110 for none.
func decibels(_ power: Double) -> Double { 10 * log10(power + 1e-11) }
