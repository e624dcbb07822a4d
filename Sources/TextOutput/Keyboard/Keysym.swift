import CX11

/// Between characters and the symbols on keys.
enum Keysym {
  /// The symbol that stands for `scalar`. Latin-1 has its own range; everything else has a Unicode symbol
  /// (X11 protocol, appendix A: 0x01000000 + the code point).
  static func symbol(for scalar: Unicode.Scalar) -> KeySym {
    switch scalar.value {
    case 0x0A: KeySym(XK_Return)
    case 0x09: KeySym(XK_Tab)
    case 0x20...0x7E, 0xA0...0xFF: KeySym(scalar.value)
    default: KeySym(0x0100_0000 | scalar.value)
    }
  }

  /// The character that a key with `symbol` types, or nil: for function keys, dead keys and the keypad (whose
  /// symbols lie in 0xFE00…0xFFFF), which do not type the same in every state; and for symbols of technical sets and a
  /// few others that libX11, and with it xterm, makes no character of.
  static func scalar(of symbol: KeySym) -> Unicode.Scalar? {
    if symbol == KeySym(XK_Return) { return "\n" }
    if symbol == KeySym(XK_Tab) { return "\t" }
    guard !(0xFE00...0xFFFF).contains(symbol), !unreadable.contains(where: { $0.contains(symbol) }) else {
      return nil
    }
    let value = xkb_keysym_to_utf32(UInt32(truncatingIfNeeded: symbol))
    return value >= 0x20 ? Unicode.Scalar(value) : nil
  }

  /// Found by typing all 859 symbols of other sets than Unicode into xterm, which lost 43: overline, two Greek marks,
  /// most of the technical set, the signifier of a blank, APL, old Hangul.
  private static let unreadable: [ClosedRange<KeySym>] = [
    0x47E...0x47E, 0x7AE...0x7AF, 0x8A1...0x8CF, 0xAAC...0xAAC, 0xBA3...0xBFC, 0xEEF...0xEF9,
  ]

  /// Whether `symbol` is on the keypad.
  static func isKeypad(_ symbol: KeySym) -> Bool {
    (KeySym(XK_KP_Space)...KeySym(XK_KP_Equal)).contains(symbol)
  }
}
