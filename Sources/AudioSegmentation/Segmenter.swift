import DictationTypes

/// When a recording is cut into segments, and when its tail is worth a guess. Times in milliseconds.
public struct SegmentationRules: Sendable {
  /// A pause this long may be the end: the tail is worth a guess. 200 would ask for an eighth less sound, and have each
  /// text 50 later (docs/benchmarks.md).
  public var guess = 150
  /// A pause ends a segment that is long enough: the longer the segment, the shorter a pause will do.
  public var cuts = [(pause: 300, length: 10_000), (pause: 600, length: 4_000), (pause: 2_000, length: 0)]
  /// The same for the first segment: a short dictation is one sentence, whose parts engines hear worse than the whole
  /// (docs/benchmarks.md), and there is no text before it that they could be told of.
  public var firstCuts = [
    (pause: 300, length: 10_000), (pause: 1_000, length: 4_000), (pause: 2_000, length: 0),
  ]
  /// The longest segment. Without a pause it is cut at the quietest place in its last part.
  public var longest = 25_000
  /// How long that last part is.
  public var lastPart = 6_000
  /// What is kept of the silence before the first word of a segment.
  public var margin = 500
  /// How much speech is a word: less is a click.
  public var word = 30
  /// Within how much time what may be speech has to add up to a word.
  public var doubt = 100
  /// How long after it what may have been speech is given up, when no word has come of it.
  public var patience = 2_000

  /// The rules in force.
  public init() {}
}

/// A part of a recording in which somebody may have spoken.
public struct SpeechSpan: Sendable, Hashable {
  /// The samples, at 16 kHz.
  public var range: Range<Int>
  /// The silence between the last word before it and its own first one, in milliseconds; 0 when it was cut off where
  /// there was none.
  public var pauseBefore: Int

  /// A span of `range`.
  public init(_ range: Range<Int>, pauseBefore: Int = 0) {
    self.range = range
    self.pauseBefore = pauseBefore
  }
}

/// What has become of a recording's speech.
public enum SegmentEvent: Sendable, Hashable {
  /// A pause has begun after what was said in `tail`, which is not cut yet: it may be the end.
  case paused(tail: SpeechSpan)
  /// Somebody speaks again.
  case resumed
  /// `segment` is complete; what follows belongs to the next one.
  case cut(segment: SpeechSpan)

  /// The part of the recording that it is about; nil when it is about none.
  public var span: SpeechSpan? {
    switch self {
    case .paused(let span), .cut(let span): span
    case .resumed: nil
    }
  }
}

/// Cuts a recording into segments while it is being made.
///
/// Every sample of speech is in exactly one segment: segments follow each other without a gap, but for silence before the
/// first word of one, of which `SegmentationRules.margin` is kept. What only may be speech is silence when no word has
/// come of it for `SegmentationRules.patience`: a click, a chair.
public struct Segmenter: Sendable {
  private let rules: SegmentationRules
  /// Frames so far. Other times are counted in frames too.
  private var now = 0
  /// Where the segment begins, and where the last word before it ended: nil in the first segment.
  private var start = 0
  private var lastWordEnd: Int?
  /// Frames of certain speech in a row.
  private var run = 0
  /// Whether the segment has a word, and the end of the last one.
  private var hasWord = false
  private var wordEnd = 0
  /// Which of the last frames may hold speech, the latest in the lowest bit.
  private var possible: UInt64 = 0
  /// Where the first word of the segment may begin.
  private var doubtStart: Int?
  /// Where the last one may end.
  private var doubtEnd = 0
  /// The end of the tail that was told last, and is not cut; and whether speech has gone on since.
  private var told: Int?
  private var hasResumed = false
  /// The level of each frame of the segment, in dBFS.
  private var levels: [Float] = []

  /// A segmenter that has heard nothing.
  public init(rules: SegmentationRules = SegmentationRules()) { self.rules = rules }

  /// The first sample that may belong to a segment to come.
  public var begin: Int { start * FrameClassifier.frameLength }

