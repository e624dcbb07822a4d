import CX11
import DictationTypes

/// The keys of a paste chord on the keyboard as it is.
struct ChordKeys {
  private let key: KeyStroke
  /// What is held, in the order in which it is pressed.
  private let held: [UInt8]

  /// The group in which they have to be pressed; nil: in any.
  var group: UInt8? { key.group }

  /// The keys of `chord` for somebody who types in `group`: where the letter is in another group only, that one. Nil
  /// when the keyboard lacks one of them.
  init?(_ chord: PasteChord, _ map: KeyboardMap, group: UInt8) {
    guard let key = Self.key(of: chord, map, group) else { return nil }
    var held: [UInt8] = []
    for modifier in chord.modifiers {
      guard let keycode = Self.keycode(of: modifier, map) else { return nil }
      held.append(keycode)
    }
    // A digit that is above another character on its key, as in France.
    for bit in 0..<8 where key.modifiers & (1 << bit) != 0 { held.append(map.modifierKeys[bit]) }
    self.key = key
    self.held = held.enumerated().filter { !held[..<$0.offset].contains($0.element) }.map(\.element)
  }

  /// Presses and lets go of them. The number of the request that presses the last one: what an application does for the
  /// chord comes after it.
  func press(_ connection: Connection) -> UInt {
    for modifier in held { send(modifier, True, connection) }
    let serial = XNextRequest(connection.display)
    send(key.keycode, True, connection)
    send(key.keycode, False, connection)
    for modifier in held.reversed() { send(modifier, False, connection) }
    XFlush(connection.display)
    return serial
  }

  private func send(_ keycode: UInt8, _ isDown: Int32, _ connection: Connection) {
    XTestFakeKeyEvent(connection.display, UInt32(keycode), isDown, 0)
  }

  private static func key(of chord: PasteChord, _ map: KeyboardMap, _ group: UInt8) -> KeyStroke? {
    if let scalar = chord.key.unicodeScalars.first, chord.key.unicodeScalars.count == 1 {
      return map.mappedStroke(for: scalar, group: group)
    }
    return map.insertKey.map { KeyStroke(keycode: $0, group: nil, modifiers: 0) }
  }

  /// A key that is a modifier and has this symbol by itself.
  private static func keycode(of modifier: PasteChord.Modifier, _ map: KeyboardMap) -> UInt8? {
    let symbols = Self.symbols[modifier, default: []].map { KeySym($0) }
    return map.allModifierKeys.sorted().first {
      symbols.contains(thoth_key_symbol(map.description, Int32($0), 0, 0))
    }
  }

  private static let symbols: [PasteChord.Modifier: [Int32]] = [
    .ctrl: [XK_Control_L, XK_Control_R], .shift: [XK_Shift_L, XK_Shift_R], .alt: [XK_Alt_L, XK_Alt_R],
    .super: [XK_Super_L, XK_Super_R],
  ]
}
