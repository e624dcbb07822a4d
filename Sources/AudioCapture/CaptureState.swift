import Synchronization

/// Where a capture is, in one atomic word: a phase, and at the end the cause with its error number.
///
///     opening → running → stopping → ended
///        └─────────┴──────────────────↑
struct CaptureState: RawRepresentable, AtomicRepresentable, Equatable {
  enum Phase: UInt8 {
    /// The device is being opened, or is open and has not been started.
    case opening
    /// Frames come in.
    case running
    /// A stop was asked for: what was captured until then is still being read.
    case stopping
    /// No frame will be added.
    case ended
  }

  enum Cause: UInt8 {
    case stopped
    case openFailed
    case deviceLost
    case stalled
  }

  /// Bits 0–7 the phase, 8–15 the cause, 16 whether the device was opened, 32–63 the error number.
  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// A capture on its way.
  init(_ phase: Phase) { rawValue = UInt64(phase.rawValue) | (phase == .opening ? 0 : 1 << 16) }

  /// A capture that ended by `cause` when it was in this state.
  func ended(by cause: Cause, errno: Int32) -> CaptureState {
    let bits = UInt64(Phase.ended.rawValue) | UInt64(cause.rawValue) << 8 | (wasOpened ? 1 << 16 : 0)
    return CaptureState(rawValue: bits | UInt64(UInt32(bitPattern: errno)) << 32)
  }

  var phase: Phase { Phase(rawValue: UInt8(truncatingIfNeeded: rawValue))! }
  var cause: Cause { Cause(rawValue: UInt8(truncatingIfNeeded: rawValue >> 8))! }
  var errno: Int32 { Int32(bitPattern: UInt32(truncatingIfNeeded: rawValue >> 32)) }

  /// Whether the device was opened, so that the ring and the format are there to be read.
  var wasOpened: Bool { rawValue & (1 << 16) != 0 }
}
