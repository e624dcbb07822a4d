/// Where in a recording somebody may speak. It is as generous as `SpeechDetector.hasHeardSpeech`: whoever counts it is
/// not to count too little.
public struct PossibleSpeech: Sendable {
  /// For each frame of 10 ms from `first` on, whether it may hold speech.
  private var frames: [Bool] = []
  private var first = 0

  /// Of a recording that is yet to come.
  public init() {}

  /// Of all of `samples` (16 kHz, mono).
  public init(of samples: [Int16]) {
    let detector = SpeechDetector()
    let length = FrameClassifier.frameLength
    samples.withUnsafeBufferPointer { samples in
      for start in stride(from: 0, through: samples.count - length, by: length) {
        detector.add(UnsafeBufferPointer(rebasing: samples[start..<start + length]))
        add(detector.mayHoldSpeech)
      }
    }
  }

  /// Takes the next frame.
  public mutating func add(_ mayHoldSpeech: Bool) { frames.append(mayHoldSpeech) }

  /// Forgets what is before the sample `sample`.
  public mutating func forget(before sample: Int) {
    let count = min(frames.count, max(0, sample / FrameClassifier.frameLength - first))
    frames.removeFirst(count)
    first += count
  }

  /// Where somebody may speak in a part of the recording, in milliseconds from the beginning of that part.
  ///
  /// - Parameter samples: the part, at 16 kHz; nil: all of it.
  public func spans(in samples: Range<Int>? = nil) -> [Range<Int>] {
    let length = FrameClassifier.frameLength
    let part = samples.map { $0.lowerBound / length..<$0.upperBound / length } ?? first..<first + frames.count
    var spans: [Range<Int>] = []
    for frame in part.clamped(to: first..<first + frames.count) where frames[frame - first] {
      let time = 10 * (frame - part.lowerBound)
      let isNext = spans.last?.upperBound == time
      spans.append((isNext ? spans.removeLast().lowerBound : time)..<time + 10)
    }
    return spans
  }
}
