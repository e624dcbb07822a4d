import ALSA
internal import DictationTypes
import Glibc
internal import Linux
import Synchronization

/// The capture thread: the only one that touches the device. Once the device runs, the code here allocates
/// nothing, takes no lock and writes no log; it waits in poll(2) alone.
struct CaptureThread: ~Copyable {
  private let shared: SharedCapture
  private let limits: CaptureLimits
  private let pcm: CapturePCM
  private let ring: SampleRing
  /// What comes from the device, `chunk` frames in its own sample format.
  private let raw: UnsafeMutableRawPointer
  /// The same frames as 16-bit samples.
  private let converted: UnsafeMutableBufferPointer<Int16>
  private let chunk: Int

  /// Opens `device`, captures until the end, and closes the device.
  static func run(device: String, shared: SharedCapture, limits: CaptureLimits) {
    do {
      let pcm = try CapturePCM(device)
      let thread = CaptureThread(pcm, shared: shared, limits: limits)
      try pcm.start()
      raisePriority()
      thread.capture()
    } catch {
      shared.end(.openFailed, errno: error.code)
    }
    shared.closed.signal()
  }

  /// Allocates all that the loop needs.
  private init(_ pcm: CapturePCM, shared: SharedCapture, limits: CaptureLimits) {
    let format = pcm.parameters.format
    self.shared = shared
    self.limits = limits
    self.pcm = pcm
    ring = SampleRing(frames: limits.ringSeconds * format.sampleRate, channels: format.channels)
    chunk = 2 * pcm.parameters.periodFrames
    let samples = chunk * format.channels
    raw = .allocate(byteCount: samples * pcm.parameters.sampleFormat.bytes, alignment: 16)
    converted = .allocate(capacity: samples)
    converted.initialize(repeating: 0)
  }

  deinit {
    raw.deallocate()
    converted.deallocate()
  }

  /// Real-time priority, low among the real-time ones, where the system allows it.
  private static func raisePriority() {
    var parameters = sched_param()
    parameters.sched_priority = 10
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
  }

  private func capture() {
    let device = SharedCapture.Opened(format: pcm.parameters.format, name: pcm.name, ring: ring)
    guard shared.begin(device) else { return }
    do {
      while shared.now.phase == .running { try advance() }
      if shared.now.phase == .stopping { try readTail() }
      shared.end(.stopped)
    } catch {
      shared.end(.deviceLost, errno: error.code)
    }
  }

  /// Reads until the frame that was captured at the stop has arrived, or the limit is over.
  ///
  /// A device moves its position in steps, so at the stop it may not show the latest frames yet. The first frame
  /// beyond what it shows can only come by a step after the stop, and that step brings all that was captured
  /// before it.
  private func readTail() throws(ALSAError) {
    var missing = pcm.delay + 1
    let deadline = shared.stopTime.load(ordering: .relaxed) + UInt64(limits.tailMilliseconds) * 1_000_000
    while shared.now.phase == .stopping, monotonicNanoseconds() < deadline {
      missing -= try readOrRecover()
      if missing <= 0 { return }
      // Not until the device has a whole period: the person waits.
      rest()
    }
  }

  /// Waits until the device has a period or somebody interrupts, and moves what the device has into the ring.
  private func advance() throws(ALSAError) {
    let isInterrupted = pcm.wait(orFor: shared.interrupt.descriptor)
    if isInterrupted { shared.interrupt.clear() }
    if try readOrRecover() == 0, !isInterrupted { rest() }
  }

  /// Waits a millisecond, or until somebody interrupts.
  ///
  /// A device that says it is readable and has nothing would make this thread spin, at a priority that keeps
  /// others from mending that: PulseAudio's plugin did so for 100 ms at the start of every second capture, since
  /// its own thread came to nothing between our calls.
  private func rest() {
    shared.interrupt.wait(milliseconds: 1)
  }

  /// Returns the number of frames that were read; none when the device had to be started again.
  private func readOrRecover() throws(ALSAError) -> Int {
    do {
      return try readAll()
    } catch {
      try pcm.recover(from: error)
      shared.overruns.add(1, ordering: .relaxed)
      return 0
    }
  }

  /// At most a buffer at a time: a PCM that is faster than it is read must not keep this thread from its end.
  private func readAll() throws(ALSAError) -> Int {
    var total = 0
    while total < pcm.parameters.bufferFrames {
      let frames = try pcm.read(into: raw, frames: chunk)
      if frames > 0 { store(frames) }
      total += frames
      if frames < chunk { break }
    }
    return total
  }

  private func store(_ frames: Int) {
    let samples = UnsafeMutableBufferPointer(rebasing: converted.prefix(frames * ring.channels))
    pcm.parameters.sampleFormat.convert(raw, into: samples)
    ring.write(UnsafeBufferPointer(samples))
    let now = monotonicNanoseconds()
    if shared.firstArrival.load(ordering: .relaxed) == 0 {
      shared.firstArrival.store(now, ordering: .relaxed)
    }
    shared.lastArrival.store(now, ordering: .relaxed)
    shared.ready.signal()
  }
}
