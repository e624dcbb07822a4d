import AudioProcessing
import DictationTypes
import Glibc
import Testing

@Suite struct LevelMeterTests {
  private func level(of samples: [Int16]) -> AudioLevel {
    var meter = LevelMeter()
    samples.withUnsafeBufferPointer { meter.add($0) }
    return meter.read(speech: false)
  }

  @Test func silenceIsTheFloor() {
    for samples in [[], [Int16](repeating: 0, count: 160)] {
      #expect(level(of: samples) == AudioLevel(rmsDb: -96, peakDb: -96, speech: false, clip: false))
    }
  }

  /// A sine of half of full scale: peak −6.02 dBFS, and its RMS 3.01 dB below that.
  @Test func aSineIsThreeDecibelsBelowItsPeak() {
    let sine = (0..<16_000).map { Int16(16_384 * sin(2 * .pi * 1_000 * Double($0) / 16_000)) }
    let level = level(of: sine)
    #expect(abs(level.peakDb - -6.02) < 0.01)
    #expect(abs(level.rmsDb - -9.03) < 0.01)
    #expect(!level.clip)
  }

  @Test(arguments: [Int16.min, .max]) func fullScaleIsClipped(sample: Int16) {
    #expect(level(of: [0, sample, 0]).clip)
    #expect(abs(level(of: [sample]).rmsDb) < 0.01)
  }

  @Test func justBelowFullScaleIsNotClipped() { #expect(!level(of: [.max - 1, .min + 2]).clip) }

  @Test func aReadingBeginsANewInterval() {
    var meter = LevelMeter()
    [Int16.max].withUnsafeBufferPointer { meter.add($0) }
    #expect(meter.read(speech: true).speech)
    let next = meter.read(speech: false)
    #expect(next.peakDb == LevelMeter.floor)
    #expect(!next.clip)
  }
}
