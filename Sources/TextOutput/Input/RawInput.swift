import CX11

/// What the server's keyboards and pointers report, or what happened to the focus of one window.
enum InputEvent: Equatable {
  /// A key went down; `device` is the keyboard, `time` the server's time in milliseconds.
  case keyPress(UInt8, device: Int32, time: Time)
  /// A key went up.
  case keyRelease(UInt8, device: Int32)
  /// A pointer button went down.
  case buttonPress
  /// The window lost the keyboard to a grab on the root window: somebody's hotkey.
  case hotkeyTaken(time: Time)
  /// The window has the keyboard again after a grab.
  case grabEnded
  /// The focus went elsewhere or came back, or the window itself was grabbed.
  case focusChanged
}

/// XInput 2's raw events: keys and buttons as they are pressed, whichever window gets them, and also during grabs.
/// The server's key repeat is not among them. They come only between `start` and `stop`.
final class RawInput {
  /// The keyboards that XTEST presses keys on.
  let syntheticKeyboards: Set<Int32>

  private let display: OpaquePointer
  private let root: Window
  private let opcode: Int32?
  private var listener: ((InputEvent) -> Void)?
  private var watched: Window?
  /// How many keys went up, while that is asked for.
  private(set) var releases = 0
  private var countsReleases = false

  /// Asks the server what it has; nothing is selected.
  init(_ display: OpaquePointer, root: Window) {
    self.display = display
    self.root = root
    var (opcode, event, error): (Int32, Int32, Int32) = (0, 0, 0)
    // Since 2.1 raw events are delivered whoever holds a grab (XI2 protocol, "RawEvent").
    var (major, minor): (Int32, Int32) = (2, 2)
    let isThere =
      XQueryExtension(display, "XInputExtension", &opcode, &event, &error) != 0
      && XIQueryVersion(display, &major, &minor) == Success && (major, minor) >= (2, 1)
    self.opcode = isThere ? opcode : nil
    syntheticKeyboards = isThere ? Self.syntheticKeyboards(display) : []
  }

  /// Whether the server can tell of keys and buttons.
  var isSupported: Bool { opcode != nil }

  /// Has `listener` hear of keys and buttons, and of the focus of `window`.
  func start(focusOf window: Window? = nil, _ listener: @escaping (InputEvent) -> Void) {
    guard isSupported else { return }
    if self.listener != nil { stop() }
    self.listener = listener
    watched = window
    selectOnRoot()
    // XInput's own selection: it does not touch the core one, which clipboard transfers use on the same window.
    if let window { select([XI_FocusIn, XI_FocusOut], on: window) }
  }

  /// Ends that: the keys that people press wake nobody.
  func stop() {
    guard listener != nil else { return }
    listener = nil
    selectOnRoot()
    if let watched { select([], on: watched) }
    XFlush(display)
  }

  /// Begins to count the keys that go up, or ends it.
  func countReleases(_ isOn: Bool) {
    guard isSupported else { return }
    countsReleases = isOn
    selectOnRoot()
    XFlush(display)
  }

  /// Hands an event of XInput on; others are ignored.
  func handle(_ event: XEvent) {
    var cookie = event.xcookie
    guard cookie.extension == opcode, XGetEventData(display, &cookie) != 0 else { return }
    defer { XFreeEventData(display, &cookie) }
    if cookie.evtype == XI_RawKeyRelease { releases += 1 }
    if let listener, let event = Self.decode(cookie) { listener(event) }
  }

  private static func decode(_ cookie: XGenericEventCookie) -> InputEvent? {
    guard let data = cookie.data else { return nil }
    switch cookie.evtype {
    case XI_RawKeyPress, XI_RawKeyRelease:
      let raw = data.load(as: XIRawEvent.self)
      let key = UInt8(truncatingIfNeeded: raw.detail)
      return cookie.evtype == XI_RawKeyPress
        ? .keyPress(key, device: raw.sourceid, time: raw.time) : .keyRelease(key, device: raw.sourceid)
    case XI_RawButtonPress: return .buttonPress
    case XI_FocusIn, XI_FocusOut:
      let focus = data.load(as: XIFocusOutEvent.self)
      if cookie.evtype == XI_FocusIn { return focus.mode == XINotifyUngrab ? .grabEnded : .focusChanged }
      // A menu of the application grabs for itself, and gets the keys; hotkeys are grabbed on the root window.
      let isHotkey = focus.mode == XINotifyGrab && focus.detail == XINotifyAncestor
      return isHotkey ? .hotkeyTaken(time: focus.time) : .focusChanged
    default: return nil
    }
  }

  /// A client has one selection for each window: it is what both who listen and who count want.
  private func selectOnRoot() {
    let all = [XI_RawKeyPress, XI_RawKeyRelease, XI_RawButtonPress]
    select(listener != nil ? all : countsReleases ? [XI_RawKeyRelease] : [], on: root)
  }

  private func select(_ events: [Int32], on window: Window) {
    var bits = [UInt8](repeating: 0, count: Int(XI_LASTEVENT) / 8 + 1)
    for event in events { bits[Int(event) / 8] |= 1 << UInt8(event % 8) }
    bits.withUnsafeMutableBufferPointer { bits in
      var mask = XIEventMask(
        deviceid: XIAllMasterDevices, mask_len: Int32(bits.count), mask: bits.baseAddress)
      XISelectEvents(display, window, &mask, 1)
    }
  }

  private static func syntheticKeyboards(_ display: OpaquePointer) -> Set<Int32> {
    var count: Int32 = 0
    guard let devices = XIQueryDevice(display, XIAllDevices, &count) else { return [] }
    defer { XIFreeDeviceInfo(devices) }
    let keyboards = UnsafeBufferPointer(start: devices, count: Int(count)).filter {
      $0.use == XISlaveKeyboard && String(cString: $0.name).hasSuffix("XTEST keyboard")
    }
    return Set(keyboards.map(\.deviceid))
  }
}

extension Connection {
  /// The keys that are modifiers of any kind. Asks the server: the keyboard map is much more.
  func modifierKeys() -> Set<UInt8> {
    guard let map = XGetModifierMapping(display) else { return [] }
    defer { XFreeModifiermap(map) }
    let keys = UnsafeBufferPointer(start: map.pointee.modifiermap, count: 8 * Int(map.pointee.max_keypermod))
    return Set(keys).subtracting([0])
  }
}
