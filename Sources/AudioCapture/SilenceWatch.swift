internal import DictationTypes
internal import Linux

/// Notices when a capture that runs gives nothing but zeros, and looks whether a new one of the same device gives
/// sound. Everything belongs to the consumer's thread, and nothing here waits.
///
/// A sound server whose session manager died goes on giving frames, of digital silence, to the captures it has; a
/// new one may reach the microphone again. The first capture is kept until the second one has had sound for
/// `headStartMilliseconds` that the first has not: two captures of one microphone are not equally late, and so
/// nothing that both hear is lost or doubled. A device that allows one capture only refuses the second: then there
/// is nothing to do.
struct SilenceWatch {
  enum Finding {
    case nothing
    /// The time of zeros is over.
    case silent
    /// The capture gives sound again.
    case sound
    /// This capture has sound, which begins with `first`; the old one had none until now.
    case replaced(by: CaptureSession, first: [Int16])
  }

  private struct Probe {
    let session: CaptureSession
    let since: UInt64
    /// The first sound, and when it came.
    var first: [Int16] = []
    var heard: UInt64?
  }

  /// Whether anything but zeros has ever been heard.
  private(set) var hasHeardSound = false
  private let limits: MicrophoneLimits
  /// Since when there have been zeros alone.
  private var since: UInt64?
  private var isTold = false
  private var probe: Probe?
  private var nextProbe: UInt64 = 0
  private var pause = 0

  private static let longestPause = 60_000

  init(_ limits: MicrophoneLimits) { self.limits = limits }

  /// Forgets everything but whether there was sound: the capture is another one.
  mutating func restart() {
    (since, isTold, probe) = (nil, false, nil)
    pause = limits.silenceMilliseconds
  }

  /// Looks at the frames that `session` gave at `now`.
  mutating func look(
    at samples: UnsafeBufferPointer<Int16>, of session: CaptureSession, now: UInt64
  ) -> Finding {
    if !isZero(samples) {
      hasHeardSound = true
      if since == nil { return .nothing }
      let wasTold = isTold
      restart()
      return wasTold ? .sound : .nothing
    }
    let start = since ?? now
    since = start
    guard elapsed(since: start, now) >= limits.silenceMilliseconds else { return .nothing }
    if !isTold {
      (isTold, nextProbe) = (true, now)
      return .silent
    }
    if probe != nil { return listen(now) }
    if now >= nextProbe {
      probe = Probe(session: CaptureSession(device: session.device, limits: limits.ofTries), since: now)
    }
    return .nothing
  }

  private mutating func listen(_ now: UInt64) -> Finding {
    guard var probe else { return .nothing }
    if let heard = probe.heard {
      guard elapsed(since: heard, now) >= limits.headStartMilliseconds else { return .nothing }
      restart()
      hasHeardSound = true
      return .replaced(by: probe.session, first: probe.first)
    }
    guard elapsed(since: probe.since, now) < limits.probeMilliseconds,
      let first = firstSound(of: probe.session)
    else {
      self.probe = nil
      nextProbe = now + UInt64(pause) * 1_000_000
      pause = min(2 * pause, Self.longestPause)
      return .nothing
    }
    if !first.isEmpty { (probe.first, probe.heard) = (first, now) }
    self.probe = probe
    return .nothing
  }

  /// The first frames that are not zeros; empty when there are none yet, nil when the capture has ended.
  private func firstSound(of session: CaptureSession) -> [Int16]? {
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: 4_096) { buffer in
      while let step = session.poll(into: buffer) {
        switch step {
        case .opened: continue
        case .ended: return nil
        case .frames(let count):
          let samples = UnsafeBufferPointer(rebasing: buffer[..<(count * (session.format?.channels ?? 0))])
          if !isZero(samples) { return Array(samples) }
        }
      }
      return []
    }
  }

  private func isZero(_ samples: UnsafeBufferPointer<Int16>) -> Bool { samples.allSatisfy { $0 == 0 } }

  private func elapsed(since start: UInt64, _ now: UInt64) -> Int { Int((now - start) / 1_000_000) }
}
