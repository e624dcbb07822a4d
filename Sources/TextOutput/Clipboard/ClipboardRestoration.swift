import CX11
import DictationTypes
import Linux

/// What a selection held before a paste.
struct SavedSelection {
  let selection: Atom
  /// Nil when it had no owner.
  let content: SelectionContent?
}

/// When the selections get back what they held before a paste.
///
/// A window that hangs pastes when it goes on, whatever the selections hold then: an old text, perhaps with a newline
/// that runs it. So nothing is given back while a window still has the chord before it. It has no longer when it has
/// asked for the text, when it has answered a ping that was sent after the chord, or when it is gone. One that answers
/// no pings (xterm, Tk) may leave our text there until somebody else takes the selection.
struct ClipboardRestoration {
  /// How long after the text was asked for at the latest, also when the window hangs since, in nanoseconds.
  private static let limit: UInt64 = 5_000_000_000
  /// After which pauses a window that has the chord before it is looked at, in nanoseconds: each is twice as long as
  /// the one before.
  private static let pauses: ClosedRange<UInt64> = 2_000_000_000...60_000_000_000

  /// When to look, in `monotonicNanoseconds`.
  private(set) var due: UInt64 = 0
  /// When to restore, whatever the window does; 0 while that is not known.
  private var latest: UInt64 = 0
  private var pause = pauses.lowerBound
  private var activity = 0
  private var receipt: PasteReceipt?
  /// The windows that have the chord before them.
  private var waiting: [PasteReceipt]
  private var saved: [SavedSelection]

  /// Keeps `saved`, for the application of `receipt`; nil when no chord was pressed. The windows of an earlier paste
  /// are waited for as before.
  init(_ saved: [SavedSelection], after receipt: PasteReceipt?, _ connection: Connection) {
    self.saved = saved
    self.receipt = receipt
    waiting = connection.restoration?.waiting ?? []
    if var receipt, !receipt.isAsked() { waiting.append(receipt) }
  }

  /// What is still to be restored after an earlier paste: it counts as held.
  static func pending(_ connection: Connection) -> [SavedSelection] {
    (connection.restoration?.saved ?? []).filter {
      connection.selections.content(of: $0.selection) != nil
    }
  }

  /// Restores at once when no chord was pressed, and else later.
  func begin(_ connection: Connection) {
    if !waiting.isEmpty {
      awaitWindows(connection)
    } else if receipt == nil {
      restore(connection)
    } else {
      later(connection)
    }
  }

  /// Restores if it is due at `time`; waits on when there were requests, or a window still has events to work off.
  func ifDue(_ connection: Connection, at time: UInt64 = monotonicNanoseconds()) {
    guard waiting.isEmpty else { return lookAtWindows(connection, isDue: due <= time) }
    guard due <= time else { return }
    if latest <= time || isOver(connection) { restore(connection) } else { later(connection) }
  }

  /// Restores, unless a window has the chord before it.
  func now(_ connection: Connection) {
    if waiting.isEmpty { restore(connection) }
  }

  /// Forgets about `selection`: it holds something newer.
  mutating func leave(_ selection: Atom) { saved.removeAll { $0.selection == selection } }

  /// Gives each selection back what it held, unless somebody else has taken it meanwhile.
  private func restore(_ connection: Connection) {
    connection.restoration = nil
    connection.selections.record(false)
    for saved in saved where !connection.isBroken {
      connection.selections.replace(saved.selection, with: saved.content, connection)
    }
  }

  /// Restores when the application has not asked for a while.
  private func later(_ connection: Connection) {
    var later = self
    let now = monotonicNanoseconds()
    if latest == 0 { later.latest = now + Self.limit }
    later.due = min(now + connection.pasteLimits.quietTime, later.latest)
    later.activity = later.receipt?.activity() ?? 0
    connection.restoration = later
  }

  private func awaitWindows(_ connection: Connection) {
    var next = self
    next.due = monotonicNanoseconds() + pause
    connection.restoration = next
  }

  /// Leaves out the windows that have asked; if it is due also those that answer or are gone.
  private func lookAtWindows(_ connection: Connection, isDue: Bool) {
    var next = self
    if Self.pending(connection).isEmpty { return restore(connection) }
    if isDue { next.waiting.removeAll { $0.hasHandledTheChord() } }
    next.waiting.removeAll {
      var receipt = $0
      return receipt.isAsked()
    }
    guard !next.waiting.isEmpty else { return next.later(connection) }
    // What was asked for until now was asked for by others.
    connection.selections.record(false)
    connection.selections.record(true)
    if isDue {
      next.pause = min(pause * 2, Self.pauses.upperBound)
      next.awaitWindows(connection)
    } else {
      connection.restoration = next
    }
  }

  /// Whether the application has not asked since, and has nothing left to do for which it might ask.
  private func isOver(_ connection: Connection) -> Bool {
    guard var receipt else { return true }
    guard receipt.activity() == activity else { return false }
    var barrier = PingBarrier(receipt.target.topLevel, connection)
    defer { barrier.end() }
    return (try? barrier.waitIfSupported()) != .silent && receipt.activity() == activity
  }
}
