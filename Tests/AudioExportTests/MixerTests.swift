import DictationTypes
import TestSupport
import Testing

@testable import AudioExport

@Suite struct MixerTests {
  /// A clip that counts: sample n of it is n + 1, times its number.
  private final class Counter: ClipSource {
    let channels: Int
    private let clip: Clip
    private let census: Census
    private var position = 0
    /// The most frames that it gives at a time.
    private let most: Int

    init(_ clip: Clip, _ census: Census, most: Int) {
      (self.clip, self.census, self.most, channels) = (clip, census, most, clip.asset.channels)
      census.open += 1
      census.most = max(census.most, census.open)
    }

    deinit { census.open -= 1 }

    func read(_ frames: Int) -> [Float] {
      let count = min(frames, most, clip.length - position)
      defer { position += count }
      return (position..<position + count).flatMap { frame in
        (0..<channels).map { Float(frame + 1 + clip.start) * ($0 == 0 ? 1 : -1) }
      }
    }
  }

  private final class Census {
    var open = 0
    var most = 0
  }

  private func clip(
    _ offset: Int, _ length: Int, channels: Int = 1, _ change: (inout Clip) -> Void = { _ in }
  ) -> Clip {
    let asset = Asset(path: "", sampleRate: 100, channels: channels, frames: length)
    var clip = Clip(item: "\(offset)", asset: asset, offset: offset, length: length)
    change(&clip)
    return clip
  }

  private func mixed(_ clips: [Clip], channels: Int = 1, block: Int, most: Int = .max) throws -> (
    [Float], Census
  ) {
    let census = Census()
    let plan = ExportPlan(format: AudioFormat(sampleRate: 100, channels: channels), clips: clips)
    let mixer = Mixer(plan) { Counter($0, census, most: most) }
    var output: [Float] = []
    while case let more = try mixer.next(block), !more.isEmpty { output += more }
    #expect(census.open == 0)
    return (output, census)
  }

  /// Against the sum as one would write it down, for random clips and blocks.
  @Test(arguments: 1...20) func theSumIsExact(_ seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let channels = Int.random(in: 1...2, using: &random)
    let clips = (0..<30).map { _ in
      clip(
        Int.random(in: 0..<3000, using: &random), Int.random(in: 0..<500, using: &random),
        channels: Int.random(in: 1...channels, using: &random)
      ) {
        $0.start = Int.random(in: 0..<9, using: &random)
        $0.isMuted = Int.random(in: 0..<5, using: &random) == 0
        if Bool.random(using: &random) { $0.gainDb = -6 }
        if channels == 2, Bool.random(using: &random) { $0.pan = Double.random(in: -1...1, using: &random) }
      }
    }
    let (output, _) = try mixed(
      clips, channels: channels, block: Int.random(in: 1...700, using: &random),
      most: Int.random(in: 1...300, using: &random))
    var sum = [Double](repeating: 0, count: clips.map(\.end).max()! * channels)
    for clip in clips where !clip.isMuted {
      let gain = clip.gainDb == 0 ? 1 : 0.501187
      for frame in 0..<clip.length {
        for channel in 0..<channels {
          let balance = min(1, channel == 0 ? 1 - (clip.pan ?? 0) : 1 + (clip.pan ?? 0))
          let sample = Double(frame + 1 + clip.start) * (channel == 1 && clip.asset.channels == 2 ? -1 : 1)
          sum[(clip.offset + frame) * channels + channel] += sample * gain * balance
        }
      }
    }
    #expect(output.count == sum.count)
    #expect(zip(output, sum).allSatisfy { abs(Double($0) - $1) < 0.01 })
  }

  @Test func onlyClipsThatAreHeardAreOpen() throws {
    let row = (0..<1000).map { clip(100 * $0, 100) }
    #expect(try mixed(row, block: 64).1.most <= 2)
    let over = (0..<100).map { clip(50 * $0, 200) }
    #expect(try mixed(over, block: 64).1.most <= 6)
  }

  @Test func aClipThatEndsEarlyIsFollowedBySilence() throws {
    final class Short: ClipSource {
      let channels = 1
      private var isRead = false
      func read(_ frames: Int) -> [Float] {
        defer { isRead = true }
        return isRead ? [] : [Float](repeating: 1, count: min(frames, 10))
      }
    }
    let plan = ExportPlan(format: AudioFormat(sampleRate: 100, channels: 1), clips: [clip(0, 50)])
    let mixer = Mixer(plan) { _ in Short() }
    #expect(try mixer.next(100) == [Float](repeating: 1, count: 10) + [Float](repeating: 0, count: 40))
    #expect(try mixer.next(100).isEmpty)
  }
}
