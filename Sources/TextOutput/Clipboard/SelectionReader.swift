import CX11
import DictationTypes

/// Reads what another application's selection holds, in every target that can be kept.
final class SelectionReader {
  private let selection: Atom
  private let atoms: Atoms
  /// The targets that were asked for and have not been answered in full.
  private var open: Set<Atom> = []
  /// The values that arrive in increments, so far.
  private var growing: [Atom: Property] = [:]
  private(set) var values: [Atom: Property] = [:]

  private init(_ selection: Atom, _ atoms: Atoms) {
    self.selection = selection
    self.atoms = atoms
  }

  /// The content of `selection`, or nil when it has no owner. What its owner does not deliver within half a
  /// second is left out.
  static func read(_ selection: Atom, _ connection: Connection) throws(DictationError) -> SelectionContent? {
    if let own = connection.selections.content(of: selection) { return own }
    guard XGetSelectionOwner(connection.display, selection) != UInt(None) else { return nil }
    let reader = SelectionReader(selection, connection.atoms)
    connection.reader = reader
    defer { connection.reader = nil }
    try reader.ask([connection.atoms.targets], connection)
    let targets = reader.values.removeValue(forKey: connection.atoms.targets)?.items ?? []
    try reader.ask(reader.worthKeeping(targets, connection), connection)
    return SelectionContent(values: reader.values)
  }

  /// The text of `selection` and nothing else of it; nil when it has no owner, or the owner gives none.
  static func text(of selection: Atom, _ connection: Connection) throws(DictationError) -> [Unicode.Scalar]? {
    let reader = SelectionReader(selection, connection.atoms)
    connection.reader = reader
    defer { connection.reader = nil }
    try reader.ask([connection.atoms.utf8], connection)
    guard let bytes = reader.values[connection.atoms.utf8]?.bytes else { return nil }
    return Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
  }

  /// Handles an event of ours; others are ignored.
  func handle(_ event: XEvent, on connection: Connection) {
    if event.type == SelectionNotify, event.xselection.selection == selection {
      let target = event.xselection.target
      guard open.contains(target) else { return }
      if event.xselection.property == UInt(None) { open.remove(target) } else { take(target, connection) }
    } else if event.type == PropertyNotify, event.xproperty.state == PropertyNewValue,
      growing[event.xproperty.atom] != nil
    {
      takeIncrement(event.xproperty.atom, connection)
    }
  }

  /// Asks for all `targets` at once, each to arrive in a property of its own name.
  private func ask(_ targets: [Atom], _ connection: Connection) throws(DictationError) {
    let time = try connection.serverTime()
    open = Set(targets)
    for target in targets {
      XConvertSelection(connection.display, selection, target, target, connection.window, time)
    }
    try connection.wait(nanoseconds: 500_000_000) { open.isEmpty }
  }

  /// Not the targets that are requests to the owner, and of several picture formats only PNG.
  private func worthKeeping(_ targets: [Atom], _ connection: Connection) -> [Atom] {
    let names = targets.prefix(64).map { ($0, connection.name(of: $0)) }
    let hasPNG = names.contains { $0.1 == "image/png" }
    let requests: Set = ["TARGETS", "TIMESTAMP", "MULTIPLE", "SAVE_TARGETS", "DELETE"]
    return names.filter { target, name in
      !requests.contains(name) && !name.hasPrefix("INSERT_")
        && !(hasPNG && name.hasPrefix("image/") && name != "image/png")
    }.map(\.0)
  }

  private func take(_ target: Atom, _ connection: Connection) {
    // Deleting it tells the owner that it was read; for increments, that the first may come.
    guard let value = connection.property(target, of: connection.window, delete: true) else {
      open.remove(target)
      return
    }
    if value.type == atoms.incremental {
      growing[target] = Property(type: 0, format: 8, count: 0, bytes: [])
    } else {
      values[target] = value
      open.remove(target)
    }
  }

  private func takeIncrement(_ target: Atom, _ connection: Connection) {
    guard let part = connection.property(target, of: connection.window, delete: true),
      var whole = growing[target]
    else { return }
    if part.count == 0 {
      values[target] = whole
      growing[target] = nil
      open.remove(target)
      return
    }
    (whole.type, whole.format) = (part.type, part.format)
    whole.count += part.count
    whole.bytes += part.bytes
    growing[target] = whole
  }
}

extension Connection {
  /// The name of `atom`; empty when there is no such atom.
  func name(of atom: Atom) -> String {
    guard let name = XGetAtomName(display, atom) else { return "" }
    defer { XFree(name) }
    return String(cString: name)
  }
}
