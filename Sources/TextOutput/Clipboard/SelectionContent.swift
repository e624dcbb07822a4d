import CX11

/// What a selection holds: one value for each target (format) it can be had in.
struct SelectionContent: Equatable {
  var values: [Atom: Property]

  /// `text` in the targets that applications ask for. `STRING` is Latin-1, and offered only if that says it all.
  init(text: String, _ atoms: Atoms) {
    let utf8 = Array(text.utf8)
    values = [
      atoms.utf8: Property(utf8, type: atoms.utf8),
      atoms.text: Property(utf8, type: atoms.utf8),
      atoms.plainUTF8: Property(utf8, type: atoms.plainUTF8),
      atoms.plain: Property(utf8, type: atoms.plain),
    ]
    if text.unicodeScalars.allSatisfy({ $0.value <= 0xFF }) {
      values[atoms.string] = Property(text.unicodeScalars.map { UInt8($0.value) }, type: atoms.string)
    }
  }

  /// What another application's selection gave.
  init(values: [Atom: Property]) { self.values = values }
}
