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

  /// What started `command`, which `client` has just sent; nil without a display, or when it does not answer.
  ///
  /// - Parameter isHeld: whether the command lasts until its key is released.
  /// - Throws: `CommandFailure` 3 when it is a key's repeat, or no key is down and one has to be.
  public func press(
    of command: String, _ client: ClientContext, isHeld: Bool
  ) async throws(CommandFailure) -> HotkeyPress? {
    var press: HotkeyPress?
    if let address = client.display {
      press = await watch.press(of: command, on: address, awaitsRelease: isHeld)
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
