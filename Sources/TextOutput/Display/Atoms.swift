import CX11
import Glibc

/// The atoms that are used, interned in one round trip when a connection is opened.
struct Atoms {
  let clipboard, primary, targets, timestamp, multiple, incremental, atomPair: Atom
  let utf8, string, text, plainUTF8, plain, atom, integer, cardinal: Atom
  let protocols, ping, windowState, rulesNames, managerCheck, activeWindow, windowType, desktopType: Atom
  let deleteRequest, insertProperty, insertSelection, saveTargets, clipboardManager, null: Atom
  /// The hint that content is a secret, which clipboard managers do not keep. KDE's Klipper introduced it;
  /// KeePassXC, 1Password, Bitwarden and Firefox set it, and it is the only such hint on X11.
  let secretHint: Atom
  let ownTime, ownKeys, ownState, ownToken: Atom

  init(_ display: OpaquePointer) {
    var atoms = Self.intern(
      [
        "CLIPBOARD", "PRIMARY", "TARGETS", "TIMESTAMP", "MULTIPLE", "INCR", "ATOM_PAIR", "UTF8_STRING",
        "STRING", "TEXT", "text/plain;charset=utf-8", "text/plain", "ATOM",
        "INTEGER", "CARDINAL", "WM_PROTOCOLS", "_NET_WM_PING", "WM_STATE", "_XKB_RULES_NAMES",
        "_NET_SUPPORTING_WM_CHECK", "_NET_ACTIVE_WINDOW", "_NET_WM_WINDOW_TYPE",
        "_NET_WM_WINDOW_TYPE_DESKTOP",
        "DELETE", "INSERT_PROPERTY", "INSERT_SELECTION", "SAVE_TARGETS", "CLIPBOARD_MANAGER", "NULL",
        "x-kde-passwordManagerHint",
        "_THOTH_TIME", "_THOTH_KEYS", "_THOTH_STATE", "_THOTH_TOKEN",
      ], display)[...]
    func next() -> Atom { atoms.removeFirst() }
    clipboard = next()
    primary = next()
    targets = next()
    timestamp = next()
    multiple = next()
    incremental = next()
    atomPair = next()
    utf8 = next()
    string = next()
    text = next()
    plainUTF8 = next()
    plain = next()
    atom = next()
    integer = next()
    cardinal = next()
    protocols = next()
    ping = next()
    windowState = next()
    rulesNames = next()
    managerCheck = next()
    activeWindow = next()
    windowType = next()
    desktopType = next()
    deleteRequest = next()
    insertProperty = next()
    insertSelection = next()
    saveTargets = next()
    clipboardManager = next()
    null = next()
    secretHint = next()
    ownTime = next()
    ownKeys = next()
    ownState = next()
    ownToken = next()
  }

  private static func intern(_ names: [String], _ display: OpaquePointer) -> [Atom] {
    var copies = names.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    var atoms = [Atom](repeating: 0, count: names.count)
    XInternAtoms(display, &copies, Int32(names.count), False, &atoms)
    return atoms
  }
}
