import CX11
import DictationTypes

/// Puts text into a window by the clipboard, and then restores the clipboard.
enum Paste {
  /// Pastes `text` into `target`, which has the focus.
  ///
  /// Shift+Insert takes the clipboard in most windows and the primary selection in terminals, so the text is
  /// in both. Some time after the window has read it, both get back what they held.
  static func paste(
    _ text: String, with chord: PasteChord, into target: OutputTarget, _ connection: Connection
  ) throws(DictationError) {
    let map = try connection.keyboard()
    guard let insert = map.insertKey else {
      throw DictationError(.output, "the keyboard map has no Insert key to paste with; use --output type")
    }
    let state = try KeyboardState(preparing: connection, map)
    defer { state.restore() }
    let selections = selections(for: target, connection)
    let restoration = try ClipboardRestoration(selections, connection)
    // Once the keys are pressed, the window may ask at any time.
    var isPressed = false
    defer { if isPressed { restoration.later(connection) } else { restoration.now(connection) } }
    let content = SelectionContent(text: text, connection.atoms)
    for selection in selections {
      try connection.selections.own(selection, content, connection)
    }
    guard connection.hasFocus(target) else {
      throw DictationError(.output, "the focus moved to another window before the text was pasted")
    }
    connection.selections.deliveries = []
    press(insert, map, connection)
    isPressed = true
    guard try waitUntilAsked(by: target, connection) else {
      throw DictationError(
        .output, "\(target.windowClass ?? "the window") does not take a paste; use --output type")
    }
    try waitUntilRead(connection)
  }

  /// Both selections; but the clipboard alone when `target` is no terminal and owns the primary selection. It
  /// would give up what is selected, and the text would stand beside it instead of replacing it.
  private static func selections(for target: OutputTarget, _ connection: Connection) -> [Atom] {
    let atoms = connection.atoms
    let owner = XGetSelectionOwner(connection.display, atoms.primary)
    let isSelecting = owner != UInt(None) && connection.processID(of: owner) == target.processID
    return isSelecting && target.traits.kind != .terminal
      ? [atoms.clipboard] : [atoms.clipboard, atoms.primary]
  }

  private static func press(_ insert: UInt8, _ map: KeyboardMap, _ connection: Connection) {
    let shift = map.modifierKeys[Int(ShiftMapIndex)]
    for (key, isDown) in [(shift, True), (insert, True), (insert, False), (shift, False)] {
      XTestFakeKeyEvent(connection.display, UInt32(key), isDown, 0)
    }
    XFlush(connection.display)
  }

  /// Whether `target` asks for the text within three seconds. A clipboard manager asks too: what counts is the
  /// process, which may use a second connection.
  private static func waitUntilAsked(
    by target: OutputTarget, _ connection: Connection
  ) throws(DictationError) -> Bool {
    try connection.wait(nanoseconds: 3_000_000_000) {
      connection.selections.deliveries.contains { delivery in
        delivery.requestor == target.focus || target.processID == nil
          || connection.processID(of: delivery.requestor) == target.processID
      }
    }
  }

  /// Waits until the text has been read. A few (Tk) never delete what they read: those have had their time when
  /// nothing has happened for 80 ms.
  private static func waitUntilRead(_ connection: Connection) throws(DictationError) {
    let owner = connection.selections
    var isActive = true
    while isActive, !owner.deliveries.allSatisfy(\.isFetched) {
      let seen = owner.activity
      isActive = try connection.wait(nanoseconds: 80_000_000) { owner.activity != seen }
    }
  }
}
