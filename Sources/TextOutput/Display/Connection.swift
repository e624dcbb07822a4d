import CX11
import DictationTypes
import Glibc
import Linux

/// One open display. It belongs to the X11 thread, which alone calls it.
final class Connection {
  let address: DisplayAddress
  let display: OpaquePointer
  let root: Window
  /// Our own window: never shown, it owns selections and receives time stamps.
  let window: Window
  /// What our journal is known by.
  let token = UInt(UInt32.random(in: 1 ... .max))
  let atoms: Atoms
  /// What we hold of the clipboard.
  let selections = SelectionOwner()
  /// Who reads another application's selection, or has given up on it and waits for what is still to come.
  var readers: [SelectionReader] = []
  /// How long and how much a paste may take.
  let pasteLimits: PasteLimits
  /// The keys and buttons that are pressed, while somebody asks for them.
  let input: RawInput
  /// What was inserted last.
  let insertions = InsertionMemory()
  /// The keys that started the last command.
  let hotkey = CommandKeys()
  /// Whether the server went away. Nothing works any more; the thread drops the connection.
  private(set) var isBroken = false
  /// Tells whether the caller of the running job still wants it.
  var cancellation: Cancellation?
  /// Whether the server has refused to extend the keyboard map, as XWayland does.
  var refusesKeys = false
  /// When spare keys go back that no reply allowed to give back at once, in `monotonicNanoseconds`.
  var returnKeysAt: UInt64?
  /// What the clipboard gets back after a paste.
  var restoration: ClipboardRestoration?

  /// How often the server is asked whether it lives while something is waited for, in nanoseconds.
  private static let slice: UInt64 = 500_000_000

  private let wake: WakeEvent
  private let xkbEvent: Int32
  private var loadedKeyboard: KeyboardMap?
  /// How often the keyboard map has changed, by whomever.
  private(set) var mapVersion = 0
  private var timeStamp: Time?
  /// The time stamp of the last answered ping.
  var answeredPing: Time = 0

  /// Connects to `address`; `wake` is signalled when a job is cancelled.
  init(
    _ address: DisplayAddress, pasteLimits: PasteLimits = PasteLimits(), wake: WakeEvent
  ) throws(DictationError) {
    guard !address.display.isEmpty else {
      throw DictationError(
        .output,
        "no X display: DISPLAY is not set. Start thoth from the desktop session, or use --output stdout")
    }
    ProtocolErrors.install
    guard let display = Authority.open(address) else {
      throw DictationError(
        .output,
        "cannot connect to the X display \(address.display): no server answers there, or XAUTHORITY does not "
          + "allow it. Start thoth from the desktop session, or use --output stdout")
    }
    var (code, event, error, major, minor): (Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 1, 0)
    guard XkbQueryExtension(display, &code, &event, &error, &major, &minor) != 0,
      XTestQueryExtension(display, &code, &error, &major, &minor) != 0
    else {
      XCloseDisplay(display)
      throw DictationError(
        .output,
        "the X server on \(address.display) lacks the XTEST or XKEYBOARD extension; use --output clipboard")
    }
    self.address = address
    self.pasteLimits = pasteLimits
    self.display = display
    self.wake = wake
    xkbEvent = event
    root = XDefaultRootWindow(display)
    window = XCreateSimpleWindow(display, root, 0, 0, 1, 1, 0, 0, 0)
    atoms = Atoms(display)
    input = RawInput(display, root: root)
    watch()
    Journal.recover(self)
  }

  deinit {
    XCloseDisplay(display)
    _ = ProtocolErrors.take(display)
  }

  /// The descriptor to poll.
  var descriptor: Int32 { XConnectionNumber(display) }

  /// The current keyboard map; loaded again only after it was changed. Throws while another process changes it.
  func keyboard() throws(DictationError) -> KeyboardMap {
    try Journal.claim(self)
    // The server reads keys with the map of the keyboard that was used last, and keyboards may have different ones.
    // So ours is used: the release of a key that is up changes nothing else.
    XTestFakeKeyEvent(display, 8, False, 0)
    XSync(display, False)
    handlePending()
    if let loadedKeyboard { return loadedKeyboard }
    let carried = Journal.read(atoms.ownKeys, self)?.items ?? []
    let loaded = try KeyboardMap(self, carrying: carried)
    loadedKeyboard = loaded
    return loaded
  }

  /// Handles the events that have arrived, and sends what is buffered.
  func handlePending() {
    var event = XEvent()
    while !isBroken, XPending(display) > 0 {
      XNextEvent(display, &event)
      handle(event)
    }
  }

