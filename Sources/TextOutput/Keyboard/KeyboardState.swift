import CX11
import DictationTypes
import Linux

/// Brings the modifiers into the state in which keys type what the map says, and back.
struct KeyboardState {
  /// The group that keys are read in, from 0.
  let group: UInt8

  private let connection: Connection
  private let lockedModifiers: UInt8
  private let lockedGroup: Int32

  /// Waits until no key is held, at most 1.5 s; then lets go of modifiers that still are, and of the locks
  /// except Num Lock, which only the keypad heeds.
  ///
  /// A hotkey that is still down is a modifier in every typed character; and as long as it is down, a window
  /// manager that grabbed it gets every key.
  init(preparing connection: Connection, _ map: KeyboardMap) throws(DictationError) {
    self.connection = connection
    let isFree = try Self.waitForRelease(connection)
    if !isFree { Self.release(Self.keysDown(connection).intersection(map.allModifierKeys), connection) }
    let state = Self.current(connection)
    group = state.group
    lockedGroup = Int32(state.locked_group)
    lockedModifiers = state.locked_mods & ~map.numLock
    let core = UInt32(XkbUseCoreKbd)
    if lockedModifiers != 0 { XkbLockModifiers(connection.display, core, UInt32(lockedModifiers), 0) }
    if state.latched_mods != 0 { XkbLatchModifiers(connection.display, core, 0xFF, 0) }
    try connection.checkJob()
  }

  /// Restores the locks and the group.
  func restore() {
    let core = UInt32(XkbUseCoreKbd)
    if lockedModifiers != 0 {
      XkbLockModifiers(connection.display, core, UInt32(lockedModifiers), UInt32(lockedModifiers))
    }
    if Int32(Self.current(connection).locked_group) != lockedGroup {
      XkbLockGroup(connection.display, core, UInt32(bitPattern: lockedGroup))
    }
    XFlush(connection.display)
  }

  /// False when keys were still held at the end.
  private static func waitForRelease(_ connection: Connection) throws(DictationError) -> Bool {
    let core = UInt32(XkbUseCoreKbd)
    let base = UInt(XkbModifierBaseMask)
    let deadline = monotonicNanoseconds() + 1_500_000_000
    guard isHeld(connection) else { return true }
    XkbSelectEventDetails(connection.display, core, UInt32(XkbStateNotify), base, base)
    defer { XkbSelectEventDetails(connection.display, core, UInt32(XkbStateNotify), base, 0) }
    while isHeld(connection) {
      let now = monotonicNanoseconds()
      if now >= deadline { return false }
      // The server tells when a modifier is released. Of other keys it tells nobody during a grab: ask for them.
      let areModifiers = current(connection).base_mods != 0
      let seen = connection.modifierChanges
      try connection.wait(nanoseconds: areModifiers ? deadline - now : min(10_000_000, deadline - now)) {
        connection.modifierChanges != seen
      }
    }
    return true
  }

  private static func isHeld(_ connection: Connection) -> Bool {
    current(connection).base_mods != 0 || !keysDown(connection).isEmpty
  }

  private static func current(_ connection: Connection) -> XkbStateRec {
    var state = XkbStateRec()
    XkbGetState(connection.display, UInt32(XkbUseCoreKbd), &state)
    return state
  }

  private static func release(_ keys: Set<UInt8>, _ connection: Connection) {
    for key in keys { XTestFakeKeyEvent(connection.display, UInt32(key), False, 0) }
    XSync(connection.display, False)
  }

  /// The keys that are down, modifiers too.
  static func keysDown(_ connection: Connection) -> Set<UInt8> {
    var bits = [CChar](repeating: 0, count: 32)
    XQueryKeymap(connection.display, &bits)
    let down = (0..<256).filter { keycode in
      let byte = UInt8(bitPattern: bits[keycode / 8])
      return byte & (1 << (keycode % 8)) != 0
    }
    return Set(down.map { UInt8($0) })
  }
}
