public import DictationTypes

/// Where the samples of one clip come from.
public protocol ClipSource: AnyObject {
  /// How many samples a frame has: one or two.
  var channels: Int { get }
  /// The next samples, interleaved, full scale ±1, at most `frames` frames; none at the end.
  func read(_ frames: Int) throws(DictationError) -> [Float]
}

/// Adds up the clips of a plan, block by block. A clip is open only while it is heard: what it takes does not grow with
/// the number of clips.
public final class Mixer {
  private let plan: ExportPlan
  private let open: (Clip) throws(DictationError) -> any ClipSource
  /// The clips that have not begun, those that come first at the end.
  private var waiting: [Clip]
  private var active: [Voice] = []
  private var position = 0

  /// A clip that is heard.
  private struct Voice {
    let clip: Clip
    let source: any ClipSource
    let left: Float
    let right: Float
  }

  /// A mixer of `plan`, which calls `open` when the turn of a clip has come.
  public init(_ plan: ExportPlan, open: @escaping (Clip) throws(DictationError) -> any ClipSource) {
    self.plan = plan
    self.open = open
    waiting = plan.clips.filter { !$0.isMuted && $0.length > 0 }.reversed()
  }

  /// The next frames of the export, interleaved, `frames` of them or as many as there are left.
  ///
  /// - Throws: what `open` and the sources do.
  public func next(_ frames: Int) throws(DictationError) -> [Float] {
    let count = min(frames, plan.frames - position)
    guard count > 0 else { return [] }
    while let clip = waiting.last, clip.offset < position + count {
      active.append(try voice(of: clip))
      waiting.removeLast()
    }
    let block = try sum(count)
    position += count
    active.removeAll { $0.clip.end <= position }
    return block
  }

  private func sum(_ count: Int) throws(DictationError) -> [Float] {
    if active.count == 1, let whole = try wholeBlock(active[0], count) { return whole }
    var block = [Float](repeating: 0, count: count * plan.format.channels)
    for voice in active {
      var at = max(voice.clip.offset, position) - position
      let end = min(voice.clip.end, position + count) - position
      while at < end {
        let samples = try voice.source.read(end - at)
        // It has ended before its time: silence follows.
        if samples.isEmpty { break }
        add(samples, of: voice, at: at, to: &block)
        at += samples.count / voice.source.channels
      }
    }
    return block
  }

  /// The block, when it is nothing but samples of `voice` as they are.
  private func wholeBlock(_ voice: Voice, _ count: Int) throws(DictationError) -> [Float]? {
    guard voice.left == 1, voice.right == 1, voice.source.channels == plan.format.channels,
      voice.clip.offset <= position, voice.clip.end >= position + count
    else { return nil }
    var block = try voice.source.read(count)
    while block.count < count * plan.format.channels {
      let more = try voice.source.read(count - block.count / plan.format.channels)
      block +=
        more.isEmpty
        ? [Float](repeating: 0, count: count * plan.format.channels - block.count) : more
    }
    return block
  }

  private func add(_ samples: [Float], of voice: Voice, at start: Int, to block: inout [Float]) {
    let frames = samples.count / voice.source.channels
    let isStereo = voice.source.channels == 2
    samples.withUnsafeBufferPointer { samples in
      block.withUnsafeMutableBufferPointer { block in
        if plan.format.channels == 1 {
          for frame in 0..<frames { block[start + frame] += samples[frame] * voice.left }
        } else {
          for frame in 0..<frames {
            let left = samples[isStereo ? 2 * frame : frame]
            let right = samples[isStereo ? 2 * frame + 1 : frame]
            block[2 * (start + frame)] += left * voice.left
            block[2 * (start + frame) + 1] += right * voice.right
          }
        }
      }
    }
  }

  private func voice(of clip: Clip) throws(DictationError) -> Voice {
    let gain = clip.gainDb == 0 ? 1 : decibels(clip.gainDb)
    // A balance: what is heard from one side is made quieter on the other, and nothing is made louder.
    let pan = Float(clip.pan ?? 0)
    return Voice(
      clip: clip, source: try open(clip), left: gain * min(1, 1 - pan), right: gain * min(1, 1 + pan))
  }
}