  /// Handles events until `done` holds (true) or `nanoseconds` have passed (false).
  ///
  /// As long as the server answers, the job gets on, however long it waits; a server that does not keeps it here.
  @discardableResult
  func wait(nanoseconds: UInt64, until done: () -> Bool) throws(DictationError) -> Bool {
    let deadline = monotonicNanoseconds() + nanoseconds
    while true {
      handlePending()
      try checkJob()
      if done() { return true }
      // What was asked of the server may have brought events along: there is nothing to poll for then.
      if XQLength(display) > 0 { continue }
      let now = monotonicNanoseconds()
      if now >= deadline { return false }
      var entries = [descriptor, wake.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let slice = min(deadline - now, Self.slice)
      let count = poll(&entries, 2, Int32((slice + 999_999) / 1_000_000))
      if count == 0, slice == Self.slice {
        XSync(display, False)
        cancellation?.noteProgress()
      } else if entries[0].revents != 0 {
        cancellation?.noteProgress()
      }
      // What else the signal meant, a new job, is looked up when this one has ended.
      if entries[1].revents != 0 { wake.clear() }
    }
  }

  /// Throws when the running job cannot or shall not go on.
  func checkJob() throws(DictationError) {
    if isBroken {
      throw DictationError(
        .output,
        "the X server on \(address.display) went away; start the desktop session again, then thoth last --type"
      )
    }
    if cancellation?.isCancelled == true {
      throw DictationError(.cancelled, "cancelled while the text was output")
    }
  }

  /// The server's time, in its milliseconds: what selections and pings are stamped with.
  func serverTime() throws(DictationError) -> Time {
    timeStamp = nil
    XChangeProperty(display, window, atoms.ownTime, atoms.integer, 8, PropModeAppend, nil, 0)
    try wait(nanoseconds: 5_000_000_000) { timeStamp != nil }
    return timeStamp ?? 0
  }

  private func watch() {
    XSetIOErrorExitHandler(
      display,
      { _, connection in
        Unmanaged<Connection>.fromOpaque(connection!).takeUnretainedValue().isBroken = true
      }, Unmanaged.passUnretained(self).toOpaque())
    setProperty(atoms.ownToken, of: window, to: Property([token], type: atoms.cardinal))
    XSelectInput(display, window, PropertyChangeMask)
    let mapEvents = UInt32(XkbMapNotifyMask | XkbNewKeyboardNotifyMask)
    XkbSelectEvents(display, UInt32(XkbUseCoreKbd), mapEvents, mapEvents)
    XFlush(display)
  }

  private func handle(_ event: XEvent) {
    switch event.type {
    case ClientMessage:
      let message = event.xclient
      // What anybody sends has 32 bits, of which libX11 makes signed numbers.
      if message.message_type == atoms.protocols, UInt(bitPattern: message.data.l.0) == atoms.ping {
        answeredPing = Time(UInt32(truncatingIfNeeded: message.data.l.1))
      }
    case PropertyNotify where event.xproperty.window == window && event.xproperty.atom == atoms.ownTime:
      timeStamp = event.xproperty.time
    case GenericEvent:
      input.handle(event)
    case MappingNotify, xkbEvent:
      loadedKeyboard = nil
      mapVersion += 1
    default:
      selections.handle(event, on: self)
      for reader in readers { reader.handle(event, on: self) }
    }
  }
}

extension Connection {
  /// Handles what arrived while no job runs.
  func serveIdle() {
    handlePending()
    restoration?.ifDue(self)
    hotkey.forgetIfDue(self)
    if let due = returnKeysAt, due <= monotonicNanoseconds() {
      returnKeysAt = nil
      // It fails only when the server went away, and the map with it.
      try? SpareKeys.giveBack(keyboard(), self)
    }
    // Answers to what was asked meanwhile may have brought events along, for which no poll would wake.
    handlePending()
  }

  /// When `serveIdle` has something to do without an event, in `monotonicNanoseconds`; nil for never.
  var nextDue: UInt64? { [returnKeysAt, restoration?.due, hotkey.due].compactMap { $0 }.min() }

  /// Lets the spare keys go back when the window of `barrier` has had time to read its keys: five seconds if it cannot
  /// tell, since one that hung for 500 ms was seen to need more than 200 ms; 20 if it could, and has not.
  func returnKeysLater(after barrier: PingBarrier) {
    returnKeysAt = monotonicNanoseconds() + (barrier.isSupported ? 20_000_000_000 : 5_000_000_000)
  }

  /// Waits until the spare keys of `map` that go back later have done so, and gives them back.
  func awaitReturnOfKeys(_ map: KeyboardMap) throws(DictationError) {
    guard let due = returnKeysAt else { return }
    let now = monotonicNanoseconds()
    if due > now { try wait(nanoseconds: due - now) { false } }
    returnKeysAt = nil
    try SpareKeys.giveBack(map, self)
  }

  /// Leaves everything as it was found. What we own of the clipboard ends with the connection: a clipboard manager,
  /// if one runs, is asked to keep it.
  func prepareToClose() {
    restoration?.now(self)
    ClipboardManager.save(self)
    if returnKeysAt != nil { try? SpareKeys.giveBack(keyboard(), self) }
  }
}
