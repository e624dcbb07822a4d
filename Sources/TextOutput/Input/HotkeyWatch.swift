import DictationTypes
import Linux
import Synchronization

/// Tells what key started a command, and when it is released.
///
/// It has a thread and connections of its own: the ones that insert text may be busy for seconds.
public final class HotkeyWatch: Sendable {
  /// Replaced when a server hangs.
  private let current = Lock(X11Thread())
  /// Whether the last answer did not come in time. A server that hangs makes one command wait, and not each.
  private let isSilent = Atomic(false)

  /// How long a command waits for the answer, in milliseconds. A server that hangs starts no command by a hotkey.
  private static let patience = 500

  /// A watch. Nothing starts: thread and connections come with the first command.
  public init() {}

  deinit { shutDown() }

  /// What started `command`, which a client of `address` has just sent; with `awaitsRelease` also when its key is
  /// released. Nil when the server does not answer in time, or cannot be reached.
  ///
  /// - Parameter command: the command with its options and arguments: only the same one can be a repeat.
  public func press(
    of command: String, on address: DisplayAddress, awaitsRelease: Bool = false
  ) async -> HotkeyPress? {
    guard !isSilent.load(ordering: .relaxed) else { return nil }
    let (answers, answer) = AsyncStream<HotkeyPress?>.makeStream()
    Task(priority: .high) {
      let press = try? await thread.perform(on: address, within: 5) {
        connection throws(DictationError) in
        let press = connection.hotkey.press(command, awaitsRelease: awaitsRelease, connection)
        try connection.checkJob()
        return press
      }
      isSilent.store(false, ordering: .relaxed)
      answer.yield(press)
    }
    let timer = Task {
      guard (try? await Task.sleep(for: .milliseconds(Self.patience))) != nil else { return }
      isSilent.store(true, ordering: .relaxed)
      answer.yield(nil)
    }
    defer { timer.cancel() }
    for await press in answers { return press }
    return nil
  }

  /// Ends the thread and closes the displays.
  public func shutDown() { current.withLock { $0 }.shutDown() }

  private var thread: X11Thread {
    current.withLock { thread in
      if thread.isHung { thread = X11Thread() }
      return thread
    }
  }
}
