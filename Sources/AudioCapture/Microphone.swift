public import DictationTypes
internal import Linux

/// What the consumer of a microphone is told. `opened` comes before the first frames, and again whenever the frames
/// after it may have another format; `ended` is the last.
public enum MicrophoneStep: Sendable, Hashable {
  /// The next frames come in this format from this device.
  case opened(AudioFormat, device: String)
  /// This many frames were put into the buffer.
  case frames(Int)
  /// Something happened that the user may want to know.
  case notice(AudioNotice)
  /// There will be nothing more.
  case ended(CaptureEnd)
}

/// A microphone that is there for as long as there is one: captures that follow each other, seen as one stream.
///
/// - At the start, the default device takes the place of one that is missing, in use or gives no frame.
/// - A device that is lost, or gives no frame for a second, is looked for: the same one, the one that was asked for,
///   the default one, again and again for ten seconds. What came before and after stands side by side; the gap is
///   noted, and no silence is put between.
/// - A device that gives nothing but zeros for three seconds is opened a second time beside the first (see
///   `SilenceWatch`).
///
/// It belongs to the thread that calls `next` and `close`; others end it by `control`.
public final class Microphone {
  /// When it was asked for, in nanoseconds of CLOCK_MONOTONIC.
  public let openTime = monotonicNanoseconds()
  /// How other threads reach it.
  public let control = MicrophoneControl()
  /// When the first frames arrived, in nanoseconds of CLOCK_MONOTONIC; nil before.
  public private(set) var firstFrameTime: UInt64?
  /// The name of the microphone as shown to users.
  public private(set) var deviceName: String
  /// The format of the frames that come now; nil before the first `opened`.
  public private(set) var format: AudioFormat?
  /// Where it was away.
  public private(set) var gaps: [AudioGap] = []

  private let device: String
  private let fallback: String
  private var limits: MicrophoneLimits
  private var session: CaptureSession?
  private var search: DeviceSearch
  /// Whether no device gives frames, so that `search` says which is next.
  private var isSearching = true
  /// Why the asked-for device gave nothing at the start.
  private var refusal: DictationError?
  private var loss: Loss?
  private var silence: SilenceWatch
  private var pending: [MicrophoneStep] = []
  /// Samples that go before those of `session`.
  private var first: [Int16] = []
  private var end: CaptureEnd?
  /// Milliseconds of audio before `session`, and its frames.
  private var millisecondsBefore = 0
  private var frames = 0
  private var lossesBefore = CaptureLosses()

  /// A capture that gave frames and does no more.
  private struct Loss {
    let device: String
    let deviceName: String
    let lastFrame: UInt64
    let end: CaptureEnd
  }

  /// How long frames have to come after a search until the next loss is a new one, in nanoseconds.
  private static let steady: UInt64 = 1_000_000_000

  /// A microphone called `device`, any ALSA PCM name, or `fallback` in its place. The first `next` opens it.
  public init(
    device: String, fallback: String = CaptureDevice.defaultName,
    limits: MicrophoneLimits = MicrophoneLimits()
  ) {
    self.device = device
    self.fallback = fallback
    self.limits = limits
    deviceName = device
    silence = SilenceWatch(limits)
    // Without patience there is one round.
    search = DeviceSearch(
      [device, fallback], until: limits.searchMilliseconds == nil ? nil : 0,
      longestPause: limits.longestPauseMilliseconds)
  }

  /// The sound that was lost while its captures ran.
  public var losses: CaptureLosses { lossesBefore + (session?.losses ?? CaptureLosses()) }

  /// Whether anything but digital silence has come.
  public var hasHeardSound: Bool { silence.hasHeardSound }

  /// Whether frames come, as far as is known.
  public var isLive: Bool { !isSearching }

  /// Waits for the next step. Frames go to the start of `buffer`, interleaved; it holds at least one frame.
  public func next(into buffer: UnsafeMutableBufferPointer<Int16>) -> MicrophoneStep {
    while true {
      if !pending.isEmpty { return pending.removeFirst() }
      if !first.isEmpty { return .frames(takeFirst(into: buffer)) }
      if let end { return .ended(end) }
      guard let session else {
        open()
        continue
      }
      switch session.next(into: buffer) {
      case .opened(let format):
        (self.format, deviceName) = (format, session.deviceName)
        return .opened(format, device: session.deviceName)
      case .frames(let count):
        let samples = UnsafeBufferPointer(rebasing: buffer[..<(count * (session.format?.channels ?? 0))])
        frames += count
        if isSearching { found(session) }
        if !pending.isEmpty {
          // It is told before what it is about.
          first = Array(samples)
          continue
        }
        look(at: samples, of: session)
        return .frames(count)
      case .ended(let end): leave(session, end)
      }
    }
  }

  /// Ends the capture at once, drops what has not been read, and waits until the device is free again.
  public func close() {
    silence.restart()
    session?.close()
  }

  // MARK: - Frames

  private func look(at samples: UnsafeBufferPointer<Int16>, of session: CaptureSession) {
    switch silence.look(at: samples, of: session, now: monotonicNanoseconds()) {
    case .nothing: break
    case .silent: tell(.silent, "The microphone \(deviceName) gives only digital silence: is it muted?")
    case .sound: tell(.sound, "The microphone \(deviceName) gives sound again")
    case .replaced(let other, let first): replace(session, by: other, first)
    }
  }

