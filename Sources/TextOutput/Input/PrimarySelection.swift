import CX11
import DictationTypes
import Linux

/// Selects text in a window by its keys, and reads what is selected: applications keep that in the primary selection.
struct PrimarySelection {
  /// How long an application may take to tell what it has selected, in nanoseconds.
  private static let patience: UInt64 = 1_000_000_000
  /// How often a selection may be adjusted.
  private static let rounds = 40

  private let target: OutputTarget
  private let connection: Connection
  private let former: SelectionContent?
  private let formerOwner: Window

  /// Remembers what the primary selection holds, to give it back.
  init(of target: OutputTarget, _ connection: Connection) throws(DictationError) {
    self.target = target
    self.connection = connection
    // After a paste it may hold the text that is to be taken back.
    connection.restoration?.now(connection)
    formerOwner = XGetSelectionOwner(connection.display, connection.atoms.primary)
    switch try SelectionReader.read([connection.atoms.primary], connection).first {
    case .content(let content)?: former = content
    case .refused(let reason)?:
      throw DictationError(
        .output, "the text is left as it is, since what is selected would be lost: \(reason)")
    case .empty?, nil: former = nil
    }
  }

  /// Selects exactly `text`, which stands before the cursor.
  ///
  /// Fails when there is another text, or the window does not tell what is selected. The cursor is then where it was.
  func select(_ text: [Unicode.Scalar], _ keys: inout EditingKeys) throws(DictationError) {
    // One press first: if it selects nothing that can be seen, one press the other way makes it undone.
    try keys.press(XK_Left, holding: [XK_Shift_L])
    let before = isTarget(formerOwner) ? former?[connection.atoms.utf8]?.bytes : nil
    guard
      var selected = try selectedText(
        after: before.map { Array(String(decoding: $0, as: UTF8.self).unicodeScalars) })
    else {
      try keys.press(XK_Right)
      // It may have changed the text, or have more before it than that.
      throw DictationError(
        .output,
        "\(target.label) does not tell what it has selected; the text is left as it is: remove it by hand")
    }
    for _ in 0..<Self.rounds {
      let step = SelectionGrowth(from: selected, to: text)
      switch step {
      case .done: return
      case .differs: break
      case .extend(let characters): try keys.press(XK_Left, times: characters, holding: [XK_Shift_L])
      case .extendWords(let words):
        try keys.press(XK_Left, times: words, holding: [XK_Control_L, XK_Shift_L])
      case .shrink(let characters): try keys.press(XK_Right, times: characters, holding: [XK_Shift_L])
      }
      guard step != .differs, let next = try selectedText(after: selected, wanted: text), next != selected
      else { break }
      selected = next
    }
    try keys.press(XK_Right)
    throw DictationError(
      .output,
      "the text before the cursor is not what was inserted: \(target.label) has changed it; it is left as it is"
    )
  }

  /// Gives the selection back what it held, unless a third program has it meanwhile.
  func restore() throws(DictationError) {
    let primary = connection.atoms.primary
    let owner = XGetSelectionOwner(connection.display, primary)
    guard owner == UInt(None) || isTarget(owner) else { return }
    guard former != nil || owner != UInt(None) else { return }
    try connection.selections.own(
      primary, former ?? SelectionContent(targets: [], values: [:]), connection)
    if former == nil { connection.selections.replace(primary, with: nil, connection) }
  }

  /// What the window has selected, once that is another text than `before`, and stays so, or is `wanted`. Nil when it
  /// owns no selection in time.
  private func selectedText(
    after before: [Unicode.Scalar]?, wanted: [Unicode.Scalar]? = nil
  ) throws(DictationError) -> [Unicode.Scalar]? {
    let deadline = monotonicNanoseconds() + Self.patience
    var last: [Unicode.Scalar]?
    repeat {
      let owner = XGetSelectionOwner(connection.display, connection.atoms.primary)
      let text = isTarget(owner) ? try SelectionReader.text(of: connection.atoms.primary, connection) : nil
      if let text, text == wanted || text == last && text != before { return text }
      last = text
      // Some set the selection a moment after the key.
      try connection.wait(nanoseconds: 20_000_000) { false }
    } while monotonicNanoseconds() < deadline
    return last
  }

  /// Whether the window `owner` belongs to the application.
  private func isTarget(_ owner: Window) -> Bool {
    owner != UInt(None) && owner != connection.window && connection.belongs(owner, to: target)
  }
}
