import AudioPlayback
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@Suite struct CueTests {
  @Test(arguments: Cue.allCases) func aCueIsShortAndSoft(cue: Cue) {
    let samples = cue.samples
    #expect(Cue.format.milliseconds(frames: samples.count) <= 120)
    let peak = samples.map { abs(Int($0)) }.max() ?? 0
    #expect(abs(Double(peak) / 32_767 - 0.22) < 0.002)
    // It begins and ends in silence, and no step is larger than a sine of its higher tone has.
    #expect(samples.first == 0 && samples.last == 0)
    let largest = zip(samples, samples.dropFirst()).map { abs(Int($1) - Int($0)) }.max() ?? 0
    #expect(Double(largest) <= 0.22 * 32_767 * 2 * .pi * 2_800 / 48_000 + 1)
  }

  @Test func theStartRisesAndTheStopFalls() {
    #expect(tones(.start) == [2_100, 2_800])
    #expect(tones(.stop) == [2_800, 2_100])
  }

  /// The frequencies of both halves, by their zero crossings.
  private func tones(_ cue: Cue) -> [Int] {
    let samples = cue.samples
    let half = samples.count / 2
    return [samples[..<half], samples[half...]].map { tone in
      let middle = tone.dropFirst(300).dropLast(300)
      let crossings = zip(middle, middle.dropFirst()).filter { ($0 < 0) != ($1 < 0) }.count
      let hertz = Double(crossings) / 2 * 48_000 / Double(middle.count)
      return Int((hertz / 50).rounded()) * 50
    }
  }

  @Test func aBrokenLoudspeakerIsToldOnce() async {
    _ = ALSAConfiguration.ofThisProcess
    let lines = Lock<[String]>([])
    let cues = CuePlayer(device: "nowhere") { line in lines.withLock { $0.append(line) } }
    for _ in 0..<3 { await cues.play(.start).value }
    let told = lines.withLock { $0 }
    #expect(told.count == 1)
    #expect(told.first?.contains("no loudspeaker behind nowhere") == true)
  }
}
