import CX11
import DictationTypes

/// Owns selections (the clipboard, the primary selection) and answers those who ask for them, as the
/// Inter-Client Communication Conventions Manual, chapter 2, lays down.
final class SelectionOwner {
  /// A value that was put on a requestor's window, who deletes it after reading.
  private struct Transfer {
    let requestor: Window
    let property: Atom
    let value: Property
    /// The bytes that have been sent, when the value goes in increments; nil when it went at once.
    var sent: Int?
  }

  /// A value that somebody asked for.
  struct Delivery {
    let requestor: Window
    let property: Atom
    /// Whether the requestor has read it.
    var isFetched = false
  }

  private var contents: [Atom: SelectionContent] = [:]
  private var times: [Atom: Time] = [:]
  private var transfers: [Transfer] = []
  /// The values that were asked for since this was emptied.
  var deliveries: [Delivery] = []
  /// How many requests and readings there were: it stands still when nobody is being served.
  private(set) var activity = 0

  /// What we hold of `selection`; nil when somebody else owns it.
  func content(of selection: Atom) -> SelectionContent? { contents[selection] }

  /// Takes `selection` from whoever has it.
  func own(_ selection: Atom, _ content: SelectionContent, _ connection: Connection) throws(DictationError) {
    let time = try connection.serverTime()
    contents[selection] = content
    times[selection] = time
    XSetSelectionOwner(connection.display, selection, connection.window, time)
    guard XGetSelectionOwner(connection.display, selection) == connection.window else {
      contents[selection] = nil
      try connection.checkJob()
      throw DictationError(.output, "another program does not let go of the clipboard; try thoth last --copy")
    }
  }

  /// Leaves `selection` without an owner.
  func release(_ selection: Atom, _ connection: Connection) {
    contents[selection] = nil
    XSetSelectionOwner(connection.display, selection, UInt(None), times[selection] ?? UInt(CurrentTime))
    XFlush(connection.display)
  }

  /// Handles an event that is about selections; others are ignored.
  func handle(_ event: XEvent, on connection: Connection) {
    switch event.type {
    case SelectionRequest:
      activity += 1
      answer(event.xselectionrequest, connection)
    case SelectionClear:
      contents[event.xselectionclear.selection] = nil
    case PropertyNotify where event.xproperty.state == PropertyDelete:
      wasRead(event.xproperty.atom, of: event.xproperty.window, connection)
    case DestroyNotify:
      transfers.removeAll { $0.requestor == event.xdestroywindow.window }
    default:
      break
    }
  }

  private func answer(_ request: XSelectionRequestEvent, _ connection: Connection) {
    // Clients of long ago leave the property to the owner.
    let property = request.property == UInt(None) ? request.target : request.property
    var isDone = false
    if let content = contents[request.selection] {
      isDone =
        request.target == connection.atoms.multiple
        ? putAll(property, request, content, connection)
        : put(request.target, as: property, request, content, connection)
    }
    var reply = XEvent()
    reply.xselection.type = SelectionNotify
    reply.xselection.requestor = request.requestor
    reply.xselection.selection = request.selection
    reply.xselection.target = request.target
    reply.xselection.property = isDone ? property : UInt(None)
    reply.xselection.time = request.time
    XSendEvent(connection.display, request.requestor, False, NoEventMask, &reply)
    XFlush(connection.display)
  }

  /// Answers a request for several targets at once: pairs of target and property.
  private func putAll(
    _ list: Atom, _ request: XSelectionRequestEvent, _ content: SelectionContent, _ connection: Connection
  ) -> Bool {
    guard var pairs = connection.property(list, of: request.requestor)?.items else { return false }
    for start in stride(from: 0, to: pairs.count - 1, by: 2)
    where !put(pairs[start], as: pairs[start + 1], request, content, connection) {
      pairs[start + 1] = UInt(None)
    }
    connection.setProperty(list, of: request.requestor, to: Property(pairs, type: connection.atoms.atomPair))
    return true
  }

  private func put(
    _ target: Atom, as property: Atom, _ request: XSelectionRequestEvent, _ content: SelectionContent,
    _ connection: Connection
  ) -> Bool {
    let atoms = connection.atoms
    if target == atoms.targets {
      let list = [atoms.targets, atoms.timestamp, atoms.multiple] + content.values.keys.sorted()
      connection.setProperty(property, of: request.requestor, to: Property(list, type: atoms.atom))
    } else if target == atoms.timestamp {
      let time = Property([times[request.selection] ?? 0], type: atoms.integer)
      connection.setProperty(property, of: request.requestor, to: time)
    } else if let value = content.values[target] {
      begin(Transfer(requestor: request.requestor, property: property, value: value), connection)
    } else {
      return false
    }
    return true
  }

  private func begin(_ transfer: Transfer, _ connection: Connection) {
    var transfer = transfer
    XSelectInput(connection.display, transfer.requestor, PropertyChangeMask | StructureNotifyMask)
    var first = transfer.value
    if first.bytes.count > connection.increment {
      transfer.sent = 0
      first = Property([UInt(first.bytes.count)], type: connection.atoms.incremental)
    }
    connection.setProperty(transfer.property, of: transfer.requestor, to: first)
    transfers.append(transfer)
    deliveries.append(Delivery(requestor: transfer.requestor, property: transfer.property))
  }

  private func wasRead(_ property: Atom, of requestor: Window, _ connection: Connection) {
    guard let index = transfers.firstIndex(where: { $0.requestor == requestor && $0.property == property })
    else { return }
    activity += 1
    if sendIncrement(&transfers[index], connection) { return }
    transfers.remove(at: index)
    if let delivery = deliveries.lastIndex(where: { $0.requestor == requestor && $0.property == property }) {
      deliveries[delivery].isFetched = true
    }
    if !transfers.contains(where: { $0.requestor == requestor }) {
      XSelectInput(connection.display, requestor, NoEventMask)
    }
  }

  /// Sends the next increment; an empty one says that this was all. False when there is nothing left to send.
  private func sendIncrement(_ transfer: inout Transfer, _ connection: Connection) -> Bool {
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
