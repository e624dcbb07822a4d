import AudioCapture
import AudioProcessing
import AudioSegmentation
import DictationTypes
import Linux

/// What a recording tells while it runs, in this order.
enum RecorderEvent: Sendable {
  /// The first real frame has arrived, so many milliseconds after it was asked for, from this microphone.
  case started(openMilliseconds: Double, device: String)
  /// How loud it is.
  case level(AudioLevel)
  /// Frames were lost so many times altogether, and so many that the recorder was too late for.
  case overrun(count: Int, dropped: Int)
  /// The disk refuses; the recording goes on.
  case storageFailed(DictationError)
  /// It is over, and this is what was said.
  case recorded(Recording)
  /// The microphone is free again.
  case closed
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
}

/// A recording: a thread of its own reads the capture's ring and brings the frames to 16 kHz mono, into the spool,
/// to the meter and to the detector.
final class Recorder: Sendable {
  /// What happens, until `closed`.
  let events: AsyncStream<RecorderEvent>
  private let session: CaptureSession

  /// Starts recording from `device` into a new file at `path`.
  ///
  /// - Parameters:
  ///   - cueFilter: takes the cue out of what the detector hears; nil when there is none.
  ///   - wantsLevels: asked before a level is told.
  /// - Throws: `DictationError` of kind `storage` when the file cannot be made.
  init(
    device: String, path: String, cueFilter: CueFilter? = nil, wantsLevels: @escaping @Sendable () -> Bool
  ) throws(DictationError) {
    let spool = SpoolFile(path: path)
    let (events, continuation) = AsyncStream.makeStream(of: RecorderEvent.self)
    let session = CaptureSession(device: device)
    self.events = events
    self.session = session
    let take = Take(session: session, spool: spool, cueFilter: cueFilter, wantsLevels: wantsLevels) {
      continuation.yield($0)
    }
    WorkerThread(name: "recorder") {
      take.run()
      continuation.finish()
    }.detach()
  }

  /// Ends the recording: what was said until now is still taken.
  func stop() { session.stop() }
}

/// The recorder's thread and what belongs to it alone.
private final class Take {
  private let session: CaptureSession
  private let spool: SpoolFile
  private let wantsLevels: () -> Bool
  private let tell: (RecorderEvent) -> Void
  private var converter: SpeechConverter?
  private var cueFilter: CueFilter?
  private var detector = SpeechDetector()
  private var meter = LevelMeter()
  private var speech: [Int16] = []
  private var framesSinceLevel = 0
  private var toldLosses = (0, 0)
  private var hasStarted = false
  private var hasToldStorage = false

  /// Frames between two levels: 20 a second.
  private static let levelInterval = AudioFormat.speech.sampleRate / 20

  init(
    session: CaptureSession, spool: SpoolFile, cueFilter: CueFilter?, wantsLevels: @escaping () -> Bool,
    tell: @escaping (RecorderEvent) -> Void
  ) {
    self.session = session
    self.spool = spool
    self.cueFilter = cueFilter
    self.wantsLevels = wantsLevels
    self.tell = tell
  }

  func run() {
    let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 16_384)
    defer { buffer.deallocate() }
    while true {
      switch session.next(into: buffer) {
      case .opened(let format): prepare(format)
      case .frames(let count): take(UnsafeBufferPointer(buffer), frames: count)
      case .ended(let end): return finish(end)
      }
    }
  }

  private func prepare(_ format: AudioFormat) {
    do throws(DictationError) {
      converter = try SpeechConverter(from: format)
    } catch {
      tell(.storageFailed(error))
      session.stop()
    }
  }

  private func take(_ buffer: UnsafeBufferPointer<Int16>, frames: Int) {
    guard let converter, let format = session.format else { return }
    if !hasStarted {
      hasStarted = true
      let nanoseconds = (session.firstFrameTime ?? session.openTime) - session.openTime
      tell(.started(openMilliseconds: Double(nanoseconds) / 1e6, device: session.deviceName))
    }
    speech.removeAll(keepingCapacity: true)
    converter.convert(UnsafeBufferPointer(rebasing: buffer[..<(frames * format.channels)]), into: &speech)
    keep()
    let losses = (session.overruns, session.droppedFrames)
    if losses != toldLosses {
      toldLosses = losses
      tell(.overrun(count: losses.0, dropped: losses.1))
    }
  }

  private func finish(_ end: CaptureEnd) {
    speech.removeAll(keepingCapacity: true)
    converter?.flush(into: &speech)
    keep()
    let recording = Recording(
      wav: spool.wav(), frames: spool.frames, hasSpeech: detector.hasHeardSpeech, end: end)
    tell(.recorded(recording))
    // The words are on their way; the sound server and the disk may take their time.
    session.close()
    tell(.closed)
    spool.finish()
  }

  private func detect(_ samples: UnsafeBufferPointer<Int16>) {
    guard let heard = cueFilter?.add(samples) else { return detector.add(samples) }
    heard.withUnsafeBufferPointer { detector.add($0) }
  }

  /// Puts what the converter gave where it belongs.
  private func keep() {
    speech.withUnsafeBufferPointer { samples in
      spool.append(samples)
      detect(samples)
      meter.add(samples)
    }
    if let failure = spool.failure, !hasToldStorage {
      hasToldStorage = true
      tell(.storageFailed(failure))
    }
    framesSinceLevel += speech.count
    guard framesSinceLevel >= Self.levelInterval else { return }
    framesSinceLevel = 0
    let level = meter.read(speech: detector.isSpeaking)
    if wantsLevels() { tell(.level(level)) }
  }
}
