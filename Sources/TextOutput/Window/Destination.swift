import CX11
import DictationTypes

/// The window that an insertion goes into.
struct Destination {
  /// What the policy leads to.
  enum Choice {
    /// The text goes there.
    case into(Destination)
    /// It goes nowhere: why.
    case held(String)
  }

  /// The window, which has the focus.
  let window: OutputTarget
  /// What had the focus before it was taken away for the insertion; nil: it was not.
  private let previous: OutputTarget?

  /// How long a window manager gets to give the focus to a window, in nanoseconds.
  private static let patience: UInt64 = 2_000_000_000

  /// Finds the window for `insertion`, and brings it to the front if it has to be there.
  static func choose(
    for insertion: Insertion, _ connection: Connection
  ) throws(DictationError) -> Choice {
    let focused = try focusedWindow(connection)
    guard insertion.policy != .focus else {
      guard let focused else { throw noFocus(insertion.origin) }
      return .into(Destination(window: focused, previous: nil))
    }
    guard let origin = insertion.origin else {
      return .held("no window had the focus when the recording stopped")
    }
    if let focused, connection.hasFocus(origin) { return .into(Destination(window: focused, previous: nil)) }
    guard connection.exists(origin) else { return .held("\(origin.label) has been closed") }
    guard insertion.policy == .origin else {
      return .held("the focus moved from \(origin.label) to \(Self.name(of: focused, besides: origin))")
    }
    connection.activate(origin)
    guard try waitForFocus(origin, connection), let window = try connection.focusedWindow() else {
      // Half of a change of the focus would be the worst of all.
      if let focused { connection.activate(focused) }
      return .held("\(origin.label) cannot be given the focus")
    }
    return .into(Destination(window: window, previous: focused))
  }

  /// Gives the focus back to whoever had it, unless it has gone elsewhere by itself.
  func giveFocusBack(_ connection: Connection) {
    if let previous, connection.hasFocus(window) { connection.activate(previous) }
  }

  /// The window that has the focus. While a window manager hands it from one to another none has it for a moment.
  private static func focusedWindow(_ connection: Connection) throws(DictationError) -> OutputTarget? {
    for _ in 0..<25 {
      if let window = try connection.focusedWindow() { return window }
      // Nobody is told when a window of another program gets the focus.
      try connection.wait(nanoseconds: 20_000_000) { false }
    }
    return nil
  }

  private static func name(of other: OutputTarget?, besides origin: OutputTarget) -> String {
    guard let other else { return "no window" }
    return other.label == origin.label ? "another window of the same class" : other.label
  }

  private static func noFocus(_ origin: OutputTarget?) -> DictationError {
    let name = origin?.windowClass.map { " (\($0) had it when the recording stopped)" } ?? ""
    return DictationError(.output, "no window has the focus\(name); focus one, then thoth last --type")
  }

  private static func waitForFocus(
    _ target: OutputTarget, _ connection: Connection
  ) throws(DictationError) -> Bool {
    // Each change of a window manager's is a change of the root's properties; without one the server is just asked.
    XSelectInput(connection.display, connection.root, PropertyChangeMask)
    defer { XSelectInput(connection.display, connection.root, NoEventMask) }
    let slice: UInt64 = 20_000_000
    for _ in 0..<(patience / slice) {
      if try connection.wait(nanoseconds: slice, until: { connection.hasFocus(target) }) { return true }
    }
    return false
  }
}

extension OutputTarget {
  /// What people call it.
  var label: String { windowClass ?? "a window without a name" }
}

extension Connection {
  /// Whether the window of `target` is still there.
  func exists(_ target: OutputTarget) -> Bool {
    var attributes = XWindowAttributes()
    return XGetWindowAttributes(display, target.topLevel, &attributes) != 0
  }

  /// Asks the window manager to give `target` the focus (`_NET_ACTIVE_WINDOW`, Extended Window Manager Hints); without
  /// one gives it.
  func activate(_ target: OutputTarget) {
    // It cannot be told when the job was cancelled meanwhile, or the server hangs.
    let time = (try? serverTime()) ?? UInt(CurrentTime)
    if property(atoms.managerCheck, of: root) == nil {
      XSetInputFocus(display, target.focus, RevertToParent, UInt(CurrentTime))
    } else {
      var event = XEvent()
      event.xclient.type = ClientMessage
      event.xclient.window = target.topLevel
      event.xclient.message_type = atoms.activeWindow
      event.xclient.format = 32
      // As a pager asks (2), on behalf of the user: as an application (1) it would be refused by those that keep
      // windows from stealing the focus.
      event.xclient.data.l = (2, Int(time), 0, 0, 0)
      XSendEvent(display, root, False, SubstructureRedirectMask | SubstructureNotifyMask, &event)
    }
    XFlush(display)
  }
}
