import AudioPlayback
import AudioProcessing
import AudioSegmentation
import DictationTypes
import Foundation
import TestSupport
import Testing

@Suite struct CueFilterTests {
  private let filter = CueFilter(frequencies: Cue.frequencies)

  /// How a loudspeaker and a room bring a cue into a recording.
  struct Path: Sendable, CustomTestStringConvertible {
    /// The largest sample, in dB relative to full scale.
    let decibels: Double
    /// From the beginning of the recording, in milliseconds.
    let latency: Int
    /// The delays of weaker copies, in milliseconds.
    var echoes: [Int] = []

    var testDescription: String { "\(decibels) dB after \(latency) ms, echoes \(echoes)" }
  }

  static let paths = [
    Path(decibels: -1, latency: 0), Path(decibels: -13.2, latency: 37), Path(decibels: -30, latency: 600),
    Path(decibels: -45, latency: 123), Path(decibels: -3, latency: 50, echoes: [7, 11, 19, 31]),
    Path(decibels: -20, latency: 333, echoes: [13, 40, 77, 120, 200]),
    Path(decibels: -40, latency: 611, echoes: [3, 9, 27, 81, 243]),
  ]

  @Test(arguments: paths, Cue.allCases) func aCueAloneIsNoSpeech(path: Path, cue: Cue) throws {
    let recording = try mixed(silence(seconds: 2.5), cue, path)
    #expect(!hasSpeech(filtered(recording)))
    // What is left are the edges of the tones.
    #expect(energy(without(recording)) < energy(recording) / 20)
  }

  /// A cue that is quieter may be taken for speech where it fades into the noise; the engine then hears no words.
  @Test(arguments: paths.filter { $0.decibels > -40 }, [1, 2, 3] as [UInt64])
  func aCueInNoiseIsNoSpeech(path: Path, seed: UInt64) throws {
    var generator = SplitMix(seed: seed)
    let noise = (0..<40_000).map { _ in Int16.random(in: -28...28, using: &generator) }
    let recording = try mixed(noise, .start, path)
    let rest = filtered(recording)
    #expect(!hasSpeech(rest))
    // The noise remains.
    #expect(rest.count > 40_000 * 6 / 10)
  }

  @Test(arguments: ["cmd_goforward.wav", "utt_austen0880.wav", "utt_jfk.wav"])
  func speechPassesBitByBit(file: String) throws {
    let speech = try samples(file)
    for start in stride(from: 0, to: speech.count - 32_000, by: 8_000) {
      let part = Array(speech[start...].prefix(40_000))
      #expect(without(part) == part)
      let passed = filtered(part)
      #expect(passed == Array(part.prefix(passed.count)))
      #expect(part.count - passed.count < 640)
    }
  }

  /// Words spoken into a cue that is no louder than they are: what is taken out of them has the frequencies of the
  /// cue, and the rest remains.
  @Test func wordsSpokenIntoACueRemain() throws {
    let speech = try samples("utt_jfk.wav")
    let recording = try mixed(speech, .start, Path(decibels: -13.2, latency: 600))
    let change = zip(without(recording), speech).map { Int($0) - Int($1) }
    let cue = zip(recording, speech).map { Int($0) - Int($1) }
    #expect(sumOfSquares(change) <= sumOfSquares(cue))
    #expect(hasSpeech(filtered(recording)))
  }

  @Test func aCueIsLookedForOnlyWhereOneCanBe() throws {
    let late = try mixed(silence(seconds: 5), .stop, Path(decibels: -20, latency: 3_000))
    #expect(without(late) == late)
    #expect(energy(filtered(late)) > energy(late) * 9 / 10)
    let preRolled = CueFilter(frequencies: Cue.frequencies, askedUntil: 32_000)
    #expect(!hasSpeech(filtered(late, by: preRolled)))
    #expect(energy(without(late, by: preRolled)) < energy(late) / 20)
  }

  @Test(arguments: [0, 1, 159, 160, 161, 479, 640, 1_000]) func aRecordingOfAnyLengthPasses(count: Int) {
    let noise = (0..<count).map { _ in Int16.random(in: -9_000...9_000) }
    #expect(without(noise) == noise)
    #expect(filtered(noise).count <= count)
  }

  @Test func otherTonesPass() {
    for frequency in [440.0, 1_900, 2_400, 3_000] {
      let tone = (0..<32_000).map { Int16(8_000 * sin(2 * .pi * frequency * Double($0) / 16_000)) }
      #expect(without(tone) == tone)
    }
  }

  // MARK: -

  private func samples(_ file: String) throws -> [Int16] {
    let data = try Data(contentsOf: URL(fileURLWithPath: recording(file))).dropFirst(44)
    return stride(from: data.startIndex, to: data.endIndex - 1, by: 2).map {
      Int16(bitPattern: UInt16(data[$0]) | UInt16(data[$0 + 1]) << 8)
    }
  }

  private func silence(seconds: Double) -> [Int16] { [Int16](repeating: 0, count: Int(16_000 * seconds)) }

  /// `background` with `cue`, as it arrives by `path`.
  private func mixed(_ background: [Int16], _ cue: Cue, _ path: Path) throws -> [Int16] {
    let converter = try SpeechConverter(from: Cue.format)
    var tone: [Int16] = []
    cue.samples.withUnsafeBufferPointer { converter.convert($0, into: &tone) }
    converter.flush(into: &tone)
    var mixture = background.map { Double($0) }
    let gain = pow(10, path.decibels / 20) * 32_767 / Double(tone.map { abs(Int($0)) }.max() ?? 1)
    for (number, delay) in ([0] + path.echoes).enumerated() {
      let start = AudioFormat.speech.frames(milliseconds: path.latency + delay)
      for (index, sample) in tone.enumerated() {
        mixture[start + index] += gain * pow(0.6, Double(number)) * Double(sample)
      }
    }
    return mixture.map { Int16(clamping: Int($0.rounded())) }
  }

  /// What the detector gets, in pieces as a microphone delivers them.
  private func filtered(_ recording: [Int16], by filter: CueFilter? = nil) -> [Int16] {
    var filter = filter ?? self.filter
    var result: [Int16] = []
    for start in stride(from: 0, to: recording.count, by: 441) {
      recording[start..<min(start + 441, recording.count)].withUnsafeBufferPointer {
        filter.add($0) { frame, isCue in if !isCue { result += frame } }
      }
    }
    return result
  }

  /// What the engine gets.
  private func without(_ recording: [Int16], by filter: CueFilter? = nil) -> [Int16] {
    var result = recording
    result.withUnsafeMutableBufferPointer { (filter ?? self.filter).removeCues(from: $0) }
    return result
  }

  private func hasSpeech(_ recording: [Int16]) -> Bool {
    let detector = SpeechDetector()
    recording.withUnsafeBufferPointer { detector.add($0) }
    return detector.hasHeardSpeech
  }

  private func energy(_ recording: [Int16]) -> Int { sumOfSquares(recording.map { Int($0) }) }

  private func sumOfSquares(_ values: [Int]) -> Int { values.reduce(0) { $0 + $1 * $1 } }
}
