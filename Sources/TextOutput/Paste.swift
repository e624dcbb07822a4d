import CX11
import DictationTypes

/// Puts text into a window by the clipboard, and then restores the clipboard.
enum Paste {
  /// Pastes `text` into `target`, which has the focus.
  ///
  /// Shift+Insert takes the clipboard in most windows and the primary selection in terminals, so the text is
  /// in both. When the window has read it, both get back what they held.
  static func paste(_ text: String, into target: OutputTarget, _ connection: Connection) throws(DictationError) {
    let map = try connection.keyboard()
    guard let insert = map.insertKey else {
      throw DictationError(.output, "the keyboard map has no Insert key to paste with; use --output type")
    }
    let state = try KeyboardState(preparing: connection, map)
    defer { state.restore() }
    let selections = [connection.atoms.clipboard, connection.atoms.primary]
    var saved: [(selection: Atom, content: SelectionContent?)] = []
    for selection in selections { saved.append((selection, try SelectionReader.read(selection, connection))) }
    defer { for (selection, content) in saved { restore(selection, content, connection) } }
    let content = SelectionContent(text: text, connection.atoms)
    for selection in selections { try connection.selections.own(selection, content, connection) }
    guard connection.hasFocus(target) else {
      throw DictationError(.output, "the focus moved to another window before the text was pasted")
    }
    connection.selections.deliveries = []
    press(insert, map, connection)
    try waitUntilRead(by: target, connection)
  }

  private static func press(_ insert: UInt8, _ map: KeyboardMap, _ connection: Connection) {
    let shift = map.modifierKeys[Int(ShiftMapIndex)]
    for (key, isDown) in [(shift, True), (insert, True), (insert, False), (shift, False)] {
      XTestFakeKeyEvent(connection.display, UInt32(key), isDown, 0)
    }
    XFlush(connection.display)
  }

  /// Waits until `target` has asked for the text and read it, and nobody asks any more.
  private static func waitUntilRead(by target: OutputTarget, _ connection: Connection) throws(DictationError) {
    let owner = connection.selections
    func isOurs(_ delivery: SelectionOwner.Delivery) -> Bool {
      // A clipboard manager asks too: what counts is the process, which may use a second connection.
      delivery.requestor == target.focus || delivery.requestor == target.topLevel || target.processID == nil
        || connection.processID(of: delivery.requestor) == target.processID
    }
    let isAsked = try connection.wait(nanoseconds: 3_000_000_000) { owner.deliveries.contains(where: isOurs) }
    guard isAsked else {
      try connection.checkJob()
      let name = target.windowClass ?? "the window"
      throw DictationError(.output, "\(name) does not take a paste; use --output type")
    }
    // A few (Tk) never delete what they read: those have had their time when this is over.
    try connection.wait(nanoseconds: 80_000_000) { owner.deliveries.contains { $0.isFetched && isOurs($0) } }
    try waitWhileTransferring(owner, connection)
    var barrier = PingBarrier(target.topLevel, connection)
    defer { barrier.end() }
    _ = try barrier.wait()
  }

  /// Some ask more than once, for one target after the other; long texts go in increments.
  private static func waitWhileTransferring(
    _ owner: SelectionOwner, _ connection: Connection
  ) throws(DictationError) {
    var seen = -1
    while seen != owner.activity {
      seen = owner.activity
      try connection.wait(nanoseconds: 40_000_000) { owner.activity != seen }
    }
  }

  /// Gives `selection` back what it held, unless somebody else has taken it meanwhile.
  private static func restore(_ selection: Atom, _ content: SelectionContent?, _ connection: Connection) {
    guard !connection.isBroken, connection.selections.content(of: selection) != nil else { return }
    connection.cancellation = nil
    if let content, !content.values.isEmpty {
      try? connection.selections.own(selection, content, connection)
    } else {
      connection.selections.release(selection, connection)
    }
  }
}