  /// Takes the next frame: how sure it is to hold speech, and its level in dBFS.
  public mutating func add(_ evidence: SpeechEvidence, level: Double) -> SegmentEvent? {
    now += 1
    levels.append(Float(level))
    note(evidence)
    if let event = resumption() ?? pause() ?? cut() { return event }
    trimSilence()
    return nil
  }

  /// What has not been cut when the recording ends after `samples` samples; nil when nobody can have spoken since the
  /// last cut, or since the last tail that was told, which was the end then.
  public func tail(ofRecording samples: Int) -> SpeechSpan? {
    let isOpen = told.map { hasResumed || doubtEnd > $0 } ?? (hasWord || doubtStart != nil)
    return isOpen ? span(to: samples) : nil
  }

  private mutating func note(_ evidence: SpeechEvidence) {
    run = evidence == .speech ? run + 1 : 0
    if run >= Self.frames(rules.word) { (hasWord, wordEnd) = (true, now) }
    let reach = Self.frames(rules.doubt)
    possible = (possible << 1 | (evidence == .none ? 0 : 1)) & (1 << reach - 1)
    guard possible.nonzeroBitCount >= Self.frames(rules.word) else { return }
    if doubtStart == nil { doubtStart = max(start, now - reach) }
    doubtEnd = now
  }

  private mutating func resumption() -> SegmentEvent? {
    guard told != nil, !hasResumed, run >= Self.frames(rules.word) else { return nil }
    hasResumed = true
    return .resumed
  }

  /// A pause after a word, or after what may have been one since the last pause was told.
  private mutating func pause() -> SegmentEvent? {
    guard hasWord else { return nil }
    var end = wordEnd
    if let told, !hasResumed {
      guard doubtEnd > told else { return nil }
      end = doubtEnd
    }
    guard now - end >= Self.frames(rules.guess) else { return nil }
    (told, hasResumed) = (now, false)
    return .paused(tail: span(to: now * FrameClassifier.frameLength))
  }

  private mutating func cut() -> SegmentEvent? {
    if let told, !hasResumed, isLongEnough(pause: now - wordEnd, length: told - start) {
      return end(at: told)
    }
    return now - start >= Self.frames(rules.longest) ? end(at: quietestPlace()) : nil
  }

  private func isLongEnough(pause: Int, length: Int) -> Bool {
    let cuts = lastWordEnd == nil ? rules.firstCuts : rules.cuts
    return cuts.contains { pause >= Self.frames($0.pause) && length >= Self.frames($0.length) }
  }

  /// The middle of the quietest 100 ms in the last part of the segment.
  private func quietestPlace() -> Int {
    let width = 10
    let places = max(0, levels.count - Self.frames(rules.lastPart))...levels.count - width
    let loudness = places.map { place in levels[place..<place + width].reduce(0, +) }
    let quietest = loudness.indices.min { loudness[$0] < loudness[$1] } ?? 0
    return start + places.lowerBound + quietest + width / 2
  }

  private mutating func end(at place: Int) -> SegmentEvent {
    let segment = span(to: place * FrameClassifier.frameLength)
    lastWordEnd = min(wordEnd, place)
    levels.removeFirst(place - start)
    start = place
    (told, hasResumed) = (nil, false)
    hasWord = wordEnd > place
    doubtStart = doubtEnd > place ? place : nil
    return .cut(segment: segment)
  }

  /// Forgets silence before the first word of a segment, and what was none.
  private mutating func trimSilence() {
    if !hasWord, now - doubtEnd >= Self.frames(rules.patience) { doubtStart = nil }
    let first = (doubtStart ?? now - Self.frames(rules.doubt)) - Self.frames(rules.margin)
    guard first > start, told == nil else { return }
    levels.removeFirst(first - start)
    start = first
  }

  private static func frames(_ milliseconds: Int) -> Int { milliseconds / 10 }

  /// The segment up to the sample `end`.
  private func span(to end: Int) -> SpeechSpan {
    let pause = lastWordEnd.map { max(0, (doubtStart ?? start) - $0) * 10 }
    return SpeechSpan(start * FrameClassifier.frameLength..<end, pauseBefore: pause ?? 0)
  }
}
