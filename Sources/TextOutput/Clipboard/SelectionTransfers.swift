import CX11

/// What somebody asked for and was given.
struct Delivery {
  let requestor: Window
  let property: Atom
  let target: Atom
  /// The number of our last request that the server had carried out when it was asked for.
  let serial: UInt
  /// Whether it is content; else it tells about the content, as the list of targets does.
  var isContent = false
  /// Whether it goes in increments: then it is with the requestor only when all of it has been fetched.
  var isIncremental = false
  /// How often the requestor has read some of it.
  var reads = 0
  /// Whether the requestor has fetched it.
  var isFetched = false
}

/// The values on their way to requestors, each of which deletes what it has read
/// (Inter-Client Communication Conventions Manual, sections 2.4 and 2.7.2).
struct SelectionTransfers {
  private struct Transfer {
    let requestor: Window
    let property: Atom
    let value: Property
    /// The bytes that have been sent, when the value goes in increments; nil when it went at once.
    var sent: Int?
  }

  private var transfers: [Transfer] = []
  /// What was asked for, while that is recorded: since the paste chord was pressed.
  var deliveries: [Delivery]?

  /// Puts `value` on the requestor's window as `property`. False when that window is gone.
  mutating func begin(
    _ value: Property, as property: Atom, _ target: Atom, for request: XSelectionRequestEvent,
    _ connection: Connection
  ) -> Bool {
    let requestor = request.requestor
    XSelectInput(connection.display, requestor, PropertyChangeMask | StructureNotifyMask)
    // Whether a window that is destroyed was destroyed before or after, there is an event or an answer that says so.
    var attributes = XWindowAttributes()
    guard XGetWindowAttributes(connection.display, requestor, &attributes) != 0 else { return false }
    // What never deletes what it has read asks again for the same property.
    transfers.removeAll { $0.requestor == requestor && $0.property == property }
    let isIncremental = value.bytes.count > connection.increment
    transfers.append(
      Transfer(requestor: requestor, property: property, value: value, sent: isIncremental ? 0 : nil))
    note(property, target, request, isContent: true, isIncremental: isIncremental)
    let first =
      isIncremental ? Property([UInt(value.bytes.count)], type: connection.atoms.incremental) : value
    connection.setProperty(property, of: requestor, to: first)
    return true
  }

  /// Goes on with what `requestor` has just read.
  mutating func wasRead(_ property: Atom, by requestor: Window, _ connection: Connection) {
    guard let index = transfers.firstIndex(where: { $0.requestor == requestor && $0.property == property })
    else { return }
    let isMore = Self.sendIncrement(&transfers[index], connection)
    if let delivery = deliveries?.lastIndex(where: { $0.requestor == requestor && $0.property == property }) {
      deliveries?[delivery].reads += 1
      deliveries?[delivery].isFetched = !isMore
    }
    if isMore { return }
    transfers.remove(at: index)
    if !transfers.contains(where: { $0.requestor == requestor }) {
      XSelectInput(connection.display, requestor, NoEventMask)
      XFlush(connection.display)
    }
  }

  /// Records what was asked for, if that is wanted.
  mutating func note(
    _ property: Atom, _ target: Atom, _ request: XSelectionRequestEvent, isContent: Bool = false,
    isIncremental: Bool = false
  ) {
    deliveries?.append(
      Delivery(
        requestor: request.requestor, property: property, target: target, serial: request.serial,
        isContent: isContent, isIncremental: isIncremental))
  }

  /// Forgets what goes to `requestor`, which is gone.
  mutating func drop(_ requestor: Window) { transfers.removeAll { $0.requestor == requestor } }

  /// Sends the next increment; an empty one says that this was all. False when there is nothing left to send.
  private static func sendIncrement(_ transfer: inout Transfer, _ connection: Connection) -> Bool {
    guard let sent = transfer.sent else { return false }
    let bytes = Array(transfer.value.bytes[sent...].prefix(connection.increment))
    let size = transfer.value.bytes.count / max(transfer.value.count, 1)
    let part = Property(
      type: transfer.value.type, format: transfer.value.format, count: bytes.count / size, bytes: bytes)
    connection.setProperty(transfer.property, of: transfer.requestor, to: part)
    XFlush(connection.display)
    transfer.sent = bytes.isEmpty ? nil : sent + bytes.count
    return true
  }
}

extension Connection {
  /// The most bytes of a selection that go at once; a multiple of the size of every item.
  fileprivate var increment: Int {
    let units = max(XExtendedMaxRequestSize(display), XMaxRequestSize(display))
    return min(256 * 1024, units * 4 / 2) / 8 * 8
  }
}
