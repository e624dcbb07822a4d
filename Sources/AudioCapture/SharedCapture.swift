internal import DictationTypes
import Glibc
internal import Linux
import Synchronization

/// What the capture thread and the consumer share: the state word, the ring, the wake-ups and the counters.
final class SharedCapture: @unchecked Sendable {
  // Safe: `opened` is written once, by the capture thread before it moves `state` to running (release); others
  // look at it only after they have seen a state that `wasOpened` (acquire). All else is immutable or atomic.

  /// What is known once the device is open.
  struct Opened {
    let format: AudioFormat
    let name: String
    let ring: SampleRing
    let realTime: RealTime
  }

  /// The truth about this capture. Every change is acquire-release, every look acquire.
  private let state = Atomic(CaptureState(.opening))
  private var opened: Opened?

  /// Wakes the consumer: frames have arrived or the state has changed.
  let ready = WakeEvent()
  /// Wakes the capture thread: a stop was asked for, or the capture was ended from outside.
  let interrupt = WakeEvent()
  /// Tells that the capture thread has closed the device.
  let closed = WakeEvent()

  /// When the first and the last frames arrived (CLOCK_MONOTONIC, nanoseconds; 0: not yet). Facts only: relaxed.
  let firstArrival = Atomic<UInt64>(0)
  let lastArrival = Atomic<UInt64>(0)
  /// How many times the device lost frames, and how many, by the clock. Facts only: relaxed.
  let overruns = Atomic<Int>(0)
  let lostFrames = Atomic<Int>(0)
  /// When the capture thread last read frames, or started the device (CLOCK_BOOTTIME, nanoseconds). Its own: relaxed.
  let lastRead = Atomic<UInt64>(0)
  /// When a stop was asked for (CLOCK_MONOTONIC, nanoseconds). Ordered by the state, which is changed after it.
  let stopTime = Atomic<UInt64>(0)

  /// Where the capture is.
  var now: CaptureState { state.load(ordering: .acquiring) }

  /// The device, once it is open.
  var device: Opened? { now.wasOpened ? opened : nil }

  /// The capture thread has opened the device. False when the capture has already ended.
  func begin(_ device: Opened) -> Bool {
    opened = device
    let (exchanged, _) = state.compareExchange(
      expected: CaptureState(.opening), desired: CaptureState(.running), ordering: .acquiringAndReleasing)
    if exchanged { ready.signal() }
    return exchanged
  }

  /// Asks for the end. While the device is still being opened this is the end.
  func stop() {
    stopTime.store(monotonicNanoseconds(), ordering: .relaxed)
    let (exchanged, seen) = state.compareExchange(
      expected: CaptureState(.running), desired: CaptureState(.stopping), ordering: .acquiringAndReleasing)
    if exchanged {
      interrupt.signal()
      ready.signal()
    } else if seen.phase == .opening {
      // The device may become open at this very moment: then this ends the capture before its first frame.
      end(.stopped)
    }
  }

  /// Ends the capture, unless it has ended already.
  func end(_ cause: CaptureState.Cause, errno: Int32 = 0) {
    var seen = now
    while seen.phase != .ended {
      let (exchanged, other) = state.compareExchange(
        expected: seen, desired: seen.ended(by: cause, errno: errno), ordering: .acquiringAndReleasing)
      if exchanged {
        interrupt.signal()
        ready.signal()
        return
      }
      seen = other
    }
  }
}
