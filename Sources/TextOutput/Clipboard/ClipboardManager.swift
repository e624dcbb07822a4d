import CX11
import DictationTypes
import Linux

/// The desktop's clipboard manager, which keeps the clipboard of programs that end
/// (freedesktop.org, Clipboard Manager Specification).
enum ClipboardManager {
  /// Hands over what we hold of the clipboard, if a manager runs; it asks for it and then says that it is done, or its
  /// time is over.
  static func save(_ connection: Connection) {
    let atoms = connection.atoms
    guard let content = connection.selections.content(of: atoms.clipboard),
      XGetSelectionOwner(connection.display, atoms.clipboardManager) != UInt(None)
    else { return }
    let manager = SelectionReader(atoms.clipboardManager, room: 0, connection)
    defer { manager.end(connection) }
    // What it shall keep stands in the property that its answer comes in.
    let targets = Property(content.targets, type: atoms.atom)
    connection.setProperty(atoms.saveTargets, of: manager.window, to: targets)
    // Where it does not take part, or the server went away, there is nobody left to tell.
    let deadline = monotonicNanoseconds() + connection.pasteLimits.managerTime
    _ = try? manager.ask([atoms.saveTargets], until: deadline, connection)
  }
}
