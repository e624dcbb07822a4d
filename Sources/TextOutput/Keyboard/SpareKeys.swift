import CX11
import DictationTypes

/// Binds characters to keycodes that no key uses, and gives them back.
///
/// The root window's property `_THOTH_KEYS` lists what is bound, as triples of keycode and two symbols. So the
/// next start finds and gives back what a process that was killed has left.
enum SpareKeys {
  /// The keycodes that still carry what the property lists, and their characters.
  static func leftovers(_ connection: Connection, _ description: XkbDescPtr) -> [UInt8: [Unicode.Scalar?]] {
    let items = connection.property(connection.atoms.ownKeys, of: connection.root)?.items ?? []
    var result: [UInt8: [Unicode.Scalar?]] = [:]
    for start in stride(from: 0, to: items.count - items.count % 3, by: 3) {
      let keycode = Int(items[start])
      let symbols = Array(items[start + 1...start + 2])
      let range = Int(description.pointee.min_key_code)...Int(description.pointee.max_key_code)
      // A layout that was loaded since then has replaced ours.
      guard range.contains(keycode), !symbols.allSatisfy({ $0 == 0 }),
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
    writeProperty(map.slots, connection)
    try apply(keycodes, of: map, connection)
  }

  /// Makes the spare keycodes carry nothing again.
  static func giveBack(_ map: KeyboardMap, _ connection: Connection) throws(DictationError) {
    let keycodes = map.slots.clear()
    guard !keycodes.isEmpty else { return }
    try apply(keycodes, of: map, connection)
    XDeleteProperty(connection.display, connection.root, connection.atoms.ownKeys)
    XFlush(connection.display)
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
      throw DictationError(
        .output, "the X server does not let the keyboard map be extended; use --output paste or clipboard")
    }
  }

  private static func set(_ keycode: UInt8, _ map: KeyboardMap) {
    let scalars = map.slots.scalars(on: keycode)
    var types = [Int32](repeating: Int32(XkbTwoLevelIndex), count: Int(XkbNumKbdGroups))
    let groups: Int32 = scalars.allSatisfy { $0 == nil } ? 0 : 1
    // libX11 computes a wrong range of changes here, so it is given none to fill in.
    XkbChangeTypesOfKey(map.description, Int32(keycode), groups, UInt32(XkbGroup1Mask), &types, nil)
    guard groups == 1 else { return }
    for (level, scalar) in scalars.enumerated() {
      let symbol = scalar.map { Keysym.symbol(for: $0) } ?? KeySym(NoSymbol)
      thoth_set_key_symbol(map.description, Int32(keycode), Int32(level), symbol)
    }
  }

  private static func writeProperty(_ slots: SlotTable, _ connection: Connection) {
    let items = slots.usedKeycodes.sorted().flatMap { keycode in
      [UInt(keycode)] + slots.scalars(on: keycode).map { $0.map { UInt(Keysym.symbol(for: $0)) } ?? 0 }
    }
    connection.setProperty(
      connection.atoms.ownKeys, of: connection.root, to: Property(items, type: connection.atoms.cardinal))
  }
}
