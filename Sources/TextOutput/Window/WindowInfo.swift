import CX11
import DictationTypes
import Linux

/// A window that had the keyboard focus.
public struct OutputTarget: Sendable, Hashable {
  /// The class part of `WM_CLASS`, for example `XTerm`; nil when the window tells none.
  public let windowClass: String?
  /// The application's window, as a window manager sees it.
  let topLevel: UInt
  /// The window that gets the key events: `topLevel`, or one inside it.
  let focus: UInt
  /// The process at the other end of the window's connection, when the server knows.
  let processID: Int32?

  /// What is known of the application.
  var traits: WindowTraits {
    WindowTraits(windowClass: windowClass, program: processID.flatMap(program(of:)))
  }
}

/// The name of the program that a process of this machine runs: its first 15 bytes (proc(5), `comm`).
private func program(of process: Int32) -> String? {
  readFile("/proc/\(process)/comm").map { String(decoding: $0.dropLast(), as: UTF8.self) }
}

extension Connection {
  /// The window that has the focus now, or nil when none has.
  func focusedWindow() throws(DictationError) -> OutputTarget? {
    guard let focus = focusID() else {
      try checkJob()
      return nil
    }
    let top = topLevel(of: focus)
    guard takesText(top) else { return nil }
    let target = OutputTarget(
      windowClass: windowClass(of: top), topLevel: top, focus: focus, processID: processID(of: focus))
    try checkJob()
    return target
  }

  /// Whether `target` still has the focus; another window of the same application window counts.
  func hasFocus(_ target: OutputTarget) -> Bool {
    guard let focus = focusID() else { return false }
    return focus == target.focus || topLevel(of: focus) == target.topLevel
  }

  /// The process that owns `window`, told by X-Resource 1.2; nil for a remote one.
  func processID(of window: Window) -> Int32? {
    var spec = XResClientIdSpec(client: window, mask: UInt32(XRES_CLIENT_ID_PID_MASK.rawValue))
    var (count, values): (Int, UnsafeMutablePointer<XResClientIdValue>?) = (0, nil)
    guard XResQueryClientIds(display, 1, &spec, &count, &values) == Success, let values else { return nil }
    defer { XResClientIdsDestroy(count, values) }
    guard count > 0 else { return nil }
    let id = XResGetClientPid(values)
    return id > 0 ? id : nil
  }

  private func focusID() -> Window? {
    var (focus, revert): (Window, Int32) = (0, 0)
    XGetInputFocus(display, &focus, &revert)
    return focus == UInt(None) || focus == UInt(PointerRoot) || focus == root ? nil : focus
  }

  /// Whether text in `topLevel` is text in an application. The desktop's window takes keys and loses them; so
  /// does the window of its own that a window manager focuses while no other has the focus.
  private func takesText(_ topLevel: Window) -> Bool {
    if property(atoms.windowType, of: topLevel)?.items.contains(atoms.desktopType) == true { return false }
    let isManaged = property(atoms.windowState, of: topLevel) != nil
    let hasManager = property(atoms.managerCheck, of: root) != nil
    let active = property(atoms.activeWindow, of: root)?.items.first ?? 0
    return isManaged || !hasManager || active != 0
  }

  /// The nearest ancestor that a window manager has marked (`WM_STATE`); without one, the last with a class.
  private func topLevel(of window: Window) -> Window {
    var (current, best) = (window, window)
    while current != 0, current != root {
      if property(atoms.windowState, of: current) != nil { return current }
      if windowClass(of: current) != nil { best = current }
      guard let parent = parent(of: current) else { break }
      current = parent
    }
    return best
  }

  private func parent(of window: Window) -> Window? {
    var (root, parent): (Window, Window) = (0, 0)
    var (children, count): (UnsafeMutablePointer<Window>?, UInt32) = (nil, 0)
    guard XQueryTree(display, window, &root, &parent, &children, &count) != 0 else { return nil }
    if let children { XFree(children) }
    return parent
  }

  private func windowClass(of window: Window) -> String? {
    var hint = XClassHint()
    guard XGetClassHint(display, window, &hint) != 0 else { return nil }
    defer {
      if let name = hint.res_name { XFree(name) }
      if let name = hint.res_class { XFree(name) }
    }
    return hint.res_class.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
