import CX11
import DictationTypes

/// Learns that a window has worked off its events, by the window managers' `_NET_WM_PING`
/// (Extended Window Manager Hints): a client answers it in the order of its events.
///
/// While it lives it listens on the root window, where the answers go. Toolkits address them to either mask.
struct PingBarrier {
  /// What came of a ping.
  enum Answer: Equatable {
    /// Everything sent before has been handled.
    case answered
    /// The window does not take part, or kept silent a moment ago.
    case unsupported
    /// No answer in time.
    case silent
  }

  private let connection: Connection
  private let window: Window
  /// Whether the window takes part.
  let isSupported: Bool
  /// Whether it kept silent; it is then not asked again for each chunk.
  private var isSilent = false
  /// How often it was not asked since.
  private var skipped = 0
  /// How many times it may not be asked, before it has to answer: else a long text would lie in the server's memory,
  /// and go on arriving when the focus has long moved.
  private static let maximumSkipped = 8

  /// A barrier for the application window `window`. Call `end` when done.
  init(_ window: Window, _ connection: Connection) {
    self.window = window
    self.connection = connection
    isSupported = Self.isSupported(by: window, connection)
    XSelectInput(connection.display, connection.root, SubstructureNotifyMask | StructureNotifyMask)
  }

  /// Whether `window` says that it answers pings.
  static func isSupported(by window: Window, _ connection: Connection) -> Bool {
    let protocols = connection.property(connection.atoms.protocols, of: window)?.items ?? []
    return protocols.contains(connection.atoms.ping)
  }

  /// Stops listening, so that an idle connection is not woken by other windows.
  func end() {
    XSelectInput(connection.display, connection.root, NoEventMask)
    XFlush(connection.display)
  }

  /// Waits until the window has handled its events: for an answer, at most a second; where there is none, 30 ms,
  /// which a window that is not busy needs to load a changed keyboard map.
  mutating func wait() throws(DictationError) -> Answer {
    guard isSupported, !isSilent else {
      try connection.wait(nanoseconds: 30_000_000) { false }
      return .unsupported
    }
    let answer = try ask(milliseconds: 1000)
    isSilent = answer == .silent
    return answer
  }

  /// As `wait`, but returns at once where there is no answer; after some times it insists on one.
  mutating func waitIfSupported() throws(DictationError) -> Answer {
    guard isSupported else { return .unsupported }
    guard isSilent else { return try wait() }
    skipped += 1
    guard skipped == Self.maximumSkipped else { return .silent }
    try require()
    return .answered
  }

  /// As `wait`, but a window that takes part has to answer within ten seconds.
  mutating func require() throws(DictationError) {
    guard isSupported else {
      _ = try wait()
      return
    }
    guard try ask(milliseconds: 10_000) == .answered else {
      throw DictationError(.output, "the window does not respond; when it does, thoth last --type")
    }
    (isSilent, skipped) = (false, 0)
  }

  private func ask(milliseconds: UInt64) throws(DictationError) -> Answer {
    let time = try connection.serverTime()
    var event = XEvent()
    event.xclient.type = ClientMessage
    event.xclient.window = window
    event.xclient.message_type = connection.atoms.protocols
    event.xclient.format = 32
    event.xclient.data.l = (Int(connection.atoms.ping), Int(time), Int(window), 0, 0)
    connection.answeredPing = 0
    XSendEvent(connection.display, window, False, NoEventMask, &event)
    let isAnswered = try connection.wait(nanoseconds: milliseconds * 1_000_000) {
      connection.answeredPing == time
    }
    return isAnswered ? .answered : .silent
  }
}
