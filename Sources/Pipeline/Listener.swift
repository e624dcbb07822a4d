import AudioProcessing
import AudioSegmentation
import DictationTypes

/// Hears what is recorded, frame by frame: whether anybody speaks, and where the recording can be cut.
struct Listener {
  /// What was heard.
  enum Event: Sendable {
    /// Somebody begins to speak, or nobody speaks any more.
    case activity(VoiceActivity.Change)
    /// Nobody has spoken for as long as was asked for, in milliseconds.
    case silent(milliseconds: Int)
    /// A pause has begun or ended, or a segment is complete; and where in it somebody may speak.
    case segment(SegmentEvent, speech: [Range<Int>])
  }

  let detector: SpeechDetector
  private var segmenter: Segmenter
  private var possible = PossibleSpeech()
  private var cueFilter: CueFilter?
  /// How long nobody has to speak until it is told; 0: it is not, or has been.
  private var autoStop: Int
  /// Less than a frame.
  private var rest: [Int16] = []

  /// A listener for a recording.
  init(_ order: RecordingOrder) {
    detector = SpeechDetector(aggressiveness: order.aggressiveness)
    segmenter = Segmenter()
    cueFilter = order.cueFilter
    autoStop = order.autoStop
  }

  /// A listener for a file, which is cut by `rules`.
  init(aggressiveness: Int, rules: SegmentationRules) {
    detector = SpeechDetector(aggressiveness: aggressiveness)
    segmenter = Segmenter(rules: rules)
    autoStop = 0
  }

  /// Forgets what cannot belong to a segment to come; the first sample that can.
  mutating func forget() -> Int {
    possible.forget(before: segmenter.begin)
    return segmenter.begin
  }

  /// Listens to mono samples at 16 kHz, and calls `tell` with what becomes of them.
  mutating func add(_ samples: UnsafeBufferPointer<Int16>, tell: (Event) -> Void) {
    if var filter = cueFilter {
      cueFilter = nil
      filter.add(samples) { hear($0, isCue: $1, tell) }
      cueFilter = filter
      return
    }
    rest.append(contentsOf: samples)
    var position = 0
    while position + FrameClassifier.frameLength <= rest.count {
      let frame = Array(rest[position..<position + FrameClassifier.frameLength])
      frame.withUnsafeBufferPointer { hear($0, isCue: false, tell) }
      position += frame.count
    }
    rest.removeFirst(position)
  }

  /// What has not been cut when the recording ends after `samples` samples, as `Segmenter.tail` tells.
  func tail(ofRecording samples: Int) -> SpeechSpan? { segmenter.tail(ofRecording: samples) }

  /// Where somebody may speak in `span`, in milliseconds from its beginning.
  func speech(in span: SpeechSpan) -> [Range<Int>] { possible.spans(in: span.range) }

  private mutating func hear(
    _ frame: UnsafeBufferPointer<Int16>, isCue: Bool, _ tell: (Event) -> Void
  ) {
    if !isCue {
      detector.add(frame) { tell(.activity($0)) }
      if autoStop > 0, let pause = detector.pause, pause >= autoStop {
        autoStop = 0
        tell(.silent(milliseconds: pause))
      }
    }
    possible.add(!isCue && detector.mayHoldSpeech)
    let event = segmenter.add(isCue ? .none : detector.evidence, level: isCue ? -96 : detector.level)
    if let event { tell(.segment(event, speech: event.span.map(speech) ?? [])) }
  }
}
