import CX11
import DictationTypes

/// Tells whether an application has fetched what was pasted into it.
///
/// A clipboard manager reads too, and so does an application that looks at the clipboard whenever it changes. What counts
/// is a request of the application itself, made after the paste chord was pressed.
struct PasteReceipt {
  let target: OutputTarget
  private let pressed: UInt
  private let connection: Connection
  /// Which windows belong to the application, as far as was asked.
  private var isOfTarget: [Window: Bool] = [:]

  /// The receipt of `target`, for the chord that was pressed by the request with the number `pressed`.
  init(_ target: OutputTarget, pressed: UInt, _ connection: Connection) {
    self.target = target
    self.pressed = pressed
    self.connection = connection
  }

  /// Waits until the application has fetched the text. Throws when it does not ask for it, or stops in the middle.
  mutating func wait() throws(DictationError) {
    let limit = connection.pasteLimits.requestTime
    let name = target.label
    guard try connection.wait(nanoseconds: limit, until: { isAsked() }) else {
      throw DictationError(.output, "\(name) does not take a paste; use --output type")
    }
    while !texts().allSatisfy(\.isFetched) {
      let seen = activity()
      let hasMore = texts().contains { $0.isIncremental && !$0.isFetched }
      // A few (Tk) never delete what they read: those have had their time when nothing has happened for 80 ms.
      let isActive = try connection.wait(nanoseconds: hasMore ? limit : 80_000_000) { activity() != seen }
      if isActive { continue }
      guard hasMore else { return }
      throw DictationError(.output, "\(name) has stopped in the middle of the paste; use --output type")
    }
  }

  /// Whether the application has asked for the text.
  mutating func isAsked() -> Bool { !texts().isEmpty }

  /// Whether the application has worked off its events up to now, the chord among them, or is gone.
  func hasHandledTheChord() -> Bool {
    guard connection.exists(target) else { return true }
    var barrier = PingBarrier(target.topLevel, connection)
    defer { barrier.end() }
    return (try? barrier.waitIfSupported()) == .answered
  }

  /// How many requests and readings of the application there were after the chord: it stands still when it is not
  /// being served.
  mutating func activity() -> Int {
    var count = 0
    for delivery in deliveries() { count += 1 + delivery.reads }
    return count
  }

  /// The text, as often as the application has asked for it.
  private mutating func texts() -> [Delivery] {
    deliveries().filter { $0.isContent && $0.target != connection.atoms.secretHint }
  }

  /// What the application itself has asked for after the chord.
  private mutating func deliveries() -> [Delivery] {
    var result: [Delivery] = []
    for delivery in connection.selections.deliveries
    where delivery.serial >= pressed && isTarget(delivery.requestor) {
      result.append(delivery)
    }
    return result
  }

  private mutating func isTarget(_ window: Window) -> Bool {
    if let known = isOfTarget[window] { return known }
    let answer = connection.belongs(window, to: target)
    isOfTarget[window] = answer
    return answer
  }
}

extension Connection {
  /// Whether `window` is one of the application of `target`: of the same connection to the server, or process, if that
  /// is known.
  func belongs(_ window: Window, to target: OutputTarget) -> Bool {
    window == target.focus || isSameClient(window, target.focus)
      || target.processID != nil && processID(of: window) == target.processID
  }

  /// Whether both windows were made over the same connection to the server.
  private func isSameClient(_ first: Window, _ second: Window) -> Bool {
    guard let client = clientID(of: first) else { return false }
    return client == clientID(of: second)
  }

  private func clientID(of window: Window) -> UInt? {
    var spec = XResClientIdSpec(client: window, mask: UInt32(XRES_CLIENT_ID_XID_MASK.rawValue))
    var (count, values): (Int, UnsafeMutablePointer<XResClientIdValue>?) = (0, nil)
    guard XResQueryClientIds(display, 1, &spec, &count, &values) == Success, let values else { return nil }
    defer { XResClientIdsDestroy(count, values) }
    return count > 0 ? values.pointee.spec.client : nil
  }
}
