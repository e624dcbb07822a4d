import CX11
import DictationTypes

/// What has to be undone when the process is killed, written down before it is done: in properties of the root window,
/// which live in the server's memory and nowhere else.
///
/// A list begins with a window of the process that wrote it, and a number that is on that window too, since a server
/// gives the names of windows that are gone to others.
enum Journal {
  /// Who wrote a list.
  enum Writer { case us, another, nobodyAlive }

  /// Writes `items` as the list `name`.
  static func write(_ items: [UInt], as name: Atom, _ connection: Connection) {
    let signed = [connection.window, connection.token] + items
    connection.setProperty(name, of: connection.root, to: Property(signed, type: connection.atoms.cardinal))
  }

  /// The list `name` and its writer, or nil.
  static func read(_ name: Atom, _ connection: Connection) -> (items: [UInt], writer: Writer)? {
    guard let items = connection.property(name, of: connection.root)?.items, items.count >= 2 else {
      return nil
    }
    return (Array(items.dropFirst(2)), writer(items[0], items[1], connection))
  }

  /// Removes the list `name`.
  static func erase(_ name: Atom, _ connection: Connection) {
    XDeleteProperty(connection.display, connection.root, name)
  }

  /// Undoes what a process has left that was killed; what another one is about to undo itself, it leaves. Whether there
  /// is such another one.
  @discardableResult
  static func recover(_ connection: Connection) -> Bool {
    let (state, keys) = (connection.atoms.ownState, connection.atoms.ownKeys)
    let (stateList, keyList) = (read(state, connection), read(keys, connection))
    if let stateList, stateList.writer == .nobodyAlive {
      HeldKeys.release(HeldKeys.downOnTestKeyboard(connection), connection)
      KeyboardChanges(stateList.items)?.undo(connection)
      erase(state, connection)
    }
    if let keyList, keyList.writer == .nobodyAlive {
      // It fails only when the server refuses changes of the map, or went away.
      try? SpareKeys.giveBack(keyList.items, connection)
      erase(keys, connection)
    }
    XFlush(connection.display)
    return stateList?.writer == .another || keyList?.writer == .another
  }

  /// Makes the keyboard ours alone. Throws while another process types.
  static func claim(_ connection: Connection) throws(DictationError) {
    guard recover(connection) else { return }
    throw DictationError(
      .output, "another thothd types on this display; when it has ended, thoth last --type")
  }

  private static func writer(_ window: Window, _ token: UInt, _ connection: Connection) -> Writer {
    if window == connection.window { return token == connection.token ? .us : .nobodyAlive }
    let owner = connection.property(connection.atoms.ownToken, of: window)
    return owner?.items.first == token ? .another : .nobodyAlive
  }
}
