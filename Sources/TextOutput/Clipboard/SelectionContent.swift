import CX11

/// What a selection holds: one value for each target (format) it can be had in.
struct SelectionContent: Equatable {
  /// The targets, in the order in which they are offered: many applications take the first that they know.
  private(set) var targets: [Atom] = []
  private var values: [Atom: Property] = [:]

  /// `text` in the targets that applications ask for. `STRING` is Latin-1, and offered only if that says it all.
  ///
  /// `isPassing` says that it will be gone in a moment: clipboard managers are told not to keep it.
  init(text: String, isPassing: Bool = false, _ atoms: Atoms) {
    let utf8 = Array(text.utf8)
    set(atoms.utf8, Property(utf8, type: atoms.utf8))
    set(atoms.plainUTF8, Property(utf8, type: atoms.plainUTF8))
    set(atoms.plain, Property(utf8, type: atoms.plain))
    set(atoms.text, Property(utf8, type: atoms.utf8))
    if text.unicodeScalars.allSatisfy({ $0.value <= 0xFF }) {
      set(atoms.string, Property(text.unicodeScalars.map { UInt8($0.value) }, type: atoms.string))
    }
    if isPassing { set(atoms.secretHint, Property(Array("secret".utf8), type: atoms.secretHint)) }
  }

  /// What another application's selection gave: `values`, offered in the order of `targets`.
  init(targets: [Atom], values: [Atom: Property]) {
    for target in targets { if let value = values[target] { set(target, value) } }
  }

  /// The value as `target`; nil when it cannot be had so.
  subscript(target: Atom) -> Property? { values[target] }

  private mutating func set(_ target: Atom, _ value: Property) {
    if values.updateValue(value, forKey: target) == nil { targets.append(target) }
  }
}
