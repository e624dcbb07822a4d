import CX11
import DictationTypes

/// Binds characters to keycodes that no key uses, and gives them back.
///
/// The journal's list `_THOTH_KEYS` has what is bound: each keycode, followed by its symbols. So what a process that
/// was killed has left is found and given back.
enum SpareKeys {
  /// The keycodes that still carry what `items`, such a list, says, and their characters by level.
  static func carried(_ items: [UInt], _ description: XkbDescPtr) -> [UInt8: [Unicode.Scalar?]] {
    var result: [UInt8: [Unicode.Scalar?]] = [:]
    let range = Int(description.pointee.min_key_code)...Int(description.pointee.max_key_code)
    let length = 1 + SlotTable.maximumLevels
    for start in stride(from: 0, through: items.count - length, by: length) {
      let symbols = items[start + 1..<start + length]
      // A layout that was loaded since then has replaced ours.
      guard let keycode = Int(exactly: items[start]), range.contains(keycode),
        !symbols.allSatisfy({ $0 == 0 }),
        KeyboardMap.symbols(description, keycode) == symbols.filter({ $0 != 0 })
      else { continue }
      result[UInt8(keycode)] = symbols.map { $0 == 0 ? nil : Keysym.scalar(of: $0) }
    }
    return result
  }

  /// Makes the server's map carry what the table says of `keycodes`.
  static func bind(_ keycodes: Set<UInt8>, of map: KeyboardMap, _ connection: Connection)
    throws(DictationError)
  {
    // The list comes first: a process that is killed between the two leaves nothing unlisted.
    Journal.write(items(map.slots), as: connection.atoms.ownKeys, connection)
    try apply(keycodes, of: map, connection)
  }

  /// Makes the spare keycodes carry nothing again.
  static func giveBack(_ map: KeyboardMap, _ connection: Connection) throws(DictationError) {
    let keycodes = map.slots.clear()
    guard !keycodes.isEmpty else { return }
    defer {
      Journal.erase(connection.atoms.ownKeys, connection)
      XFlush(connection.display)
    }
    try apply(keycodes, of: map, connection)
  }

  /// The same for what a process has left that was killed, and says in `items`.
  static func giveBack(_ items: [UInt], _ connection: Connection) throws(DictationError) {
    try giveBack(KeyboardMap(connection, carrying: items), connection)
  }

  /// Sends the symbols of `keycodes` with one request, since every client loads the map anew for each.
  private static func apply(
    _ keycodes: Set<UInt8>, of map: KeyboardMap, _ connection: Connection
  ) throws(DictationError) {
    guard let first = keycodes.min(), let last = keycodes.max() else { return }
    for keycode in keycodes { set(keycode, map) }
    var changes = XkbMapChangesRec()
    changes.changed = UInt16(XkbKeySymsMask)
    changes.first_key_sym = first
    changes.num_key_syms = last - first + 1
    let isDone = ProtocolErrors.succeeds(connection.display) {
      XkbChangeMap(connection.display, map.description, &changes)
    }
    try connection.checkJob()
    guard isDone else {
      connection.refusesKeys = true
      _ = map.slots.clear()
      Journal.erase(connection.atoms.ownKeys, connection)
      throw DictationError(
        .output, "the X server does not let the keyboard map be extended; use --output paste or clipboard")
    }
  }

  private static func set(_ keycode: UInt8, _ map: KeyboardMap) {
    let scalars = map.slots.scalars(on: keycode)
    var types = [Int32](repeating: map.slotType.index, count: Int(XkbNumKbdGroups))
    let groups: Int32 = scalars.allSatisfy { $0 == nil } ? 0 : 1
    // libX11 computes a wrong range of changes here, so it is given none to fill in.
    XkbChangeTypesOfKey(map.description, Int32(keycode), groups, UInt32(XkbGroup1Mask), &types, nil)
    guard groups == 1 else { return }
    for (level, scalar) in scalars.enumerated() {
      let symbol = scalar.map { Keysym.symbol(for: $0) } ?? KeySym(NoSymbol)
      thoth_set_key_symbol(map.description, Int32(keycode), Int32(level), symbol)
    }
  }

  private static func items(_ slots: SlotTable) -> [UInt] {
    slots.usedKeycodes.sorted().flatMap { keycode in
      let symbols = slots.scalars(on: keycode).map { $0.map { UInt(Keysym.symbol(for: $0)) } ?? 0 }
      return [UInt(keycode)] + symbols + [UInt](repeating: 0, count: SlotTable.maximumLevels - symbols.count)
    }
  }
}
