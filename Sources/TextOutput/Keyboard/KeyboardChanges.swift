import CX11

/// What typing has changed of the keyboard's state, and how to undo it: for the typist when it is done, and, from the
/// journal, for the next start when it was killed.
struct KeyboardChanges: Equatable {
  /// The locked modifiers that were unlocked, as a mask.
  var locks: UInt8 = 0
  /// The group that was locked, from 0.
  var group: UInt8
  /// The groups that were locked instead of it meanwhile, as a mask.
  var otherGroups: UInt32 = 0
  /// The controls that were switched off, as a mask of `XkbSlowKeysMask` and its like.
  var controls: UInt32 = 0
  /// Whether sticky keys no longer end when two keys are down at once.
  var liftsTwoKeys = false

  /// Nothing but the locked `group`.
  init(group: UInt8) { self.group = group }

  /// What `items` says; nil when no such list was written.
  init?(_ items: [UInt]) {
    guard items.count == 5, let group = UInt8(exactly: items[1]), group < XkbNumKbdGroups else { return nil }
    locks = UInt8(truncatingIfNeeded: items[0])
    self.group = group
    otherGroups = UInt32(truncatingIfNeeded: items[2])
    controls = UInt32(truncatingIfNeeded: items[3]) & AccessControls.filtering
    liftsTwoKeys = items[4] != 0
  }

  /// The changes as a list for the journal.
  var items: [UInt] {
    [UInt(locks), UInt(group), UInt(otherGroups), UInt(controls), liftsTwoKeys ? 1 : 0]
  }

  /// Brings everything back that is still as it was changed; what somebody else has changed since then stays.
  func undo(_ connection: Connection) {
    let core = UInt32(XkbUseCoreKbd)
    if controls != 0 { XkbChangeEnabledControls(connection.display, core, controls, controls) }
    if liftsTwoKeys { AccessControls.setTwoKeys(true, connection) }
    if locks != 0 { XkbLockModifiers(connection.display, core, UInt32(locks), UInt32(locks)) }
    let locked = connection.keyboardState().locked_group
    if locked != group, locked < 32, otherGroups & (1 << UInt32(locked)) != 0 {
      XkbLockGroup(connection.display, core, UInt32(group))
    }
  }
}

/// The controls for people who cannot press keys as others do. They hold for XTEST keys too.
struct AccessControls {
  /// Slow keys take no notice of a key that is down only for a moment, bounce keys none of one that comes twice.
  static let filtering = UInt32(XkbSlowKeysMask | XkbBounceKeysMask)

  /// Those of `filtering` that are on.
  let filters: UInt32
  /// Whether sticky keys are on, and end as soon as a key is pressed while a modifier is down. With them end all
  /// locks and latches. Switching sticky keys off would do the same, and desktops tell it to the user.
  let endsStickyKeys: Bool

  init(_ connection: Connection) {
    (filters, endsStickyKeys) =
      Self.withControls(connection) { controls in
        let enabled = controls.enabled_ctrls
        let isSticky = enabled & UInt32(XkbStickyKeysMask) != 0
        return (enabled & Self.filtering, isSticky && Int(controls.ax_options) & Int(XkbAX_TwoKeysMask) != 0)
      }
      ?? (0, false)
  }

  /// Sets whether sticky keys end when two keys are down at once.
  static func setTwoKeys(_ isOn: Bool, _ connection: Connection) {
    let option = UInt16(XkbAX_TwoKeysMask)
    _ = withControls(connection) { controls in
      controls.ax_options = isOn ? controls.ax_options | option : controls.ax_options & ~option
    } then: {
      XkbSetControls(connection.display, UInt(XkbStickyKeysMask), $0)
    }
  }

  private static func withControls<Value>(
    _ connection: Connection, _ body: (inout XkbControlsRec) -> Value,
    then send: (XkbDescPtr) -> Void = { _ in }
  ) -> Value? {
    guard let keyboard = XkbAllocKeyboard() else { return nil }
    defer { XkbFreeKeyboard(keyboard, 0, True) }
    let status = XkbGetControls(connection.display, UInt(XkbAllControlsMask), keyboard)
    guard status == Success, let controls = keyboard.pointee.ctrls else { return nil }
    let value = body(&controls.pointee)
    send(keyboard)
    return value
  }
}
