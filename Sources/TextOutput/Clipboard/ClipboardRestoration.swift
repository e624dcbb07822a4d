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
struct ClipboardRestoration {
  /// How long after the paste at the latest, also when the window hangs.
  private static let limit: UInt64 = 5_000_000_000

  /// When to look, in `monotonicNanoseconds`.
  private(set) var due: UInt64 = 0
  private var latest: UInt64 = 0
  private var activity = 0
  private var receipt: PasteReceipt
  private var saved: [SavedSelection]

  /// Keeps `saved`, for the application of `receipt`.
  init(_ saved: [SavedSelection], after receipt: PasteReceipt) {
    self.saved = saved
    self.receipt = receipt
  }

  /// What is still to be restored after an earlier paste: it counts as held.
  static func pending(_ connection: Connection) -> [SavedSelection] {
    (connection.restoration?.saved ?? []).filter {
      connection.selections.content(of: $0.selection) != nil
    }
  }

  /// Gives each selection back what it held, unless somebody else has taken it meanwhile.
  static func restore(_ saved: [SavedSelection], _ connection: Connection) {
    connection.restoration = nil
    connection.selections.record(false)
    for saved in saved where !connection.isBroken {
      connection.selections.replace(saved.selection, with: saved.content, connection)
    }
  }

  /// Restores when the application has not asked for a while.
  func later(_ connection: Connection) {
    var later = self
    let now = monotonicNanoseconds()
    if latest == 0 { later.latest = now + Self.limit }
    later.due = min(now + connection.pasteLimits.quietTime, later.latest)
    later.activity = later.receipt.activity()
    connection.restoration = later
  }

  /// Restores if it is due; waits on when there were requests, or the window still has events to work off.
  func ifDue(_ connection: Connection) {
    let time = monotonicNanoseconds()
    guard due <= time else { return }
    if latest <= time || isOver(connection) { now(connection) } else { later(connection) }
  }

  /// Restores.
  func now(_ connection: Connection) { Self.restore(saved, connection) }

  /// Forgets about `selection`: it holds something newer.
  mutating func leave(_ selection: Atom) { saved.removeAll { $0.selection == selection } }

  /// Whether the application has not asked since, and has nothing left to do for which it might ask.
  private func isOver(_ connection: Connection) -> Bool {
    var receipt = receipt
    guard receipt.activity() == activity else { return false }
    var barrier = PingBarrier(receipt.target.topLevel, connection)
    defer { barrier.end() }
    return (try? barrier.waitIfSupported()) != .silent && receipt.activity() == activity
  }
}