  /// `other` has sound that `session` does not get.
  private func replace(_ session: CaptureSession, by other: CaptureSession, _ first: [Int16]) {
    count(session)
    enter(other)
    guard let format = other.format else { return }
    (self.format, deviceName) = (format, other.deviceName)
    self.first = first
    frames = first.count / format.channels
    pending.append(.opened(format, device: deviceName))
    tell(.sound, "The microphone \(deviceName) was opened anew, and gives sound again")
  }

  private func takeFirst(into buffer: UnsafeMutableBufferPointer<Int16>) -> Int {
    let channels = format?.channels ?? 1
    let count = min(first.count, buffer.count) / channels
    _ = buffer.update(fromContentsOf: first[..<(count * channels)])
    first.removeFirst(count * channels)
    return count
  }

  // MARK: - Captures

  private func open() {
    if control.isWanted { loseThePatience() }
    guard let (device, pause) = search.next(now: monotonicNanoseconds()) else {
      end = loss?.end ?? refusal.map { .openFailed($0) } ?? .stopped
      return
    }
    if pause > 0 { control.wait(milliseconds: pause) }
    if control.isStopped {
      end = .stopped
      return
    }
    let isStart = loss == nil && limits.searchMilliseconds != nil
    enter(CaptureSession(device: device, limits: isStart ? limits.capture : limits.ofTries))
  }

  /// It was waited for as long as it takes; now somebody records.
  private func loseThePatience() {
    guard limits.searchMilliseconds == nil else { return }
    limits = MicrophoneLimits()
    search = newSearch([device, fallback])
  }

  private func newSearch(_ devices: [String]) -> DeviceSearch {
    DeviceSearch(
      devices, until: limits.searchMilliseconds.map { monotonicNanoseconds() + UInt64($0) * 1_000_000 },
      longestPause: limits.longestPauseMilliseconds)
  }

  private func enter(_ session: CaptureSession?) {
    self.session = session
    frames = 0
    control.follow(session)
  }

  /// Adds what belongs to `session`, which ends.
  private func count(_ session: CaptureSession) {
    millisecondsBefore += session.format?.milliseconds(frames: frames) ?? 0
    lossesBefore = lossesBefore + session.losses
  }

  /// The capture has ended: by the user, or by a failure that leads to a search.
  private func leave(_ session: CaptureSession, _ end: CaptureEnd) {
    guard let error = end.error, !(control.isStopped && isSearching) else {
      self.end = .stopped
      return
    }
    if control.isStopped {
      self.end = end
      return
    }
    session.close()
    count(session)
    enter(nil)
    if isSearching {
      refusal = refusal ?? error
    } else {
      lose(session, end)
    }
  }

  private func lose(_ session: CaptureSession, _ end: CaptureEnd) {
    if control.isWanted { loseThePatience() }
    let lastFrame = session.lastFrameTime ?? monotonicNanoseconds()
    let wasSteady = lastFrame - (session.firstFrameTime ?? lastFrame) >= Self.steady
    // One that comes and goes does not begin anew each time: the pauses get longer, and there is an end.
    if loss == nil || wasSteady {
      search = newSearch([session.device, device, fallback])
    }
    loss = Loss(device: session.device, deviceName: session.deviceName, lastFrame: lastFrame, end: end)
    isSearching = true
    silence.restart()
    let seconds = limits.searchMilliseconds.map { " for \($0 / 1000) s" } ?? ""
    let (what, happened): (AudioNotice.What, String) =
      if case .stalled = end { (.stalled, "gives no more sound") } else { (.deviceLost, "went away") }
    tell(what, "The microphone \(session.deviceName) \(happened): it, or the default one, is tried\(seconds)")
  }

  /// The search is over: `session` gives frames.
  private func found(_ session: CaptureSession) {
    isSearching = false
    deviceName = session.deviceName
    let time = session.firstFrameTime ?? monotonicNanoseconds()
    if firstFrameTime == nil { firstFrameTime = time }
    silence.restart()
    guard let loss else {
      if session.device != device { tellFallback(asked: device, reason: refusal?.message, gap: nil) }
      return
    }
    let gap = Int((max(time, loss.lastFrame) - loss.lastFrame) / 1_000_000)
    gaps.append(AudioGap(atMs: millisecondsBefore, gapMs: gap, device: deviceName))
    if session.device != loss.device {
      return tellFallback(asked: loss.device, reason: loss.end.error?.message, gap: gap)
    }
    var notice = AudioNotice(
      .resumed, message: "The microphone \(deviceName) is back after \(gap) ms", device: deviceName)
    notice.gapMs = gap
    pending.append(.notice(notice))
  }

  // MARK: - Notices

  private func tell(_ what: AudioNotice.What, _ message: String) {
    pending.append(.notice(AudioNotice(what, message: message, device: deviceName)))
  }

  private func tellFallback(asked: String, reason: String?, gap: Int?) {
    let message = "Recording from \(deviceName) instead of \(asked). \(reason ?? "")"
    var notice = AudioNotice(.fallback, message: message, device: deviceName)
    (notice.asked, notice.reason, notice.gapMs) = (asked, reason, gap)
    pending.append(.notice(notice))
  }
}
