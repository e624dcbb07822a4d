import DictationTypes
public import TextOutput

/// What the keys that start commands mean to them.
public struct Hotkeys: Sendable {
  let watch: HotkeyWatch
  let display: X11Output

  /// The keys of the displays that `watch` sees and `display` writes to.
  public init(watch: HotkeyWatch, display: X11Output) {
    self.watch = watch
    self.display = display
  }

  /// Asks what started `command`, which `client` has just sent.
  ///
  /// - Parameter isHeld: whether the command lasts until its key is released.
  public func ask(_ command: String, _ client: ClientContext, isHeld: Bool) -> HotkeyQuestion {
    HotkeyQuestion(
      isHeld: isHeld,
      answer: Task {
        guard let address = client.display else { return nil }
        return await watch.press(of: command, on: address, awaitsRelease: isHeld)
      })
  }
}

/// A question about the key that started a command. A display answers it within a millisecond, or hangs.
public struct HotkeyQuestion: Sendable {
  let isHeld: Bool
  let answer: Task<HotkeyPress?, Never>

  /// What started the command; nil when no display knows. For at most `milliseconds`, or until the display is given up.
  ///
  /// - Throws: `CommandFailure` 3 when it is a key's repeat, or no key is down and one has to be.
  public func press(within milliseconds: Int? = nil) async throws(CommandFailure) -> HotkeyPress? {
    let press =
      if let milliseconds, !isHeld { await value(of: answer, within: milliseconds) ?? nil } else {
        await answer.value
      }
    if press?.isRepeat == true { throw CommandFailure(.notNow, "the key is held: its repeat is ignored") }
    if isHeld, press?.release == nil {
      throw CommandFailure(
        .notNow,
        "--hold needs a key that is held while it starts: bind it to one (`thoth doctor --hotkeys`), or use "
          + "`thoth toggle`")
    }
    return press
  }

  /// Whether the answer, whenever it comes, is that it was a key's repeat.
  public var isRepeat: Bool { get async { await answer.value?.isRepeat == true } }
}

extension Pipeline {
  /// Ends the recording `job` when `key` is released: as `stop` does, or when no sound has come yet, without a trace.
  func end(_ job: JobID, whenReleased key: HotkeyPress, _ client: ClientContext) async {
    guard let release = key.release else { return }
    for await _ in release {}
    cancel(ifOpening: job)
    stop(ifRecording: job, client)
  }
}
