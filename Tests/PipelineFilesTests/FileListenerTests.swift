import AudioFiles
import AudioSegmentation
import DictationTypes
import TestSupport
import Testing

@testable import Pipeline

/// How files are cut.
@Suite struct FileListenerTests {
  private let speech: [[Int16]]

  init() throws {
    speech = try [recording("utt_jfk.wav"), recording("utt_austen0880.wav")].map {
      try WAVFile($0).read(1 << 20)
    }
  }

  /// Sentences and silences, some of them long, some of them none.
  private func file(_ random: inout SplitMix) -> [Int16] {
    var samples: [Int16] = []
    for _ in 0..<6 {
      samples += speech.randomElement(using: &random)!
      samples += [Int16](
        repeating: 0, count: [0, 3_000, 20_000, 50_000, 200_000].randomElement(using: &random)!)
    }
    return samples
  }

  private func segments(_ samples: [Int16], block: Int) -> [SpeechPart] {
    var listener = FileListener(aggressiveness: 2)
    var parts: [SpeechPart] = []
    for start in stride(from: 0, to: samples.count, by: block) {
      parts += listener.hear(Array(samples[start..<min(start + block, samples.count)]))
    }
    return parts + [listener.finish()].compactMap(\.self)
  }

  /// A run that goes on finds the segments of the one before, however the decoder gives its samples.
  @Test(arguments: 1...6)
  func theSameFileIsCutInTheSamePlaces(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let samples = file(&random)
    let parts = segments(samples, block: FileListener.block)
    #expect(!parts.isEmpty)
    for block in [160, 999, 48_000] {
      #expect(segments(samples, block: block).map(\.span) == parts.map(\.span))
    }
    for part in parts { #expect(part.samples == Array(samples[part.span.range])) }
    for (part, next) in zip(parts, parts.dropFirst()) {
      #expect(part.span.range.upperBound <= next.span.range.lowerBound)
    }
    #expect(parts.allSatisfy { $0.samples.count <= 28 * 16_000 })
  }

  /// Everything that is said is in a segment.
  @Test func nothingThatIsSaidIsLeftOut() {
    let silence = [Int16](repeating: 0, count: 48_000)
    let samples = silence + speech[0] + silence + silence + speech[1]
    let parts = segments(samples, block: FileListener.block)
    #expect(parts.count == 2)
    let first = silence.count..<silence.count + speech[0].count
    #expect(parts[0].span.range.lowerBound < first.lowerBound + 8_000)
    #expect(parts[0].span.range.upperBound >= first.upperBound - 8_000)
    #expect(parts[1].span.range.upperBound >= samples.count - 8_000)
  }

  /// Hours of silence take no memory.
  @Test func silenceIsForgotten() {
    var listener = FileListener(aggressiveness: 2)
    for _ in 0..<600 { #expect(listener.hear([Int16](repeating: 0, count: 16_000)).isEmpty) }
    #expect(listener.length - listener.begin < 16_000)
    #expect(listener.finish() == nil)
  }
}
