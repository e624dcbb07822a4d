public import DictationTypes

/// What an export consists of. It is made of what the library tells; no audio is opened for it.
public struct ExportPlan: Sendable, Hashable, Codable {
  /// The layout of the export.
  public var format: AudioFormat
  /// Its clips, in the order in which they begin.
  public var clips: [Clip]
  /// Its length in frames.
  public var frames: Int

  /// A plan of `clips` in `format`, which ends with the last of them, or after `frames`.
  public init(format: AudioFormat, clips: [Clip], frames: Int = 0) {
    self.format = format
    self.clips = clips.sorted { ($0.offset, $0.item) < ($1.offset, $1.item) }
    self.frames = clips.reduce(frames) { max($0, $1.end) }
  }

  /// A part of an export, in frames.
  public typealias Span = Range<Int>

  /// Where no clip is: silence. In their order.
  public var gaps: [Span] {
    var gaps: [Span] = []
    var reached = 0
    for clip in clips {
      if clip.offset > reached { gaps.append(reached..<clip.offset) }
      reached = max(reached, clip.end)
    }
    return reached < frames ? gaps + [reached..<frames] : gaps
  }

  /// Where several clips are heard at the same time. In their order.
  public var overlaps: [Span] {
    var overlaps: [Span] = []
    var reached = 0
    for clip in clips where !clip.isMuted {
      let common = clip.offset..<min(reached, clip.end).clamped(from: clip.offset)
      if let last = overlaps.last, !common.isEmpty, common.lowerBound <= last.upperBound {
        overlaps[overlaps.count - 1] = last.lowerBound..<max(last.upperBound, common.upperBound)
      } else if !common.isEmpty {
        overlaps.append(common)
      }
      reached = max(reached, clip.end)
    }
    return overlaps
  }

  /// Whether the sum may be louder than full scale. Where it cannot, every sample stays as it is.
  public var needsLimiter: Bool { clips.contains { !$0.isMuted && $0.gainDb > 0 } || !overlaps.isEmpty }
}

extension Int {
  /// This, or `least` when it is less.
  fileprivate func clamped(from least: Int) -> Int { Swift.max(self, least) }
}
