import CX11
import Glibc

/// The atoms that are used, interned in one round trip when a connection is opened.
struct Atoms {
  let clipboard, primary, targets, timestamp, multiple, incremental, atomPair, saveTargets,
    clipboardManager: Atom
  let utf8, string, text, plainUTF8, plain, atom, integer, cardinal, window: Atom
  let protocols, ping, windowState, rulesNames: Atom
  let ownTime, ownSelection, ownKeys: Atom

  init(_ display: OpaquePointer) {
    var atoms = Self.intern(
      [
        "CLIPBOARD", "PRIMARY", "TARGETS", "TIMESTAMP", "MULTIPLE", "INCR", "ATOM_PAIR", "SAVE_TARGETS",
        "CLIPBOARD_MANAGER", "UTF8_STRING", "STRING", "TEXT", "text/plain;charset=utf-8", "text/plain",
        "ATOM",
        "INTEGER", "CARDINAL", "WINDOW", "WM_PROTOCOLS", "_NET_WM_PING", "WM_STATE", "_XKB_RULES_NAMES",
        "_THOTH_TIME", "_THOTH_SELECTION", "_THOTH_KEYS",
      ], display)[...]
    func next() -> Atom { atoms.removeFirst() }
    clipboard = next()
    primary = next()
    targets = next()
    timestamp = next()
    multiple = next()
    incremental = next()
    atomPair = next()
    saveTargets = next()
    clipboardManager = next()
    utf8 = next()
    string = next()
    text = next()
    plainUTF8 = next()
    plain = next()
    atom = next()
    integer = next()
    cardinal = next()
    window = next()
    protocols = next()
    ping = next()
    windowState = next()
    rulesNames = next()
    ownTime = next()
    ownSelection = next()
    ownKeys = next()
  }

  private static func intern(_ names: [String], _ display: OpaquePointer) -> [Atom] {
    var copies = names.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    var atoms = [Atom](repeating: 0, count: names.count)
    XInternAtoms(display, &copies, Int32(names.count), False, &atoms)
    return atoms
  }
}
