import CX11
import DictationTypes

/// One way to type a character.
struct KeyStroke: Equatable {
  /// The key.
  var keycode: UInt8
  /// The keyboard group (layout) in which it types the character, from 0; nil when it does in each.
  var group: UInt8?
  /// The modifiers that must be held, as a mask of `ShiftMask` and its like.
  var modifiers: UInt8
}

/// The server's keyboard map, indexed by character, and the spare keycodes we may bind.
final class KeyboardMap {
  /// The map as libX11 keeps it. Changes are made here and sent from here.
  let description: XkbDescPtr
  /// For each of the eight modifiers a key that holds it and does nothing else; 0 when there is none.
  let modifierKeys: [UInt8]
  /// The modifier that Num Lock switches, as a mask; 0 when there is none.
  let numLock: UInt8
  /// All keys that are modifiers of any kind.
  let allModifierKeys: Set<UInt8>
  /// The key that carries Insert.
  private(set) var insertKey: UInt8?
  /// The spare keycodes.
  var slots: SlotTable

  private var strokes: [Unicode.Scalar: [KeyStroke]] = [:]

  /// Loads the map from the server.
  init(_ connection: Connection) throws(DictationError) {
    let parts = UInt32(XkbKeyTypesMask | XkbKeySymsMask | XkbModifierMapMask)
    guard let description = XkbGetMap(connection.display, parts, UInt32(XkbUseCoreKbd)) else {
      try connection.checkJob()
      throw DictationError(.output, "the X server tells no keyboard map; use --output clipboard")
    }
    self.description = description
    let modifiers = ModifierKeys(connection.display, description)
    modifierKeys = modifiers.holding
    numLock = modifiers.numLock
    allModifierKeys = modifiers.all
    let carried = SpareKeys.leftovers(connection, description)
    let range = Int(description.pointee.min_key_code)...Int(description.pointee.max_key_code)
    let spare = range.reversed().filter { keycode in
      carried[UInt8(keycode)] != nil
        || !modifiers.all.contains(UInt8(keycode)) && Self.symbols(description, keycode).isEmpty
    }
    slots = SlotTable(keycodes: spare.map { UInt8($0) }, carried: carried)
    for keycode in range where !spare.contains(keycode) { index(keycode) }
  }

  deinit { XkbFreeKeyboard(description, 0, True) }

  /// How to type `scalar`: in `group` if it is there, else in another group, else by a slot; nil when in no way.
  func stroke(for scalar: Unicode.Scalar, group: UInt8) -> KeyStroke? {
    if let mapped = mappedStroke(for: scalar, group: group) { return mapped }
    guard let slot = slots.slot(of: scalar) else { return nil }
    return KeyStroke(keycode: slot.keycode, group: nil, modifiers: slot.level == 0 ? 0 : UInt8(ShiftMask))
  }

  /// How to type `scalar` without a slot, or nil.
  func mappedStroke(for scalar: Unicode.Scalar, group: UInt8) -> KeyStroke? {
    guard let candidates = strokes[scalar] else { return nil }
    return candidates.min { cost($0, group) < cost($1, group) }
  }

  /// Whether `scalar` is on a key of the layout, in any group.
  func isMapped(_ scalar: Unicode.Scalar) -> Bool { strokes[scalar] != nil }

  /// Another group costs more than any modifiers: it has to be locked, and shows in the desktop's indicator.
  private func cost(_ stroke: KeyStroke, _ group: UInt8) -> Int {
    stroke.modifiers.nonzeroBitCount + (stroke.group == nil || stroke.group == group ? 0 : 16)
  }

  private func index(_ keycode: Int) {
    let groups = Int(thoth_key_groups(description, Int32(keycode)))
    for group in 0..<groups {
      guard let type = thoth_key_type(description, Int32(keycode), Int32(group)) else { continue }
      for level in 0..<Int(type.pointee.num_levels) {
        let symbol = thoth_key_symbol(description, Int32(keycode), Int32(group), Int32(level))
        if symbol == KeySym(XK_Insert), level == 0 { insertKey = UInt8(keycode) }
        guard let scalar = Keysym.scalar(of: symbol), let modifiers = modifiers(for: level, of: type.pointee)
        else { continue }
        strokes[scalar, default: []].append(
          KeyStroke(keycode: UInt8(keycode), group: groups == 1 ? nil : UInt8(group), modifiers: modifiers))
      }
    }
  }

  /// The fewest modifiers that select `level`, of those that we can hold; nil when there is no way.
  private func modifiers(for level: Int, of type: XkbKeyTypeRec) -> UInt8? {
    guard type.mods.mask & numLock == 0 else { return nil }
    if level == 0 { return 0 }
    let entries = UnsafeBufferPointer(start: type.map, count: Int(type.map_count))
    return entries.filter { entry in
      entry.active != 0 && Int(entry.level) == level
        && (0..<8).allSatisfy { entry.mods.mask & (1 << $0) == 0 || modifierKeys[$0] != 0 }
    }.map(\.mods.mask).min { $0.nonzeroBitCount < $1.nonzeroBitCount }
  }

  /// All symbols on `keycode`, in every group and level.
  static func symbols(_ description: XkbDescPtr, _ keycode: Int) -> [KeySym] {
    (0..<thoth_key_groups(description, Int32(keycode))).flatMap { group -> [KeySym] in
      guard let type = thoth_key_type(description, Int32(keycode), group) else { return [] }
      return (0..<Int32(type.pointee.num_levels)).map {
        thoth_key_symbol(description, Int32(keycode), group, $0)
      }
    }.filter { $0 != 0 }
  }
}

/// Which keys are modifiers, and which of them we may hold.
private struct ModifierKeys {
  var holding = [UInt8](repeating: 0, count: 8)
  var numLock: UInt8 = 0
  var all: Set<UInt8> = []

  /// Symbols of the modifiers that select a level and have no other effect. Control, Alt and Super trigger
  /// shortcuts, and the locks stay on.
  private static let levelShifts = Set(
    [XK_Shift_L, XK_Shift_R, XK_ISO_Level3_Shift, XK_ISO_Level5_Shift].map { KeySym($0) })

  init(_ display: OpaquePointer, _ description: XkbDescPtr) {
    guard let map = XGetModifierMapping(display) else { return }
    defer { XFreeModifiermap(map) }
    let width = Int(map.pointee.max_keypermod)
    for modifier in 0..<8 {
      for column in 0..<width {
        let keycode = map.pointee.modifiermap[modifier * width + column]
        guard keycode != 0 else { continue }
        all.insert(keycode)
        let symbols = KeyboardMap.symbols(description, Int(keycode))
        if symbols.contains(KeySym(XK_Num_Lock)) { numLock = 1 << modifier }
        if holding[modifier] == 0, let first = symbols.first, Self.levelShifts.contains(first) {
          holding[modifier] = keycode
        }
      }
    }
  }
}
