import CX11
public import DictationTypes

/// A key with its modifiers, as a window manager binds it.
public struct Hotkey: Sendable, Hashable {
  /// A modifier of a hotkey.
  public enum Modifier: String, Sendable {
    /// The key with the logo.
    case `super`
    case control
    case alt
  }

  /// The modifiers, in the order in which they are written.
  public let modifiers: [Modifier]
  /// The name of the key's symbol, such as `d`, `F9` or `Escape`.
  public let key: String

  /// The key `key` with `modifiers`.
  public init(_ modifiers: [Modifier], _ key: String) {
    self.modifiers = modifiers
    self.key = key
  }

  /// For example `super+d`.
  public var name: String { (modifiers.map(\.rawValue) + [key]).joined(separator: "+") }

  /// The core protocol's mask. Super is the fourth modifier and Alt the first in every layout that comes with X.
  fileprivate var mask: Int32 {
    modifiers.reduce(0) { mask, modifier in
      switch modifier {
      case .super: mask | Mod4Mask
      case .control: mask | ControlMask
      case .alt: mask | Mod1Mask
      }
    }
  }
}

extension X11Output {
  /// The name of the window manager that runs on a display, when it tells one; and which of `candidates` nobody has
  /// grabbed there yet.
  public func hotkeys(
    _ candidates: [Hotkey], on address: DisplayAddress
  ) async throws(DictationError) -> (windowManager: String?, free: Set<Hotkey>) {
    try await perform(on: address) { connection throws(DictationError) in
      let free = candidates.filter { KeyGrab.isFree($0, connection) }
      let name = connection.windowManager
      try connection.checkJob()
      return (name, Set(free))
    }
  }
}

/// Finds out who has a key, by grabbing it for a moment.
private enum KeyGrab {
  static func isFree(_ hotkey: Hotkey, _ connection: Connection) -> Bool {
    let keycode = XKeysymToKeycode(connection.display, XStringToKeysym(hotkey.key))
    guard keycode != 0 else { return false }
    return isFreeInCore(Int32(keycode), hotkey, connection)
      && isFreeInXInput(Int32(keycode), hotkey, connection)
  }

  private static func isFreeInCore(_ keycode: Int32, _ hotkey: Hotkey, _ connection: Connection) -> Bool {
    let mask = UInt32(hotkey.mask)
    defer { XUngrabKey(connection.display, keycode, mask, connection.root) }
    return ProtocolErrors.succeeds(connection.display) {
      XGrabKey(connection.display, keycode, mask, connection.root, False, GrabModeAsync, GrabModeAsync)
    }
  }

  /// The same for the grabs of XInput 2, which GNOME has: the core's do not collide with them.
  private static func isFreeInXInput(_ keycode: Int32, _ hotkey: Hotkey, _ connection: Connection) -> Bool {
    guard connection.input.isSupported else { return true }
    var events = [UInt8](repeating: 0, count: 1)
    events[0] = 1 << UInt8(XI_KeyPress)
    var modifiers = XIGrabModifiers(modifiers: hotkey.mask, status: 0)
    return events.withUnsafeMutableBufferPointer { events in
      var mask = XIEventMask(deviceid: XIAllMasterDevices, mask_len: 1, mask: events.baseAddress)
      let failed = XIGrabKeycode(
        connection.display, XIAllMasterDevices, keycode, connection.root, GrabModeAsync, GrabModeAsync, False,
        &mask,
        1, &modifiers)
      guard failed == 0 else { return false }
      XIUngrabKeycode(connection.display, XIAllMasterDevices, keycode, connection.root, 1, &modifiers)
      return true
    }
  }
}

extension Connection {
  /// The name of the window manager (Extended Window Manager Hints): that of the window it says it has.
  fileprivate var windowManager: String? {
    guard let window = property(atoms.managerCheck, of: root)?.items.first else { return nil }
    let name = XInternAtom(display, "_NET_WM_NAME", False)
    return property(name, of: window).map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
