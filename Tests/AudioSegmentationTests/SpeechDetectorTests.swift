import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import AudioSegmentation

/// What the detector says of whole recordings, and of noise.
@Suite struct SpeechDetectorTests {
  private static let recordings = ["utt_jfk.wav", "utt_austen0880.wav", "cmd_goforward.wav"]

  private func hear(_ samples: [Int16], aggressiveness: Int = 2) -> SpeechDetector {
    let detector = SpeechDetector(aggressiveness: aggressiveness)
    samples.withUnsafeBufferPointer { detector.add($0) }
    return detector
  }

  @Test(arguments: recordings, [0.0, -20, -30, -40])
  func speechIsHeardLoudAndQuiet(name: String, decibels: Double) throws {
    #expect(hear(try Sounds.recorded(name, decibels: decibels)).hasHeardSpeech)
  }

  @Test(arguments: recordings, [Sounds.Kind.white, .low, .hum])
  func speechIsHeardInNoise(name: String, noise: Sounds.Kind) throws {
    // The voices are at -30 to -16 dBFS.
    let mixture = Sounds.mixed(
      try Sounds.recorded(name), Sounds.steady(noise, decibels: -36, seconds: 3))
    #expect(hear(mixture).hasHeardSpeech)
  }

  /// "go", "forward", "ten" and "meters", each by itself in a quiet room.
  @Test(arguments: [0.3..<0.62, 0.62..<1.04, 1.04..<1.46, 1.46..<1.8])
  func aSingleWordIsHeard(seconds: Range<Double>) throws {
    let place = Int(seconds.lowerBound * 16_000)..<Int(seconds.upperBound * 16_000)
    let word = try Sounds.recorded("cmd_goforward.wav")[place]
    let room = Sounds.steady(.white, decibels: -65, seconds: 1)
    #expect(hear(room + word + room).hasHeardSpeech)
  }

  @Test(arguments: Sounds.Kind.allCases, [-70.0, -54, -40, -20])
  func steadyNoiseIsNoSpeech(kind: Sounds.Kind, decibels: Double) {
    let detector = hear(Sounds.steady(kind, decibels: decibels, seconds: 8))
    #expect(!detector.hasHeardSpeech && !detector.isSpeaking)
    #expect(detector.pause == nil)
  }

  @Test func aMicrophoneThatWakesUpIsNoSpeech() {
    let samples =
      Sounds.steady(.zero, decibels: 0, seconds: 2) + Sounds.steady(.white, decibels: -60, seconds: 5)
    #expect(!hear(samples).hasHeardSpeech)
  }

  @Test func aPauseEndsTheSpeech() throws {
    let detector = hear(try Sounds.recorded("utt_jfk.wav") + Sounds.steady(.zero, decibels: 0, seconds: 1))
    #expect(!detector.isSpeaking && detector.hasHeardSpeech)
    #expect((900...1_700).contains(try #require(detector.pause)))
  }

  /// Every pause of the speech that is long enough is told, and where the voice sets in again.
  @Test func startsAndEndsAreTold() throws {
    let detector = SpeechDetector()
    var changes: [VoiceActivity.Change] = []
    var places: [Int] = []
    let samples = try Sounds.recorded("utt_jfk.wav")
    for start in stride(from: 0, to: samples.count, by: 160) {
      samples[start..<min(start + 160, samples.count)].withUnsafeBufferPointer { frame in
        detector.add(frame) {
          changes.append($0)
          places.append(AudioFormat.speech.milliseconds(frames: start))
        }
      }
    }
    // "And so, my fellow Americans," 0.3 to 2.1 s, "ask not" 3.3 to 4.4, "what your country can do for you," 5.4 to
    // 7.6, "ask what you can do for your country." from 8.2. An end is told 0.45 s after the voice.
    let expected = [350, 2_550, 3_350, 4_850, 5_450, 8_000, 8_250]
    #expect(changes == expected.indices.map { $0 % 2 == 0 ? .speechStart : .speechEnd })
    #expect(zip(places, expected).allSatisfy { abs($0 - $1) <= 150 }, "\(places)")
  }

  @Test(arguments: [1, 7, 159, 160, 161, 4_096])
  func howTheSamplesComeChangesNothing(chunk: Int) throws {
    let samples = try Sounds.recorded("cmd_goforward.wav")
    let detector = SpeechDetector()
    var changes: [VoiceActivity.Change] = []
    for start in stride(from: 0, to: samples.count, by: chunk) {
      samples[start..<min(start + chunk, samples.count)].withUnsafeBufferPointer {
        detector.add($0) { changes.append($0) }
      }
    }
    let whole = hear(samples)
    #expect(detector.activity == whole.activity && detector.evidence == whole.evidence)
    #expect(changes.count >= 1)
  }

  /// What no microphone gives, and what a broken one does.
  @Test(arguments: 0...3)
  func nothingThatIsHeardDoesHarm(aggressiveness: Int) {
    var generator = SplitMix(seed: UInt64(aggressiveness))
    let square = (0..<16_000).map { $0 / 40 % 2 == 0 ? Int16.min : .max }
    let wild = (0..<16_000).map { _ in Int16.random(in: .min ... .max, using: &generator) }
    let clicks = (0..<16_000).map { $0 % 800 == 0 ? Int16.min : 0 }
    for samples in [[], [1], square + wild + clicks + square.reversed()] {
      _ = hear(samples, aggressiveness: aggressiveness)
    }
  }

  @Test func digitalSilenceIsNeverSpeech() throws {
    let classifier = FrameClassifier()
    let speech = try Sounds.recorded("utt_austen0880.wav")
    for start in stride(from: 0, to: speech.count - 160, by: 160) {
      _ = speech[start..<start + 160].withUnsafeBufferPointer { classifier.classify($0) }
      let silence = [Int16](repeating: 0, count: 160).withUnsafeBufferPointer { classifier.classify($0) }
      #expect(silence == .none)
    }
  }

  /// Too little would cost words: of a quiet voice there is nearly as much as of a loud one.
  @Test(arguments: recordings, [0.0, -20, -30])
  func possibleSpeechIsAsLongAsTheSpeech(name: String, decibels: Double) throws {
    let loud = PossibleSpeech(of: try Sounds.recorded(name)).spans().reduce(0) { $0 + $1.count }
    let spans = PossibleSpeech(of: try Sounds.recorded(name, decibels: decibels)).spans()
    #expect(spans.reduce(0) { $0 + $1.count } > loud * 6 / 10)
    #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
  }

  @Test func possibleSpeechIsWhereItIs() throws {
    let silence = Sounds.steady(.zero, decibels: 0, seconds: 2)
    let possible = PossibleSpeech(of: silence + (try Sounds.recorded("cmd_goforward.wav")) + silence)
    let spans = possible.spans()
    #expect(try #require(spans.first).lowerBound >= 2_000 && #require(spans.last).upperBound <= 4_800)
    #expect(spans.reduce(0) { $0 + $1.count } > 1_200)
    #expect(PossibleSpeech(of: silence).spans() == [] && PossibleSpeech(of: []).spans() == [])
    let first = spans[0]
    let part = possible.spans(in: 16 * first.lowerBound..<16 * first.upperBound)
    #expect(part == [0..<first.count])
    #expect(possible.spans(in: 0..<16_000) == [])
  }
}
