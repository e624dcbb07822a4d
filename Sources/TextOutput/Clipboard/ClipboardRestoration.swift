import CX11
import DictationTypes
import Linux

/// What the selections held before a paste, and when they get it back.
struct ClipboardRestoration {
  /// How long nobody may have asked before. Chromium asks a dozen times for one paste, and drops the paste when
  /// the clipboard changes hands meanwhile.
  private static let quiet: UInt64 = 500_000_000
  /// How long after the paste at the latest.
  private static let limit: UInt64 = 2_000_000_000

  /// When to look, in `monotonicNanoseconds`.
  private(set) var due: UInt64 = 0
  private var latest: UInt64 = 0
  private var activity = 0
  private var saved: [(selection: Atom, content: SelectionContent?)] = []

  /// Reads what `selections` hold. What is still to be restored after an earlier paste counts as held.
  init(_ selections: [Atom], _ connection: Connection) throws(DictationError) {
    let pending = (connection.restoration?.saved ?? []).filter {
      connection.selections.content(of: $0.selection) != nil
    }
    saved = pending
    for selection in selections where !pending.contains(where: { $0.selection == selection }) {
      saved.append((selection, try SelectionReader.read(selection, connection)))
    }
  }

  /// Restores when nobody has asked for a while.
  func later(_ connection: Connection) {
    var later = self
    let now = monotonicNanoseconds()
    if latest == 0 { later.latest = now + Self.limit }
    later.due = min(now + Self.quiet, later.latest)
    later.activity = connection.selections.activity
    connection.restoration = later
  }

  /// Restores if it is due; waits on when there were requests.
  func ifDue(_ connection: Connection) {
    let time = monotonicNanoseconds()
    guard due <= time else { return }
    if connection.selections.activity == activity || latest <= time {
      now(connection)
    } else {
      later(connection)
    }
  }

  /// Gives each selection back what it held, unless somebody else has taken it meanwhile.
  func now(_ connection: Connection) {
    connection.restoration = nil
    connection.cancellation = nil
    for (selection, content) in saved where connection.selections.content(of: selection) != nil {
      if connection.isBroken { return }
      if let content, !content.values.isEmpty {
        // It fails only when somebody else has just taken the selection.
        try? connection.selections.own(selection, content, connection)
      } else {
        connection.selections.release(selection, connection)
      }
    }
  }

  /// Forgets about `selection`: it holds something newer.
  mutating func leave(_ selection: Atom) { saved.removeAll { $0.selection == selection } }
}
