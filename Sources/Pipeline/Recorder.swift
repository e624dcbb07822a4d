import AudioCapture
import AudioProcessing
import AudioSegmentation
import DictationTypes
import Linux
import Synchronization

/// What a recording tells while it runs, in this order.
enum RecorderEvent: Sendable {
  /// The microphone is open, and nobody records yet.
  case live(device: String)
  /// The first real frame has arrived, so many milliseconds after it was asked for, from this microphone.
  case started(openMilliseconds: Double, device: String)
  /// How loud it is.
  case level(AudioLevel)
  /// Something happened to the microphone.
  case notice(AudioNotice)
  /// Frames were lost; this is all that was lost until now.
  case overrun(CaptureLosses)
  /// Somebody begins to speak, or nobody speaks any more.
  case speech(VoiceActivity.Change)
  /// Nobody has spoken for as long as the order says, in milliseconds: it is to be stopped.
  case silent(milliseconds: Int)
  /// The disk refuses, or does not answer; the recording goes on, or ends with the next `recorded`.
  case storageFailed(DictationError)
  /// The disk has all of it again.
  case storageMended
  /// A pause has begun: what was said since the last cut may be the end.
  case paused(SpeechPart)
  /// So much is complete.
  case cut(SpeechPart)
  /// It is over, and this is what was said.
  case recorded(Recording)
  /// The microphone is free again.
  case closed
}

/// A part of a recording, as the engine gets it.
struct SpeechPart: Sendable {
  /// Where it is in the recording.
  let span: SpeechSpan
  /// Its samples: 16 kHz, mono.
  var samples: [Int16]
  /// Where somebody may speak in it, in milliseconds from its beginning.
  let speech: [Range<Int>]
}

/// A recording that is over.
struct Recording: Sendable {
  /// The audio as a WAV file's bytes.
  let wav: [UInt8]
  /// The frames, at 16 kHz.
  let frames: Int
  /// Whether anybody spoke.
  let hasSpeech: Bool
  /// Why it ended.
  let end: CaptureEnd
  /// Whether there was anything but digital silence.
  var hasSound = true
  /// Where the microphone was away.
  var gaps: [AudioGap] = []
  /// When its last frame had arrived, in nanoseconds of CLOCK_MONOTONIC.
  var endTime = monotonicNanoseconds()
  /// What has not been cut, when somebody may have spoken in it; nil also when it was told as the last pause.
  var tail: SpeechPart?
}

/// What a recorder is told when somebody records.
struct RecordingOrder: Sendable {
  /// Where it is recorded to.
  let spool: SpoolFile
  /// Takes the cue out of what the detector hears; nil when there is none.
  let cueFilter: CueFilter?
  /// How much the detector takes to be speech, 0 to 3.
  var aggressiveness = FrameClassifier.defaultAggressiveness
  /// How long nobody has to speak, after somebody has, until it is told, in milliseconds; 0: it is not.
  var autoStop = 0
  /// When it was asked for, in nanoseconds of CLOCK_MONOTONIC.
  let time = monotonicNanoseconds()
}

/// A recording: a thread of its own reads the microphone and brings the frames to 16 kHz mono, into the spool,
/// to the meter and to the detector. It may listen for a while before `begin`, and then keeps the last moment only.
final class Recorder: Sendable {
  /// What happens, until `closed`.
  let events: AsyncStream<RecorderEvent>
  /// The ALSA name of the device that was asked for.
  let device: String
  /// How much of what was heard before `begin` is recorded, in milliseconds.
  let preRoll: Int
  private let control: MicrophoneControl
  private let orders: RecorderOrders
  private let isClosed = WakeEvent()

  /// Opens `device`. It records at once with an `order`, else once `begin` has been called.
  ///
  /// - Parameters:
  ///   - preRoll: how much of what is heard before `begin` is kept, in milliseconds; above 0 a device that is
  ///     missing is waited for until then.
  ///   - predecessor: what uses the device until now: it is waited for.
  ///   - wantsLevels: asked before a level is told.
  init(
    device: String, preRoll: Int = 0, after predecessor: Recorder? = nil, order: RecordingOrder? = nil,
    wantsLevels: @escaping @Sendable () -> Bool
  ) {
    let (events, continuation) = AsyncStream.makeStream(of: RecorderEvent.self)
    let microphone = Microphone(device: device, limits: preRoll > 0 ? .patient : MicrophoneLimits())
    let orders = RecorderOrders(order)
    let isClosed = isClosed
    self.events = events
    self.device = device
    self.preRoll = preRoll
    self.orders = orders
    control = microphone.control
    let take = Take(
      microphone, orders, preRoll: AudioFormat.speech.frames(milliseconds: preRoll), wantsLevels: wantsLevels
    ) { continuation.yield($0) }
    WorkerThread(name: "recorder") {
      predecessor?.isClosed.wait(milliseconds: Self.patience)
      take.run()
      isClosed.signal()
      continuation.finish()
    }.detach()
  }

