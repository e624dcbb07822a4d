import TestSupport
import Testing

@testable import AudioExport

@Suite struct LimiterTests {
  /// What comes of `samples`, given in blocks of random lengths.
  private func limited(_ samples: [Float], channels: Int = 1, rate: Int = 16_000, seed: UInt64 = 1) -> [Float]
  {
    var random = SplitMix(seed: seed)
    var limiter = Limiter(sampleRate: rate, channels: channels)
    var output: [Float] = []
    var rest = samples[...]
    while !rest.isEmpty {
      let count = min(rest.count / channels, Int.random(in: 1...3000, using: &random))
      output += limiter.process(Array(rest.prefix(count * channels)))
      rest = rest.dropFirst(count * channels)
    }
    return output + limiter.finish()
  }

  private func noise(_ count: Int, amplitude: Float, seed: UInt64) -> [Float] {
    var random = SplitMix(seed: seed)
    return (0..<count).map { _ in Float.random(in: -amplitude...amplitude, using: &random) }
  }

  @Test func whatIsNotTooLoudStaysBitForBit() {
    let samples = noise(50_000, amplitude: Limiter.ceiling, seed: 1)
    #expect(limited(samples) == samples)
    #expect(limited(samples, channels: 2, rate: 48_000) == samples)
    #expect(limited([]).isEmpty && limited([0.5]) == [0.5])
  }

  @Test(arguments: 1...8) func nothingIsLouderThanTheCeiling(_ seed: UInt64) {
    var random = SplitMix(seed: seed)
    var samples = noise(60_000, amplitude: 0.5, seed: seed)
    for _ in 0..<30 {
      let start = Int.random(in: 0..<samples.count, using: &random)
      let gain = Float.random(in: 1...40, using: &random)
      for index in start..<min(samples.count, start + Int.random(in: 1...4000, using: &random)) {
        samples[index] *= gain
      }
    }
    samples[0] = 9
    samples[samples.count - 1] = -9
    for channels in 1...2 {
      let output = limited(samples, channels: channels, seed: seed)
      #expect(output.count == samples.count)
      #expect(output.allSatisfy { abs($0) <= Limiter.ceiling })
      // Nothing is turned round, or made louder.
      #expect(zip(output, samples).allSatisfy { $0 * $1 >= 0 && abs($0) <= abs($1) })
    }
  }

  /// It is quieter a moment before a peak and a while behind it, and untouched elsewhere.
  @Test func aPeakIsTouchedWhereItIs() {
    var samples = [Float](repeating: 0.5, count: 48_000)
    samples[16_000] = 2
    let output = limited(samples)
    #expect(output[16_000] <= Limiter.ceiling && output[16_000] > 0.99 * Limiter.ceiling)
    #expect(output[..<(16_000 - 80)] == samples[..<(16_000 - 80)])
    #expect(output[15_999] < 0.3 && output[16_001] < 0.3)
    // A second behind it nothing is heard of it, and then it is exact again.
    #expect(output[32_000] > 0.4999)
    #expect(output[40_000...] == samples[40_000...])
    // The gain never jumps: between neighbours it changes by less than a thirtieth.
    let gains = zip(output, samples).map { $0 / $1 }
    #expect(zip(gains, gains.dropFirst()).allSatisfy { abs($0 - $1) < 1 / 30 })
  }

  /// Both channels get the same gain: the place of a voice does not move.
  @Test func channelsStayInBalance() {
    var samples = (0..<20_000).flatMap { _ in [Float(0.4), Float(0.1)] }
    for frame in 5000..<6000 { samples[2 * frame] = 1.5 }
    let output = limited(samples, channels: 2)
    for frame in 0..<20_000 {
      let (left, right) = (
        output[2 * frame] / samples[2 * frame], output[2 * frame + 1] / samples[2 * frame + 1]
      )
      guard abs(left - right) < 1e-6 else {
        Issue.record("frame \(frame): \(left), \(right)")
        return
      }
    }
  }
}
