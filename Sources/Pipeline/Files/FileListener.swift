import AudioSegmentation
import DictationTypes

/// Hears a file from its beginning to its end: what is kept of it, and its segments. For one thread.
struct FileListener {
  /// Samples at a time: a quarter of a second.
  static let block = AudioFormat.speech.sampleRate / 4

  /// How a file is cut. Nobody waits for a segment: it is about as long as what Whisper hears at once, 30 s, as each costs
  /// the encoder once, and it ends where a sentence may.
  static var rules: SegmentationRules {
    var rules = SegmentationRules()
    rules.cuts = [
      (pause: 300, length: 22_000), (pause: 600, length: 14_000), (pause: 2_000, length: 6_000),
      (pause: 5_000, length: 0),
    ]
    rules.firstCuts = rules.cuts
    rules.longest = 28_000
    return rules
  }

  private var listener: Listener
  /// The samples from `start` on: those before are of no use any more.
  private var samples: [Int16] = []
  private var start = 0
  /// What was said until a pause that has not been cut.
  private var tail: SpeechPart?
  /// Samples so far.
  private(set) var length = 0

  /// A listener for one file; `aggressiveness` as in the settings.
  init(aggressiveness: Int) { listener = Listener(aggressiveness: aggressiveness, rules: Self.rules) }

  /// The first sample that is not in a segment that has been cut, and may be in one to come.
  var begin: Int { start }

  /// Hears the next samples; the segments that end in them.
  mutating func hear(_ block: [Int16]) -> [SpeechPart] {
    samples += block
    length += block.count
    var events: [(event: SegmentEvent, speech: [Range<Int>])] = []
    block.withUnsafeBufferPointer { block in
      listener.add(block) { if case .segment(let event, let speech) = $0 { events.append((event, speech)) } }
    }
    var parts: [SpeechPart] = []
    for (event, speech) in events {
      switch event {
      case .paused(let span): tail = part(span, speech)
      case .resumed: break
      case .cut(let span):
        parts.append(part(span, speech))
        tail = nil
      }
    }
    let begin = listener.forget()
    samples.removeFirst(begin - start)
    start = begin
    return parts
  }

  /// What has not been cut when the file is over; nil when nobody can have spoken in it.
  func finish() -> SpeechPart? {
    listener.tail(ofRecording: length).map { part($0, listener.speech(in: $0)) } ?? tail
  }

  private func part(_ span: SpeechSpan, _ speech: [Range<Int>]) -> SpeechPart {
    let range = span.range.lowerBound - start..<span.range.upperBound - start
    return SpeechPart(span: span, samples: Array(samples[range]), speech: speech)
  }
}