  /// How long a recording waits for the one before it to free the device, in milliseconds.
  private static let patience: Int32 = 1_500

  /// Records from now on, with what was heard just before. False when the microphone is being closed, or has been
  /// given up: then there will be no recording.
  func begin(_ order: RecordingOrder) -> Bool {
    guard orders.give(order) else { return false }
    control.hasten()
    return true
  }

  /// Ends the recording: what was said until now is still taken. Whoever would begin one now is refused.
  func stop() {
    orders.close()
    control.stop()
  }

  /// Whether frames come.
  var isLive: Bool {
    let last = orders.lastFrame.load(ordering: .relaxed)
    return last > 0 && monotonicNanoseconds() - last < 500_000_000
  }
}

/// What the recorder's thread and others share.
private final class RecorderOrders: Sendable {
  /// The order to record, until the thread has taken it, and whether the thread still takes one.
  private let pending: Lock<(order: RecordingOrder?, isOpen: Bool)>
  /// When the thread last had frames (CLOCK_MONOTONIC, nanoseconds; 0: never). A fact only: relaxed.
  let lastFrame = Atomic<UInt64>(0)

  init(_ order: RecordingOrder?) { pending = Lock((order, true)) }

  /// False when the thread takes no order any more.
  func give(_ order: RecordingOrder) -> Bool {
    pending.withLock { pending in
      if pending.isOpen { pending.order = order }
      return pending.isOpen
    }
  }

  /// No more orders: one that has come is still taken.
  func close() { pending.withLock { $0.isOpen = false } }

  /// The order that has come; it is the `last` one that the thread takes.
  func take(last: Bool = false) -> RecordingOrder? {
    pending.withLock { pending in
      defer { pending = (nil, pending.isOpen && !last) }
      return pending.order
    }
  }
}

/// The recorder's thread and what belongs to it alone.
private final class Take {
  private let microphone: Microphone
  private let orders: RecorderOrders
  private let wantsLevels: () -> Bool
  private let tell: (RecorderEvent) -> Void
  private var heard: PreRoll
  private var spool: SpoolFile?
  private var beginTime: UInt64 = 0
  private var converter: SpeechConverter?
  private var cueFilter: CueFilter?
  private var listener: Listener?
  private var meter = LevelMeter()
  private var speech: [Int16] = []
  private var framesSinceLevel = 0
  private var toldLosses = CaptureLosses()
  private var isToldLive = false
  private var hasStarted = false
  private var toldTrouble: SpoolTrouble?

  /// Frames between two levels: 20 a second.
  private static let levelInterval = AudioFormat.speech.sampleRate / 20

  init(
    _ microphone: Microphone, _ orders: RecorderOrders, preRoll: Int, wantsLevels: @escaping () -> Bool,
    tell: @escaping (RecorderEvent) -> Void
  ) {
    self.microphone = microphone
    self.orders = orders
    self.wantsLevels = wantsLevels
    self.tell = tell
    heard = PreRoll(frames: preRoll)
  }

