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
  /// All keys that are modifiers of any kind.
  let allModifierKeys: Set<UInt8>
  /// The modifier that Num Lock switches, as a mask; 0 when there is none.
  let numLock: UInt8
  /// Whether Num Lock changes what keys type that are not on the keypad.
  private(set) var heedsNumLock = false
  /// The key type of the spare keycodes, and the modifiers that select each of its levels.
  let slotType: (index: Int32, modifiers: [UInt8])
  /// The key that carries Insert.
  private(set) var insertKey: UInt8?
  /// The spare keycodes.
  var slots: SlotTable

  private var strokes: [Unicode.Scalar: [KeyStroke]] = [:]

  /// Loads the map from the server. `items`, a list of `SpareKeys`, says what of it is ours.
  init(_ connection: Connection, carrying items: [UInt]) throws(DictationError) {
    let parts = UInt32(XkbKeyTypesMask | XkbKeySymsMask | XkbModifierMapMask)
    guard let description = XkbGetMap(connection.display, parts, UInt32(XkbUseCoreKbd)) else {
      try connection.checkJob()
      throw DictationError(.output, "the X server tells no keyboard map; use --output clipboard")
    }
    self.description = description
    let modifiers = ModifierKeys(connection.display, description)
    modifierKeys = modifiers.holding
    allModifierKeys = modifiers.all
    numLock = modifiers.numLock
    slotType = Self.slotType(description, modifiers.holding)
    let carried = SpareKeys.carried(items, description)
    let range = Int(description.pointee.min_key_code)...Int(description.pointee.max_key_code)
    let spare = range.reversed().filter { keycode in
      carried[UInt8(keycode)] != nil
        || !modifiers.all.contains(UInt8(keycode)) && Self.symbols(description, keycode).isEmpty
    }
    slots = SlotTable(
      keycodes: spare.map { UInt8($0) }, levels: slotType.modifiers.count, carried: carried)
    for keycode in range where !spare.contains(keycode) { index(keycode) }
  }

  deinit { XkbFreeKeyboard(description, 0, True) }

  /// How to type `scalar`: in `group` if it is there, else in another group, else by a slot; nil when in no way.
  func stroke(for scalar: Unicode.Scalar, group: UInt8) -> KeyStroke? {
    if let mapped = mappedStroke(for: scalar, group: group) { return mapped }
    guard let slot = slots.slot(of: scalar) else { return nil }
    return KeyStroke(keycode: slot.keycode, group: nil, modifiers: slotType.modifiers[slot.level])
  }

  /// How to type `scalar` without a slot, or nil.
  func mappedStroke(for scalar: Unicode.Scalar, group: UInt8) -> KeyStroke? {
    guard let candidates = strokes[scalar] else { return nil }
    return candidates.min { cost($0, group) < cost($1, group) }
  }

  /// Whether `scalar` is on a key of the layout, in any group.
  func isMapped(_ scalar: Unicode.Scalar) -> Bool { strokes[scalar] != nil }

  /// How many different characters of `text` are on no key of the layout.
  func unmappedCount(of text: [Unicode.Scalar]) -> Int { Set(text).count { !isMapped($0) } }

  /// Another group costs more than any modifiers: it has to be locked, and shows in the desktop's indicator.
  private func cost(_ stroke: KeyStroke, _ group: UInt8) -> Int {
    stroke.modifiers.nonzeroBitCount + (stroke.group == nil || stroke.group == group ? 0 : 16)
  }

  private func index(_ keycode: Int) {
    let groups = Int(thoth_key_groups(description, Int32(keycode)))
    // The keypad types something else with Num Lock, and much of it is meant for moving about.
    guard !(0..<groups).contains(where: { Keysym.isKeypad(symbol(keycode, $0, 0)) }) else { return }
    for group in 0..<groups {
      guard let type = thoth_key_type(description, Int32(keycode), Int32(group)) else { continue }
      for level in 0..<Int(type.pointee.num_levels) {
        let symbol = symbol(keycode, group, level)
        if symbol == KeySym(XK_Insert), level == 0 { insertKey = UInt8(keycode) }
        guard let scalar = Keysym.scalar(of: symbol),
          let modifiers = Self.modifiers(for: level, of: type.pointee, modifierKeys)
        else { continue }
        if type.pointee.mods.mask & numLock != 0 { heedsNumLock = true }
        strokes[scalar, default: []].append(
          KeyStroke(keycode: UInt8(keycode), group: groups == 1 ? nil : UInt8(group), modifiers: modifiers))
      }
    }
  }

  private func symbol(_ keycode: Int, _ group: Int, _ level: Int) -> KeySym {
    thoth_key_symbol(description, Int32(keycode), Int32(group), Int32(level))
  }

  /// The fewest modifiers that select `level`, of those that `keys` hold; nil when there is no way.
  private static func modifiers(for level: Int, of type: XkbKeyTypeRec, _ keys: [UInt8]) -> UInt8? {
    if level == 0 { return 0 }
    let entries = UnsafeBufferPointer(start: type.map, count: Int(type.map_count))
    return entries.filter { entry in
      entry.active != 0 && Int(entry.level) == level
        && (0..<8).allSatisfy { entry.mods.mask & (1 << $0) == 0 || keys[$0] != 0 }
    }.map(\.mods.mask).min { $0.nonzeroBitCount < $1.nonzeroBitCount }
  }

  /// Four levels where the map has a type of four that no lock changes; else two.
  private static func slotType(
    _ description: XkbDescPtr, _ keys: [UInt8]
  ) -> (index: Int32, modifiers: [UInt8]) {
    let shift = UInt8(ShiftMask)
    for index in 0..<Int32(description.pointee.map.pointee.num_types) {
      let type = description.pointee.map.pointee.types[Int(index)]
      guard type.num_levels == SlotTable.maximumLevels, type.mods.mask.nonzeroBitCount == 2 else { continue }
      let modifiers = (0..<SlotTable.maximumLevels).compactMap { Self.modifiers(for: $0, of: type, keys) }
      if modifiers == [0, shift, type.mods.mask & ~shift, type.mods.mask] { return (index, modifiers) }
    }
    return (Int32(XkbTwoLevelIndex), keys[Int(ShiftMapIndex)] == 0 ? [0] : [0, shift])
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
        if KeyboardMap.symbols(description, Int(keycode)).contains(KeySym(XK_Num_Lock)) {
          numLock = 1 << modifier
        }
        if holding[modifier] == 0, isLevelShift(keycode, description) { holding[modifier] = keycode }
      }
    }
  }

  /// Whether `keycode` is one by itself in every group: the right Alt is one in some layouts of several.
  private func isLevelShift(_ keycode: UInt8, _ description: XkbDescPtr) -> Bool {
    let groups = thoth_key_groups(description, Int32(keycode))
    return groups > 0
      && (0..<groups).allSatisfy {
        Self.levelShifts.contains(thoth_key_symbol(description, Int32(keycode), $0, 0))
      }
  }
}
