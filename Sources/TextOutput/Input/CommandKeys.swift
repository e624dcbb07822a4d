import CX11
import Linux

/// What started a command.
public struct HotkeyPress: Sendable {
  /// Whether the key was down already when the same command came before: it is the key's repeat, and no press.
  public let isRepeat: Bool
  /// Ends when the keys are released, or the display goes away; nil when no key was down.
  public let release: AsyncStream<Never>?
}

/// The keys that started the last command on a display, until nothing of theirs can come any more.
///
/// The key's repeat starts the command again and again, and each takes its time: what the repeat started last may come
/// when the key is up already.
final class CommandKeys {
  private struct Hotkey {
    /// The keys without the modifiers.
    let keys: Set<UInt8>
    /// The modifiers that were down with them.
    let modifiers: Set<UInt8>
    /// When its first command came, in `monotonicNanoseconds`.
    let start: UInt64
    /// The commands that came while it was down: a script may run several.
    var commands: Set<String> = []
    /// When it is forgotten, in `monotonicNanoseconds`; nil while it is down.
    var end: UInt64?
  }

  /// How long after the release a repeat may be on its way, in nanoseconds.
  private static let grace: UInt64 = 5_000_000_000

  private var hotkey: Hotkey?
  private var modifiers: Set<UInt8> = []
  private var modifiersDown: Set<UInt8> = []
  private var waiters: [(keys: Set<UInt8>, end: AsyncStream<Never>.Continuation)] = []

  deinit { waiters.forEach { $0.end.finish() } }

  /// When the hotkey is forgotten, in `monotonicNanoseconds`; nil while there is none, or it is down.
  var due: UInt64? { hotkey?.end }

  /// Whether the release of keys is awaited.
  var isAwaited: Bool { !waiters.isEmpty }

  /// Says what started `command`, which came just now. With `awaitsRelease` the end of that is told.
  func press(_ command: String, awaitsRelease: Bool, _ connection: Connection) -> HotkeyPress {
    modifiers = connection.modifierKeys()
    // First the events, then the state: so a release is in the one or the other.
    connection.input.start { [unowned self, unowned connection] event in note(event, connection) }
    connection.catchUp()
    let down = HeldKeys.down(connection)
    modifiersDown = down.intersection(modifiers)
    forgetIfDue(connection)
    let isRepeat = hotkey?.commands.contains(command) == true
    if isRepeat, hotkey?.end != nil { hotkey?.end = monotonicNanoseconds() + Self.grace }
    let keys = keys(of: down, connection)
    if !isRepeat { replaceHotkey(with: keys) }
    hotkey?.commands.insert(command)
    // A modifier may be a hotkey by itself.
    let release = awaitsRelease && !isRepeat ? wait(for: keys.isEmpty ? modifiersDown : keys) : nil
    stopIfIdle(connection)
    return HotkeyPress(isRepeat: isRepeat, release: release)
  }

  /// A command came that is no repeat, while `keys` were down.
  private func replaceHotkey(with keys: Set<UInt8>) {
    if keys.isEmpty {
      // What a release binding runs comes before the last of the repeats: those are still to be known.
      if hotkey?.end == nil { hotkey = nil }
    } else if hotkey?.end != nil || hotkey?.keys.isDisjoint(with: keys) != false {
      hotkey = Hotkey(keys: keys, modifiers: modifiersDown, start: monotonicNanoseconds())
    }
  }

  /// Forgets a hotkey whose time is over.
  func forgetIfDue(_ connection: Connection) {
    guard let due, due <= monotonicNanoseconds() else { return }
    hotkey = nil
    stopIfIdle(connection)
  }

  /// Of the keys that are `down`, those that may be a hotkey. Return by itself is none: it is down for a moment after
  /// a command was typed in a terminal.
  private func keys(of down: Set<UInt8>, _ connection: Connection) -> Set<UInt8> {
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
    case .keyPress(let key, _, _) where modifiers.contains(key): modifiersDown.insert(key)
    // What comes after another press may be its doing.
    case .keyPress(let key, let device, _): if isPress(key, device, connection) { hotkey = nil }
    case .buttonPress: hotkey = nil
    case .keyRelease(let key, _):
      modifiersDown.remove(key)
      released(connection)
    default: break
    }
    stopIfIdle(connection)
  }

  /// Whether that is a press, and not text that thoth types: on XTEST's keyboard only the hotkey itself is one.
  private func isPress(_ key: UInt8, _ device: Int32, _ connection: Connection) -> Bool {
    guard connection.input.syntheticKeyboards.contains(device) else { return true }
    return hotkey.map { $0.keys.contains(key) && $0.modifiers.isSubset(of: modifiersDown) } ?? false
  }

  /// A key went up on one of the keyboards; it may still be down on another.
  private func released(_ connection: Connection) {
    let down = HeldKeys.down(connection)
    if let held = hotkey, held.end == nil, held.keys.isDisjoint(with: down) {
      let now = monotonicNanoseconds()
      // Its first command took some of the time, too.
      let canHaveRepeated =
        repeats(held.keys, connection) && now - held.start >= repeatDelay(connection) / 2
      if canHaveRepeated { hotkey?.end = now + Self.grace } else { hotkey = nil }
    }
    for waiter in waiters where waiter.keys.isDisjoint(with: down) { waiter.end.finish() }
    waiters.removeAll { $0.keys.isDisjoint(with: down) }
  }

  /// Whether one of `keys` repeats itself at all.
  private func repeats(_ keys: Set<UInt8>, _ connection: Connection) -> Bool {
    var control = XKeyboardState()
    XGetKeyboardControl(connection.display, &control)
    guard control.global_auto_repeat == AutoRepeatModeOn else { return false }
    return withUnsafeBytes(of: control.auto_repeats) { bits in
      keys.contains { bits[Int($0) / 8] & (1 << ($0 % 8)) != 0 }
    }
  }

  /// How long a key is down until it repeats, in nanoseconds.
  private func repeatDelay(_ connection: Connection) -> UInt64 {
    var (delay, interval): (UInt32, UInt32) = (0, 0)
    XkbGetAutoRepeatRate(connection.display, UInt32(XkbUseCoreKbd), &delay, &interval)
    return UInt64(delay) * 1_000_000
  }

  private func stopIfIdle(_ connection: Connection) {
    if hotkey == nil, !isAwaited { connection.input.stop() }
  }
}
