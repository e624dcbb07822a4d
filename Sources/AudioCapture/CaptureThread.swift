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
  private let raw: ResidentMemory
  /// The same frames as 16-bit samples.
  private let converted: ResidentMemory
  private let chunk: Int

  /// The size of its stack: small, since all of it is kept in memory, with room for what plugins of alsa-lib do while
  /// a device is opened.
  static let stackBytes = 512 << 10

  /// Opens `device`, captures until the end, and closes the device.
  static func run(device: String, shared: SharedCapture, limits: CaptureLimits) {
    // The stack first: when not all memory can be locked, the thread does best with that.
    let stack = keepStackInMemory()
    defer { releaseStack() }
    do {
      let pcm = try CapturePCM(device)
      let thread = CaptureThread(pcm, shared: shared, limits: limits)
      try pcm.start()
      shared.lastRead.store(bootNanoseconds(), ordering: .relaxed)
      let parts = [stack, thread.raw.residence, thread.converted.residence, thread.ring.residence]
      thread.capture(RealTime.ask(withMemory: parts))
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
    chunk = 2 * pcm.parameters.periodFrames
    let samples = chunk * format.channels
    raw = ResidentMemory(bytes: samples * pcm.parameters.sampleFormat.bytes)
    converted = ResidentMemory(bytes: samples * MemoryLayout<Int16>.stride)
    ring = SampleRing(frames: limits.ringSeconds * format.sampleRate, channels: format.channels)
  }

  private func capture(_ realTime: RealTime) {
    let device = SharedCapture.Opened(
      format: pcm.parameters.format, name: pcm.name, ring: ring, realTime: realTime)
    guard shared.begin(device) else { return }
    do {
      while shared.now.phase == .running { try advance() }
      if shared.now.phase == .stopping { try readTail() }
      shared.end(.stopped)
    } catch {
      shared.end(.deviceLost, errno: error.code)
    }
    pcm.stop()
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
      countOverrun()
      return 0
    }
  }

  /// The device runs again: all that it captured since the last read, and did not capture until now, is lost.
  private func countOverrun() {
    let now = bootNanoseconds()
    let nanoseconds = now - shared.lastRead.exchange(now, ordering: .relaxed)
    let frames = (Double(nanoseconds) / 1e9 * Double(pcm.parameters.format.sampleRate)).rounded()
    shared.lostFrames.add(Int(frames), ordering: .relaxed)
    shared.overruns.add(1, ordering: .relaxed)
  }

  /// At most a buffer at a time: a PCM that is faster than it is read must not keep this thread from its end.
  private func readAll() throws(ALSAError) -> Int {
    var total = 0
    while total < pcm.parameters.bufferFrames {
      let frames = try pcm.read(into: raw.base, frames: chunk)
      if frames > 0 { store(frames) }
      total += frames
      if frames < chunk { break }
    }
    return total
  }

  private func store(_ frames: Int) {
    let samples = UnsafeMutableBufferPointer(
      start: converted.base.assumingMemoryBound(to: Int16.self), count: frames * ring.channels)
    pcm.parameters.sampleFormat.convert(raw.base, into: samples)
    ring.write(UnsafeBufferPointer(samples))
    let now = monotonicNanoseconds()
    if shared.firstArrival.load(ordering: .relaxed) == 0 {
      shared.firstArrival.store(now, ordering: .relaxed)
    }
    shared.lastArrival.store(now, ordering: .relaxed)
    shared.lastRead.store(bootNanoseconds(), ordering: .relaxed)
    shared.ready.signal()
  }
}
