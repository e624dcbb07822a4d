public import DictationTypes
import Glibc
internal import Linux
import Synchronization

/// How long a capture waits for what.
public struct CaptureLimits: Sendable {
  /// From the open call until the device runs, in milliseconds: a sound server may hang.
  public var openMilliseconds = 5_000
  /// From the start of the device until its first frame, in milliseconds. Bluetooth headsets need seconds.
  public var firstFrameMilliseconds = 5_000
  /// Between two wake-ups by the device, in milliseconds; longer is a stall.
  public var stallMilliseconds = 2_000
  /// From a stop until the frame captured then has arrived, in milliseconds.
  public var tailMilliseconds = 250
  /// For closing the device, in milliseconds.
  public var closeMilliseconds = 1_000
  /// How much audio waits for a consumer that is late, in seconds.
  public var ringSeconds = 30

  /// The values above.
  public init() {}
}

/// What the consumer of a capture is told, in this order: `opened` once, `frames` any number of times, `ended`.
/// When opening fails, `ended` comes alone.
public enum CaptureStep: Sendable, Hashable {
  /// The device runs; the frames will be in this format.
  case opened(AudioFormat)
  /// This many frames were put into the buffer.
  case frames(Int)
  /// There will be nothing more. All that was captured before has been handed out.
  case ended(CaptureEnd)
}

/// One capture from one microphone: a thread that moves frames from the device into a ring, and the end of the
/// ring that a consumer reads.
///
/// `next` and `close` belong to one thread, the consumer's; it calls `next` until `ended`, then `close`.
/// Everything else may be called from any thread and returns at once. The consumer watches over the capture
/// thread: a device that hangs, while being opened or later, ends the capture, so the status never lies.
public final class CaptureSession: Sendable {
  /// The ALSA name of the device that was asked for.
  public let device: String
  /// When the capture was asked for, in nanoseconds of CLOCK_MONOTONIC.
  public let openTime: UInt64
  private let limits: CaptureLimits
  private let shared: SharedCapture
  private let thread: WorkerThread
  /// Whether `opened` has been told. Used by the consumer alone: relaxed.
  private let hasToldOpened = Atomic(false)
  /// Whether the thread was joined or left to itself. Used by the consumer and by deinit: relaxed.
  private let isClosed = Atomic(false)

  /// Starts a thread that opens `device`, any ALSA PCM name, and captures from it. Returns at once.
  public init(device: String, limits: CaptureLimits = CaptureLimits()) {
    let shared = SharedCapture()
    self.device = device
    self.limits = limits
    self.shared = shared
    openTime = monotonicNanoseconds()
    thread = WorkerThread(name: "thoth-capture", stackBytes: CaptureThread.stackBytes) {
      CaptureThread.run(device: device, shared: shared, limits: limits)
    }
  }

  /// A session that nobody closed ends its capture.
  deinit {
    if isClosed.load(ordering: .relaxed) { return }
    shared.end(.stopped)
    thread.detach()
  }

  /// Waits for the next step. Frames go to the start of `buffer`, interleaved; it holds at least one frame.
  public func next(into buffer: UnsafeMutableBufferPointer<Int16>) -> CaptureStep {
    while true {
      let phase = shared.now.phase
      if let step = poll(into: buffer) { return step }
      wait(in: phase)
    }
  }

  /// The next step, if there is one now. It does not wait, and so does not watch over the capture thread.
  public func poll(into buffer: UnsafeMutableBufferPointer<Int16>) -> CaptureStep? {
    // The state first: what was written before an end is then seen by the read that follows.
    let state = shared.now
    if let device = shared.device {
      if !hasToldOpened.exchange(true, ordering: .relaxed) { return .opened(device.format) }
      let frames = device.ring.read(into: buffer)
      if frames > 0 { return .frames(frames) }
    }
    return state.phase == .ended ? .ended(CaptureEnd(state, device: device)) : nil
  }

  /// Asks for the end: what was captured until now still comes. While the device is being opened it ends at once.
  public func stop() { shared.stop() }

  /// Ends the capture at once, drops what has not been read, and waits until the device is free again. When a
  /// sound server hangs the thread is left behind after a while; it ends as soon as the server answers.
  public func close() {
    shared.end(.stopped)
    if isClosed.exchange(true, ordering: .relaxed) { return }
    if shared.closed.wait(milliseconds: Int32(limits.closeMilliseconds)) {
      thread.join()
    } else {
      thread.detach()
    }
  }

  /// The format of the frames, once the device is open.
  public var format: AudioFormat? { shared.device?.format }

  /// The name of the microphone as shown to users: its sound card's, else the ALSA name.
  public var deviceName: String { shared.device?.name ?? device }

  /// What the system allowed the capture thread, once the device is open.
  public var realTime: RealTime? { shared.device?.realTime }

  /// When the first frames arrived, in nanoseconds of CLOCK_MONOTONIC; nil before.
  public var firstFrameTime: UInt64? { time(shared.firstArrival.load(ordering: .relaxed)) }

  /// When the last frames arrived, in nanoseconds of CLOCK_MONOTONIC; nil before the first.
  public var lastFrameTime: UInt64? { time(shared.lastArrival.load(ordering: .relaxed)) }

  /// What did not arrive, so far.
  public var losses: CaptureLosses {
    var losses = CaptureLosses()
    guard let device = shared.device else { return losses }
    losses.overruns = shared.overruns.load(ordering: .relaxed)
    losses.lostFrames = shared.lostFrames.load(ordering: .relaxed)
    losses.droppedFrames = device.ring.droppedFrames
    let frames = Double(losses.lostFrames + losses.droppedFrames)
    losses.milliseconds = frames * 1000 / Double(device.format.sampleRate)
    return losses
  }

  private func time(_ nanoseconds: UInt64) -> UInt64? { nanoseconds == 0 ? nil : nanoseconds }

  /// Waits for a change; ends the capture when the device shows no life in the time that `phase` has for it.
  private func wait(in phase: CaptureState.Phase) {
    let limit = limit(of: phase)
    // In two halves: a process that was itself stopped finds the time over, and the frames there.
    for _ in 0..<2 where shared.ready.wait(milliseconds: Int32(limit / 2)) { return }
    switch phase {
    case .opening: shared.end(.openFailed, errno: ETIMEDOUT)
    case .running where firstFrameTime == nil: shared.end(.openFailed, errno: ETIMEDOUT)
    case .running: shared.end(.stalled)
    case .stopping: shared.end(.stopped)
    case .ended: break
    }
  }

  private func limit(of phase: CaptureState.Phase) -> Int {
    switch phase {
    case .opening: limits.openMilliseconds
    case .running: firstFrameTime == nil ? limits.firstFrameMilliseconds : limits.stallMilliseconds
    case .stopping: 2 * limits.tailMilliseconds
    case .ended: 0
    }
  }
}
