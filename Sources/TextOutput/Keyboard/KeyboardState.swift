import CX11
import DictationTypes

/// Brings the keyboard into the state in which keys type what the map says, and back.
final class KeyboardState {
  private let connection: Connection
  /// The modifiers whose locks stay.
  private let ignoredLocks: UInt8
  private let latches: (modifiers: UInt8, group: UInt16)
  private var changes: KeyboardChanges

  /// Waits until no key is held, at most 1.5 s; then lets go of those that still are, and of locks and latches; and
  /// switches off what keeps keys from typing at once. What is changed is in the journal before.
  ///
  /// A hotkey that is still down is a modifier in every typed character; a key repeats itself; and as long as it is
  /// down, a window manager that grabbed it gets every key.
  init(preparing connection: Connection, _ map: KeyboardMap) throws(DictationError) {
    self.connection = connection
    ignoredLocks = map.heedsNumLock ? 0 : map.numLock
    try HeldKeys.waitForRelease(connection)
    HeldKeys.release(HeldKeys.down(connection), connection)
    let state = connection.keyboardState()
    let controls = AccessControls(connection)
    try connection.checkJob()
    latches = (state.latched_mods, state.latched_group)
    changes = KeyboardChanges(group: state.locked_group)
    changes.controls = controls.filters
    changes.liftsTwoKeys = controls.endsStickyKeys
    changes.locks = state.locked_mods & ~ignoredLocks
    Journal.write(changes.items, as: connection.atoms.ownState, connection)
    let core = UInt32(XkbUseCoreKbd)
    if controls.filters != 0 { XkbChangeEnabledControls(connection.display, core, controls.filters, 0) }
    if controls.endsStickyKeys { AccessControls.setTwoKeys(false, connection) }
    lift(state)
  }

  /// Does again what somebody has undone since: who presses a modifier or a lock while text is typed would turn it
  /// into something else. The group that keys are read in, from 0.
  func settle() throws(DictationError) -> UInt8 {
    var state = connection.keyboardState()
    if state.base_mods != 0 || state.base_group != 0 {
      try HeldKeys.waitForRelease(connection)
      HeldKeys.release(HeldKeys.down(connection), connection)
      state = connection.keyboardState()
    }
    let locks = state.locked_mods & ~ignoredLocks
    guard locks | state.latched_mods != 0 || state.latched_group != 0 else { return state.locked_group }
    changes.locks |= locks
    Journal.write(changes.items, as: connection.atoms.ownState, connection)
    lift(state)
    return state.locked_group
  }

  /// Makes keys be read in `group`.
  func lock(group: UInt8) {
    if changes.otherGroups & (1 << UInt32(group)) == 0 {
      changes.otherGroups |= 1 << UInt32(group)
      Journal.write(changes.items, as: connection.atoms.ownState, connection)
    }
    XkbLockGroup(connection.display, UInt32(XkbUseCoreKbd), UInt32(group))
  }

  /// Restores locks, latches, group and controls. Keys that were let go of are not pressed again: it is not known
  /// whether they are still held.
  func restore() {
    changes.undo(connection)
    let core = UInt32(XkbUseCoreKbd)
    if latches.modifiers != 0 {
      XkbLatchModifiers(connection.display, core, UInt32(latches.modifiers), UInt32(latches.modifiers))
    }
    if latches.group != 0 { XkbLatchGroup(connection.display, core, UInt32(latches.group)) }
    Journal.erase(connection.atoms.ownState, connection)
    XFlush(connection.display)
  }

  private func lift(_ state: XkbStateRec) {
    let core = UInt32(XkbUseCoreKbd)
    let locks = UInt32(state.locked_mods & ~ignoredLocks)
    if locks != 0 { XkbLockModifiers(connection.display, core, locks, 0) }
    if state.latched_mods != 0 { XkbLatchModifiers(connection.display, core, 0xFF, 0) }
    // Latches of groups add up; there is no other way to be rid of one.
    let group = -Int32(Int16(bitPattern: state.latched_group))
    if group != 0 { XkbLatchGroup(connection.display, core, UInt32(bitPattern: group)) }
  }
}

extension Connection {
  /// The state of the keyboard's modifiers and groups.
  func keyboardState() -> XkbStateRec {
    var state = XkbStateRec()
    XkbGetState(display, UInt32(XkbUseCoreKbd), &state)
    return state
  }
}
