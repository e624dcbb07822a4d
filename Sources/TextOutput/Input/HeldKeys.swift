import CX11

/// What started a command.
public struct HotkeyPress: Sendable {
  /// Whether the key was down already when the same command came before: it is the key's repeat, and no press.
  public let isRepeat: Bool
  /// Ends when the keys are released, or the display goes away; nil when no key was down.
  public let release: AsyncStream<Never>?
}

/// The keys that started the last command on a display, for as long as they are down.
final class HeldKeys {
  /// The hotkey without its modifiers. Empty when it has been released, or another key was pressed.
  private var keys: Set<UInt8> = []
  /// The commands that came while it was down: a script may run several.
  private var commands: Set<String> = []
  private var modifiers: Set<UInt8> = []
  private var waiters: [(keys: Set<UInt8>, end: AsyncStream<Never>.Continuation)] = []

  deinit { waiters.forEach { $0.end.finish() } }

  /// Says what started `command`, which came just now. With `awaitsRelease` the end of that is told.
  func press(_ command: String, awaitsRelease: Bool, _ connection: Connection) -> HotkeyPress {
    modifiers = connection.modifierKeys()
    // First the events, then the state: so a release is in the one or the other.
    connection.input.start { [unowned self, unowned connection] event in note(event, connection) }
    connection.catchUp()
    let down = KeyboardState.keysDown(connection)
    let hotkey = hotkey(of: down, connection)
    let isHeld = !keys.isDisjoint(with: hotkey)
    let isRepeat = isHeld && commands.contains(command)
    if !isHeld { (keys, commands) = (hotkey, []) }
    commands.insert(command)
    var release: AsyncStream<Never>?
    if awaitsRelease, !isRepeat {
      // A modifier may be a hotkey by itself.
      release = wait(for: hotkey.isEmpty ? down.intersection(modifiers) : hotkey)
    }
    stopIfIdle(connection)
    return HotkeyPress(isRepeat: isRepeat, release: release)
  }

  /// Of the keys that are `down`, those that may be a hotkey. Return by itself is none: it is down for a moment after
  /// a command was typed in a terminal.
  private func hotkey(of down: Set<UInt8>, _ connection: Connection) -> Set<UInt8> {
    let others = down.subtracting(modifiers)
    guard others.count == down.count else { return others }
    let enter = [XK_Return, XK_KP_Enter].map { XKeysymToKeycode(connection.display, KeySym($0)) }
    return others.subtracting(enter)
  }

  private func wait(for keys: Set<UInt8>) -> AsyncStream<Never>? {
    guard !keys.isEmpty else { return nil }
    let (stream, end) = AsyncStream<Never>.makeStream()
    waiters.append((keys, end))
    return stream
  }

  private func note(_ event: InputEvent, _ connection: Connection) {
    switch event {
    case .keyPress(let key, let device, _):
      // Another key: what comes next may be its doing. Text that thoth types meanwhile is none.
      let isTyped = connection.input.syntheticKeyboards.contains(device)
      if !isTyped, !modifiers.contains(key) { keys = [] }
    case .buttonPress: keys = []
    case .keyRelease: released(connection)
    default: break
    }
    stopIfIdle(connection)
  }

  /// A key went up on one of the keyboards; it may still be down on another.
  private func released(_ connection: Connection) {
    let down = KeyboardState.keysDown(connection)
    keys.formIntersection(down)
    for waiter in waiters where waiter.keys.isDisjoint(with: down) { waiter.end.finish() }
    waiters.removeAll { $0.keys.isDisjoint(with: down) }
  }

  private func stopIfIdle(_ connection: Connection) {
    if keys.isEmpty, waiters.isEmpty { connection.input.stop() }
  }
}
