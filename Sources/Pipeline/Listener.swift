import AudioProcessing
import AudioSegmentation

/// Hears what is recorded as frames: whether anybody speaks, and where the recording can be cut.
struct Listener {
  private(set) var detector = SpeechDetector()
  private var classifier = FrameClassifier(aggressiveness: 2)
  private var segmenter = Segmenter()
  private var cueFilter: CueFilter?
  /// Less than a frame.
  private var rest: [Int16] = []

  /// A listener that leaves out what `cueFilter` finds.
  init(cueFilter: CueFilter?) {
    self.cueFilter = cueFilter
    precondition(CueFilter.frameLength == FrameClassifier.frameLength)
  }

  /// Listens to mono samples at 16 kHz, and calls `tell` with what becomes of them.
  mutating func add(_ samples: UnsafeBufferPointer<Int16>, tell: (SegmentEvent) -> Void) {
    if var filter = cueFilter {
      cueFilter = nil
      filter.add(samples) { hear($0, isCue: $1, tell) }
      cueFilter = filter
      return
    }
    rest.append(contentsOf: samples)
    var position = 0
    let frame = FrameClassifier.frameLength
    rest.withUnsafeBufferPointer { rest in
      while position + frame <= rest.count {
        hear(UnsafeBufferPointer(rebasing: rest[position..<position + frame]), isCue: false, tell)
        position += frame
      }
    }
    rest.removeFirst(position)
  }

  /// What has not been cut when the recording ends after `samples` samples, as `Segmenter.tail` tells.
  func tail(ofRecording samples: Int) -> SpeechSpan? { segmenter.tail(ofRecording: samples) }

  private mutating func hear(
    _ frame: UnsafeBufferPointer<Int16>, isCue: Bool, _ tell: (SegmentEvent) -> Void
  ) {
    var evidence = SpeechEvidence.none
    if !isCue {
      evidence = classifier.classify(frame)
      detector.add(frame)
    }
    if let event = segmenter.add(evidence, level: level(of: frame)) { tell(event) }
  }
}
