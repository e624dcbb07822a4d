import CX11
import DictationTypes

/// What came of a paste.
enum PasteOutcome: Equatable {
  /// The application has fetched the text.
  case pasted
  /// Nothing was touched and no key pressed: why, as half a sentence.
  case refused(String)
}

/// Puts text into a window by the clipboard, and then restores the clipboard.
enum Paste {
  /// Pastes `text` into `target`, which has the focus, by pressing `chord`.
  ///
  /// Refuses when the keyboard lacks a key of the chord, and when the clipboard could not be given back what it holds:
  /// that is kept in memory alone, so it may be neither a secret nor too large, and has to come at once (`PasteLimits`).
  /// Some time after the window has fetched the text, the clipboard gets back what it held (`ClipboardRestoration`);
  /// unless `restores` says that the text is to stay there.
  ///
  /// Throws when another window gets the focus or the application does not fetch the text.
  static func paste(
    _ text: String, with chord: PasteChord, into target: OutputTarget, _ kind: WindowKind, restores: Bool,
    _ connection: Connection
  ) throws(DictationError) -> PasteOutcome {
    let map = try connection.keyboard()
    let state = try KeyboardState(preparing: connection, map)
    defer { state.restore() }
    guard let keys = ChordKeys(chord, map, group: try state.settle()) else {
      return .refused("the keyboard has no keys for \(chord)")
    }
    if let group = keys.group { state.lock(group: group) }
    let selections = selections(for: kind, chord, connection)
    guard restores else {
      for selection in selections { connection.restoration?.leave(selection) }
      try paste(text, in: selections, keys, into: target, nil, connection)
      return .pasted
    }
    var saved = ClipboardRestoration.pending(connection)
    let unsaved = selections.filter { selection in !saved.contains { $0.selection == selection } }
    for (selection, snapshot) in zip(unsaved, try SelectionReader.read(unsaved, connection)) {
      switch snapshot {
      case .empty: saved.append(SavedSelection(selection: selection, content: nil))
      case .content(let content): saved.append(SavedSelection(selection: selection, content: content))
      case .refused(let reason): return .refused(reason)
      }
    }
    try paste(text, in: selections, keys, into: target, saved, connection)
    return .pasted
  }

  private static func paste(
    _ text: String, in selections: [Atom], _ keys: ChordKeys, into target: OutputTarget,
    _ saved: [SavedSelection]?, _ connection: Connection
  ) throws(DictationError) {
    var receipt: PasteReceipt?
    defer {
      // Once the keys are pressed, the window may ask at any time.
      if let saved {
        ClipboardRestoration(saved, after: receipt, connection).begin(connection)
      } else if connection.restoration == nil {
        connection.selections.record(false)
      }
    }
    let content = SelectionContent(text: text, isPassing: saved != nil, connection.atoms)
    for selection in selections {
      try connection.selections.own(selection, content, connection)
    }
    guard connection.hasFocus(target) else {
      throw DictationError(.output, "the focus moved to another window before the text was pasted")
    }
    connection.selections.record(true)
    var pending = PasteReceipt(target, pressed: keys.press(connection), connection)
    receipt = pending
    try pending.wait()
  }

  /// Terminals paste the primary selection by Shift+Insert, and some of them the clipboard. Everybody else pastes the
  /// clipboard: what is selected stays so, and is replaced by the text.
  private static func selections(
    for kind: WindowKind, _ chord: PasteChord, _ connection: Connection
  ) -> [Atom] {
    let isPrimary = chord == .shiftInsert && kind == .terminal
    return isPrimary ? [connection.atoms.clipboard, connection.atoms.primary] : [connection.atoms.clipboard]
  }
}
