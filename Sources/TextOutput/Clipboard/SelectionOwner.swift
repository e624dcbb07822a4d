import CX11
import DictationTypes

/// Owns selections (the clipboard, the primary selection) and answers those who ask for them, as the
/// Inter-Client Communication Conventions Manual, chapter 2, lays down.
final class SelectionOwner {
  private struct Holding {
    var content: SelectionContent
    /// When it became ours, in the server's time.
    let time: Time

    /// Whether it was ours at `time`, or that is not told (`CurrentTime`). The server's time is 32 bits of
    /// milliseconds and begins anew after 49.7 days.
    func isOlder(than time: Time) -> Bool {
      time == UInt(CurrentTime) || Int32(truncatingIfNeeded: Int(time) - Int(self.time)) >= 0
    }
  }

  private var holdings: [Atom: Holding] = [:]
  private var transfers = SelectionTransfers()

  /// What was asked for since it is recorded.
  var deliveries: [Delivery] { transfers.deliveries ?? [] }

  /// Records what is asked for from now on, if it is not done already; or ends it, and forgets what was.
  func record(_ isOn: Bool) { transfers.deliveries = isOn ? deliveries : nil }

  /// What we hold of `selection`; nil when somebody else owns it.
  func content(of selection: Atom) -> SelectionContent? { holdings[selection]?.content }

  /// Takes `selection` from whoever has it.
  func own(_ selection: Atom, _ content: SelectionContent, _ connection: Connection) throws(DictationError) {
    let time = try connection.serverTime()
    holdings[selection] = Holding(content: content, time: time)
    XSetSelectionOwner(connection.display, selection, connection.window, time)
    guard XGetSelectionOwner(connection.display, selection) == connection.window else {
      holdings[selection] = nil
      try connection.checkJob()
      throw DictationError(.output, "another program does not let go of the clipboard; try thoth last --copy")
    }
  }

  /// Holds `content` instead of what we hold of `selection`; nil leaves it without an owner. Does nothing when somebody
  /// else owns it.
  ///
  /// The change is stamped with the time at which the selection became ours. Whoever has taken it since then, or takes
  /// it for a key that was pressed since then, has a later one, and the server refuses the earlier: a copy that we have
  /// not heard of yet is neither overwritten nor refused.
  func replace(_ selection: Atom, with content: SelectionContent?, _ connection: Connection) {
    guard let time = holdings[selection]?.time else { return }
    holdings[selection] = content.map { Holding(content: $0, time: time) }
    let owner = content == nil ? UInt(None) : connection.window
    XSetSelectionOwner(connection.display, selection, owner, time)
    XFlush(connection.display)
  }

  /// Handles an event that is about selections; others are ignored.
  func handle(_ event: XEvent, on connection: Connection) {
    switch event.type {
    case SelectionRequest:
      answer(event.xselectionrequest, connection)
    case SelectionClear:
      let selection = event.xselectionclear.selection
      // It may be ours again already.
      if XGetSelectionOwner(connection.display, selection) != connection.window { holdings[selection] = nil }
    case PropertyNotify where event.xproperty.state == PropertyDelete:
      transfers.wasRead(event.xproperty.atom, by: event.xproperty.window, connection)
    case DestroyNotify:
      transfers.drop(event.xdestroywindow.window)
    default:
      break
    }
  }

  private func answer(_ request: XSelectionRequestEvent, _ connection: Connection) {
    // Clients of long ago leave the property to the owner. For several targets it lists them, and has to be there.
    let isObsolete = request.property == UInt(None)
    let property = isObsolete ? request.target : request.property
    var isDone = false
    if let holding = holdings[request.selection], holding.isOlder(than: request.time) {
      if request.target != connection.atoms.multiple {
        isDone = put(request.target, as: property, request, holding, connection)
      } else if !isObsolete {
        isDone = putAll(property, request, holding, connection)
      }
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
    _ list: Atom, _ request: XSelectionRequestEvent, _ holding: Holding, _ connection: Connection
  ) -> Bool {
    guard var pairs = connection.property(list, of: request.requestor)?.items else { return false }
    for start in stride(from: 0, to: pairs.count - 1, by: 2) {
      let (target, property) = (pairs[start], pairs[start + 1])
      let isPossible = property != UInt(None) && target != connection.atoms.multiple
      if !isPossible || !put(target, as: property, request, holding, connection) {
        pairs[start + 1] = UInt(None)
      }
    }
    connection.setProperty(list, of: request.requestor, to: Property(pairs, type: connection.atoms.atomPair))
    return true
  }

  private func put(
    _ target: Atom, as property: Atom, _ request: XSelectionRequestEvent, _ holding: Holding,
    _ connection: Connection
  ) -> Bool {
    let atoms = connection.atoms
    let reply: Property
    switch target {
    case atoms.targets:
      let list =
        [atoms.targets, atoms.timestamp, atoms.multiple, atoms.saveTargets] + holding.content.targets
      reply = Property(list, type: atoms.atom)
    case atoms.timestamp:
      reply = Property([holding.time], type: atoms.integer)
    case atoms.saveTargets:
      // A request to do something, which is answered with nothing: a clipboard manager is welcome to save.
      reply = Property(type: atoms.null, format: 32, count: 0, bytes: [])
    default:
      guard let value = holding.content[target] else { return false }
      return transfers.begin(value, as: property, target, for: request, connection)
    }
    transfers.note(property, target, request)
    connection.setProperty(property, of: request.requestor, to: reply)
    return true
  }
}