  func run() {
    let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 16_384)
    defer { buffer.deallocate() }
    while true {
      if spool == nil, let order = orders.take() { begin(order) }
      switch microphone.next(into: buffer) {
      case .opened(let format, _): prepare(format)
      case .frames(let count): take(UnsafeBufferPointer(buffer), frames: count)
      case .notice(let notice): tell(.notice(notice))
      case .ended(let end): return finish(end)
      }
    }
  }

  private func begin(_ order: RecordingOrder) {
    spool = order.spool
    beginTime = order.time
    cueFilter = order.cueFilter
    listener = Listener(order)
    speech = heard.take()
    keep()
  }

  /// The next frames have `format`.
  private func prepare(_ format: AudioFormat) {
    flush()
    do throws(DictationError) {
      converter = try SpeechConverter(from: format)
    } catch {
      tell(.storageFailed(error))
      microphone.control.stop()
    }
  }

  private func take(_ buffer: UnsafeBufferPointer<Int16>, frames: Int) {
    guard let converter, let format = microphone.format else { return }
    let now = monotonicNanoseconds()
    orders.lastFrame.store(now, ordering: .relaxed)
    if spool == nil, !isToldLive {
      isToldLive = true
      tell(.live(device: microphone.deviceName))
    }
    if spool != nil, !hasStarted {
      hasStarted = true
      // A microphone that was open had its first frame before it was asked for.
      let first = microphone.firstFrameTime ?? now
      let ready = first > beginTime ? first : now
      tell(.started(openMilliseconds: Double(ready - beginTime) / 1e6, device: microphone.deviceName))
    }
    speech.removeAll(keepingCapacity: true)
    converter.convert(UnsafeBufferPointer(rebasing: buffer[..<(frames * format.channels)]), into: &speech)
    keep()
    let losses = microphone.losses
    if losses != toldLosses {
      toldLosses = losses
      tell(.overrun(losses))
    }
  }

  private func flush() {
    speech.removeAll(keepingCapacity: true)
    converter?.flush(into: &speech)
    keep()
  }

  private func finish(_ end: CaptureEnd) {
    // It may have come while the microphone was being given up.
    if let order = orders.take(last: true), spool == nil { begin(order) }
    flush()
    if let spool {
      tell(
        .recorded(
          Recording(
            wav: spool.wav(), frames: spool.frames, hasSpeech: listener?.detector.hasHeardSpeech ?? false,
            end: end,
            hasSound: microphone.hasHeardSound, gaps: microphone.gaps,
            tail: tail(spool))))
    }
    // The words are on their way; the sound server and the disk may take their time.
    close()
    spool?.finish()
  }

  private func close() {
    microphone.close()
    tell(.closed)
  }

  private func listen(_ samples: UnsafeBufferPointer<Int16>, _ spool: SpoolFile) {
    listener?.add(samples) { event in
      switch event {
      case .activity(let change): tell(.speech(change))
      case .silent(let milliseconds): tell(.silent(milliseconds: milliseconds))
      case .segment(.paused(let tail), let speech): tell(.paused(part(spool, tail, speech)))
      case .segment(.resumed, _): break
      case .segment(.cut(let segment), let speech): tell(.cut(part(spool, segment, speech)))
      }
    }
  }

  /// What has not been cut at the end.
  private func tail(_ spool: SpoolFile) -> SpeechPart? {
    guard let listener, let span = listener.tail(ofRecording: spool.frames) else { return nil }
    return part(spool, span, listener.speech(in: span))
  }

  /// The samples of `range`, without the cue that a loudspeaker may have played into them.
  private func part(_ spool: SpoolFile, _ span: SpeechSpan, _ speech: [Range<Int>]) -> SpeechPart {
    guard let cueFilter, span.range.lowerBound < cueFilter.end else {
      return SpeechPart(span: span, samples: spool.samples(span.range), speech: speech)
    }
    var samples = spool.samples(0..<span.range.upperBound)
    samples.withUnsafeMutableBufferPointer { cueFilter.removeCues(from: $0) }
    return SpeechPart(span: span, samples: Array(samples[span.range.lowerBound...]), speech: speech)
  }

  /// Puts what the converter gave where it belongs.
  private func keep() {
    guard let spool else { return heard.add(speech) }
    speech.withUnsafeBufferPointer { samples in
      spool.append(samples)
      listen(samples, spool)
      meter.add(samples)
    }
    follow(spool)
    framesSinceLevel += speech.count
    guard framesSinceLevel >= Self.levelInterval else { return }
    framesSinceLevel = 0
    let level = meter.read(speech: listener?.detector.isSpeaking ?? false)
    if wantsLevels() { tell(.level(level)) }
  }

  /// Tells each trouble with the disk once, and again when it has come back. What is said goes on in memory, as long
  /// as there is room.
  private func follow(_ spool: SpoolFile) {
    let trouble = spool.trouble
    guard trouble != toldTrouble else { return }
    toldTrouble = trouble
    tell(trouble.map { .storageFailed(spool.error($0)) } ?? .storageMended)
    if trouble == .full { microphone.control.stop() }
  }
}
