internal import Linux

/// How other threads reach a microphone, whichever capture it is at.
public final class MicrophoneControl: Sendable {
  private struct State {
    var isStopped = false
    var isWanted = false
    var session: CaptureSession?
  }

  private let state = Lock(State())
  private let changed = WakeEvent()

  init() {}

  /// Asks for the end, for good: what was captured until now still comes.
  public func stop() {
    let session = state.withLock { state in
      state.isStopped = true
      return state.session
    }
    session?.stop()
    changed.signal()
  }

  /// Ends the patience of a microphone that was kept open while nobody recorded: it is needed now.
  public func hasten() {
    state.withLock { $0.isWanted = true }
    changed.signal()
  }

  var isStopped: Bool { state.withLock { $0.isStopped } }

  var isWanted: Bool { state.withLock { $0.isWanted } }

  /// `session` is the one to stop; nil: none.
  func follow(_ session: CaptureSession?) {
    let isLate = state.withLock { state in
      state.session = session
      return state.isStopped
    }
    if isLate { session?.stop() }
  }

  /// Waits until the time is over, or one of the two has been asked for.
  func wait(milliseconds: Int) { changed.wait(milliseconds: Int32(clamping: milliseconds)) }
}
