import AudioProcessing
import CSoxr
import DictationTypes
import Foundation
import TestSupport
import Testing

@Suite struct SpeechConverterTests {
  /// `samples`, interleaved, through a converter in pieces of random length.
  private func converted(_ samples: [Int16], rate: Int, channels: Int = 1) throws -> [Int16] {
    let converter = try SpeechConverter(from: AudioFormat(sampleRate: rate, channels: channels))
    var output: [Int16] = []
    var start = 0
    while start < samples.count {
      let end = min(samples.count, start + channels * Int.random(in: 0...700))
      samples[start..<end].withUnsafeBufferPointer { converter.convert($0, into: &output) }
      start = end
    }
    converter.flush(into: &output)
    return output
  }

  private func sine(_ frequency: Double, rate: Int, seconds: Double, amplitude: Double = 16_384) -> [Int16] {
    (0..<Int(seconds * Double(rate))).map {
      Int16((amplitude * sin(2 * .pi * frequency * Double($0) / Double(rate))).rounded())
    }
  }

  /// The level of the middle of `samples`, in dB relative to a sine of amplitude 16,384.
  private func decibels(_ samples: [Int16]) -> Double {
    let middle = samples[samples.count / 4..<3 * samples.count / 4]
    let power = middle.map { Double($0) * Double($0) }.reduce(0, +) / Double(middle.count)
    return 10 * log10(max(power, 1e-9) / (16_384.0 * 16_384 / 2))
  }

  @Test func sixteenKilohertzMonoPassesBitByBit() throws {
    let samples = (0..<10_000).map { _ in Int16.random(in: .min ... .max) }
    #expect(try converted(samples, rate: 16_000) == samples)
  }

  @Test func channelsAreAveraged() throws {
    let samples: [Int16] = [100, 200, -100, -200, 32_767, 32_767, -32_768, -32_768, 32_767, -32_768, 1, 0]
    #expect(try converted(samples, rate: 16_000, channels: 2) == [150, -150, 32_767, -32_768, -1, 1])
    #expect(try converted([3, 6, 9], rate: 16_000, channels: 3) == [6])
  }

  @Test(arguments: [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000])
  func theLengthIsTheInputsLengthAtTheNewRate(rate: Int) throws {
    for count in [0, 1, 2, 159, rate / 100, rate / 3, rate, rate + 1] {
      let output = try converted([Int16](repeating: 1_000, count: count), rate: rate)
      #expect(output.count == Int((Double(count) * 16_000 / Double(rate)).rounded()), "\(count) frames")
    }
  }

  /// A logarithmic sweep from 50 Hz to 7 kHz, against soxr in one call: the pieces leave no trace.
  @Test(arguments: [44_100, 48_000, 8_000]) func piecesGiveWhatTheWholeGives(rate: Int) throws {
    let sweep = (0..<2 * rate).map { index in
      let time = Double(index) / Double(rate)
      let phase = 2 * .pi * 50 * (pow(140, time / 2) - 1) * 2 / log(140)
      return Int16((20_000 * sin(phase)).rounded())
    }
    var types = soxr_io_spec(SOXR_FLOAT32_I, SOXR_INT16_I)
    types.flags |= UInt(SOXR_NO_DITHER)
    var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
    var reference = [Int16](repeating: 0, count: 32_000)
    var made = 0
    let input = sweep.map { Float($0) / 32_768 }
    let failure = soxr_oneshot(
      Double(rate), 16_000, 1, input, input.count, nil, &reference, reference.count, &made, &types, &quality,
      nil)
    #expect(failure == nil)
    #expect(made == 32_000)
    #expect(try converted(sweep, rate: rate) == reference)
  }

  /// A sweep from 50 Hz to 0.43 of the lower rate, with a click every tenth of a second, against `sox`, whose `rate -h`
  /// is the parent of libsoxr's HQ. Above, up to the Nyquist frequency, the edges of the two filters differ by up to
  /// -54 dB.
  @Test(arguments: [44_100, 48_000, 96_000, 8_000]) func agreesWithSoX(rate: Int) throws {
    let folder = try TemporaryFolder()
    let ratio = 0.43 * Double(min(rate, 16_000)) / 50
    let samples = (0..<3 * rate).map { index in
      let phase = 2 * .pi * 50 * (pow(ratio, Double(index) / Double(3 * rate)) - 1) * 3 / log(ratio)
      return Int16((12_000 * sin(phase)).rounded()) + (index % (rate / 10) == rate / 20 ? 10_000 : 0)
    }
    try WaveFile.write(samples, rate: rate, to: folder.file("sweep.wav"))
    let sox = try run(
      "sox", ["-D", folder.file("sweep.wav"), "-t", "raw", folder.file("reference"), "rate", "-h", "16000"])
    #expect(sox.code == 0, "\(sox.errors)")
    let reference = try Data(contentsOf: URL(fileURLWithPath: folder.file("reference"))).withUnsafeBytes {
      [Int16]($0.bindMemory(to: Int16.self))
    }
    let output = try converted(samples, rate: rate)
    #expect(output.count == reference.count)
    let deviation = zip(output, reference).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(deviation <= 8, "deviation \(deviation)")
    print("\(rate) Hz: the largest deviation from sox is \(deviation) of 65,536")
  }

  /// Above 8 kHz nothing may be left: it would come back as another tone.
  @Test(arguments: [
    (48_000, 9_000.0), (48_000, 12_000), (48_000, 20_000), (44_100, 10_000), (96_000, 40_000),
  ])
  func whatIsAboveTheNewNyquistFrequencyIsGone(rate: Int, frequency: Double) throws {
    let level = decibels(try converted(sine(frequency, rate: rate, seconds: 1), rate: rate))
    #expect(level < -85, "\(level) dB left")
  }

  @Test(arguments: [100.0, 1_000, 4_000, 7_000]) func speechKeepsItsLevel(frequency: Double) throws {
    let level = decibels(try converted(sine(frequency, rate: 48_000, seconds: 1), rate: 48_000))
    #expect(abs(level) < 0.05, "\(level) dB")
  }

  /// A click in the last 5 ms, which the resampler still holds when the input ends.
  @Test(arguments: [44_100, 48_000]) func theTailIsFlushed(rate: Int) throws {
    var samples = [Int16](repeating: 0, count: rate / 2)
    for index in samples.count - rate / 250..<samples.count - rate / 500 { samples[index] = 20_000 }
    let output = try converted(samples, rate: rate)
    #expect(output.count == 8_000)
    let loudest = try #require(output.indices.max { abs(Int(output[$0])) < abs(Int(output[$1])) })
    #expect(output[loudest] > 18_000)
    #expect((8_000 - 16_000 / 250..<8_000).contains(loudest))
  }

  /// Ringing exceeds full scale at the edges of a square wave: it is cut, and never wraps to the other sign.
  @Test func whatExceedsFullScaleIsClipped() throws {
    let square = (0..<48_000).map { $0 / 240 % 2 == 0 ? Int16.max : Int16.min }
    let output = try converted(square, rate: 48_000)
    for (index, sample) in output.enumerated() where (8..<72).contains(index % 80) {
      #expect((sample > 0) == (index / 80 % 2 == 0))
    }
    #expect(output.contains(.max))
  }
}
