import DictationTypes
import Linux

/// Tells what key started a command, and when it is released.
///
/// It has a thread and connections of its own: the ones that insert text may be busy for seconds.
public final class HotkeyWatch: Sendable {
  private struct State {
    /// Replaced when a server hangs.
    var thread = X11Thread()
    /// Until when nobody is asked, in `monotonicNanoseconds`: a server has not answered.
    var silentUntil: UInt64 = 0
  }

  private let state = Lock(State())
  private let patience: Int
  private let pause: Int

  /// A watch. Nothing starts: thread and connections come with the first command.
  ///
  /// - Parameters:
  ///   - patience: how long a server may take to answer, in seconds.
  ///   - pause: how long no server is asked after one has not answered, in seconds.
  public init(patience: Int = 5, pause: Int = 60) {
    self.patience = patience
    self.pause = pause
  }

  deinit { shutDown() }

  /// What started `command`, which a client of `address` has just sent; with `awaitsRelease` also when its key is
  /// released. Nil when the server does not answer, or cannot be reached.
  ///
  /// - Parameter command: the command with its options and arguments: only the same one can be a repeat.
  public func press(
    of command: String, on address: DisplayAddress, awaitsRelease: Bool = false
  ) async -> HotkeyPress? {
    let thread = state.withLock { $0.silentUntil > monotonicNanoseconds() ? nil : $0.thread }
    guard let thread else { return nil }
    let press = try? await thread.perform(on: address, within: patience) {
      connection throws(DictationError) in
      let press = connection.hotkey.press(command, awaitsRelease: awaitsRelease, connection)
      try connection.checkJob()
      return press
    }
    if press == nil, thread.isHung { giveUp(thread) }
    return press
  }

  /// Ends the thread and closes the displays.
  public func shutDown() { state.withLock { $0.thread }.shutDown() }

  private func giveUp(_ thread: X11Thread) {
    state.withLock { state in
      guard state.thread === thread else { return }
      state = State(silentUntil: monotonicNanoseconds() + UInt64(pause) * 1_000_000_000)
    }
  }
}
