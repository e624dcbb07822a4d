import CX11
import DictationTypes
import Linux

/// What the selections held before a paste, and when they get it back.
struct ClipboardRestoration {
  /// How long nobody may have asked before.
  private static let quiet: UInt64 = 500_000_000
  /// How long after the paste at the latest, also when the window hangs or a clipboard manager asks all the time.
  private static let limit: UInt64 = 5_000_000_000

  /// When to look, in `monotonicNanoseconds`.
  private(set) var due: UInt64 = 0
  private var latest: UInt64 = 0
  private var activity = 0
  private let window: Window
  private var saved: [(selection: Atom, content: SelectionContent?)]

  /// Keeps `saved`, for a paste into the application window `window`.
  init(_ saved: [(selection: Atom, content: SelectionContent?)], pastedInto window: Window) {
    self.saved = saved
    self.window = window
  }

  /// What is still to be restored after an earlier paste: it counts as held.
  static func pending(_ connection: Connection) -> [(selection: Atom, content: SelectionContent?)] {
    (connection.restoration?.saved ?? []).filter {
      connection.selections.content(of: $0.selection) != nil
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

  /// Restores if it is due; waits on when there were requests, or the window still has events to work off.
  func ifDue(_ connection: Connection) {
    let time = monotonicNanoseconds()
    guard due <= time else { return }
    if latest <= time || isOver(connection) { now(connection) } else { later(connection) }
  }

  /// Gives each selection back what it held, unless somebody else has taken it meanwhile.
  func now(_ connection: Connection) {
    connection.restoration = nil
    for (selection, content) in saved where !connection.isBroken {
      connection.selections.replace(selection, with: content, connection)
    }
  }

  /// Forgets about `selection`: it holds something newer.
  mutating func leave(_ selection: Atom) { saved.removeAll { $0.selection == selection } }

  /// Whether nobody has asked since, and the window has nothing left to do for which it might ask.
  private func isOver(_ connection: Connection) -> Bool {
    guard connection.selections.activity == activity else { return false }
    var barrier = PingBarrier(window, connection)
    defer { barrier.end() }
    return (try? barrier.waitIfSupported()) != .silent && connection.selections.activity == activity
  }
}
