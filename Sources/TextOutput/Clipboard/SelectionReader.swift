import CX11
import DictationTypes
import Linux

/// What a selection held, or why that was not to be had.
enum SelectionSnapshot {
  /// It has no owner.
  case empty
  /// It holds this.
  case content(SelectionContent)
  /// Its owner keeps it to itself, is too slow, or has too much of it: why, as half a sentence.
  case refused(String)
}

/// Reads what another application's selection holds, in every target that can be kept.
///
/// The values arrive on a window of the reader's own. It is destroyed only when nothing is to come any more: for an
/// owner that answers late, a window that is gone is an error, of which many die. What comes after the reader has given
/// up is thrown away as it comes.
final class SelectionReader {
  /// More targets than this are not asked for. Office suites offer about 30.
  private static let mostTargets = 256
  /// What a value that grows begins with.
  private static let nothing = Property(type: 0, format: 8, count: 0, bytes: [])

  let window: Window
  private let selection: Atom
  private let owner: Window
  private let atoms: Atoms
  /// The targets that were asked for and have not been answered in full.
  private var open: Set<Atom> = []
  /// The values that arrive in increments, so far.
  private var growing: [Atom: Property] = [:]
  private var values: [Atom: Property] = [:]
  /// How many bytes may still come; below 0 when there were too many.
  private var room: Int
  private var hasGivenUp = false

  /// A reader of `selection`, with room for `room` bytes.
  init(_ selection: Atom, room: Int, _ connection: Connection) {
    self.selection = selection
    self.room = room
    atoms = connection.atoms
    owner = XGetSelectionOwner(connection.display, selection)
    window = XCreateSimpleWindow(connection.display, connection.root, 0, 0, 1, 1, 0, 0, 0)
    XSelectInput(connection.display, window, PropertyChangeMask)
    Self.dropOrphans(connection)
    connection.readers.append(self)
  }

  /// What the selections hold, in the order of `selections`; the limits are for all of them together.
  static func read(_ selections: [Atom], _ connection: Connection) throws(DictationError)
    -> [SelectionSnapshot]
  {
    let deadline = monotonicNanoseconds() + connection.pasteLimits.snapshotTime
    var room = connection.pasteLimits.snapshotBytes
    var result: [SelectionSnapshot] = []
    for selection in selections {
      if let own = connection.selections.content(of: selection) {
        result.append(.content(own))
        continue
      }
      let reader = SelectionReader(selection, room: room, connection)
      defer { reader.end(connection) }
      result.append(try reader.snapshot(until: deadline, connection))
      room = reader.room
    }
    return result
  }

  /// Asks for all `targets` at once, each to arrive in a property of its own name, and waits for them until `deadline`.
  /// False when they have not all been answered.
  func ask(_ targets: [Atom], until deadline: UInt64, _ connection: Connection) throws(DictationError) -> Bool
  {
    let time = try connection.serverTime()
    open = Set(targets)
    for target in targets {
      XConvertSelection(connection.display, selection, target, target, window, time)
    }
    let now = monotonicNanoseconds()
    try connection.wait(nanoseconds: max(deadline, now) - now) { open.isEmpty || room < 0 }
    return open.isEmpty
  }

  /// Stops. What is still to come is thrown away.
  func end(_ connection: Connection) {
    hasGivenUp = true
    (values, growing) = ([:], growing.mapValues { _ in Self.nothing })
    leaveIfDone(connection)
  }

  /// The text of `selection` and nothing else of it; nil when it has no owner, or the owner gives none.
  static func text(of selection: Atom, _ connection: Connection) throws(DictationError) -> [Unicode.Scalar]? {
    let reader = SelectionReader(selection, room: connection.pasteLimits.snapshotBytes, connection)
    defer { reader.end(connection) }
    let deadline = monotonicNanoseconds() + 500_000_000
    guard try reader.ask([connection.atoms.utf8], until: deadline, connection),
      let bytes = reader.values[connection.atoms.utf8]?.bytes
    else { return nil }
    return Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
  }

  /// Handles an event of ours; others are ignored.
  func handle(_ event: XEvent, on connection: Connection) {
    if event.type == SelectionNotify, event.xselection.requestor == window {
      let target = event.xselection.target
      guard open.contains(target) else { return }
      if event.xselection.property == UInt(None) { open.remove(target) } else { take(target, connection) }
    } else if event.type == PropertyNotify, event.xproperty.window == window,
      event.xproperty.state == PropertyNewValue, growing[event.xproperty.atom] != nil
    {
      takeIncrement(event.xproperty.atom, connection)
    } else {
      return
    }
    if hasGivenUp { leaveIfDone(connection) }
  }

  private func snapshot(until deadline: UInt64, _ connection: Connection) throws(DictationError)
    -> SelectionSnapshot
  {
    guard owner != UInt(None) else { return .empty }
    // It owes us answers from an earlier time.
    let isBusy = connection.readers.contains { $0 !== self && $0.owner == owner && $0.selection == selection }
    guard !isBusy, try ask([atoms.targets], until: deadline, connection) else { return refused(connection) }
    // Before there was a list of targets, there was only text.
    let offered = values.removeValue(forKey: atoms.targets)?.items ?? [atoms.utf8, atoms.string]
    if offered.contains(atoms.secretHint) { return .refused("what the clipboard holds is marked as secret") }
    let targets = offered.filter(isWorthKeeping)
    guard targets.count <= Self.mostTargets else { return .refused("the clipboard holds too many formats") }
    guard try ask(targets, until: deadline, connection), room >= 0 else { return refused(connection) }
    return .content(SelectionContent(targets: targets, values: values))
  }

  private func refused(_ connection: Connection) -> SelectionSnapshot {
    if room < 0 { return .refused("the clipboard holds too much to be given back afterwards") }
    // It has died meanwhile.
    if XGetSelectionOwner(connection.display, selection) == UInt(None) {
      open = []
      return .empty
    }
    return .refused("the program that owns the clipboard does not say in time what it holds")
  }

  /// Not the targets that are requests to the owner, and not the numbers of things that live in the server only.
  private func isWorthKeeping(_ target: Atom) -> Bool {
    let requests = [
      atoms.targets, atoms.timestamp, atoms.multiple, atoms.saveTargets, atoms.deleteRequest,
      atoms.insertProperty, atoms.insertSelection,
    ]
    let resources = [XA_PIXMAP, XA_BITMAP, XA_DRAWABLE, XA_COLORMAP, XA_WINDOW].map { Atom($0) }
    return target != UInt(None) && !requests.contains(target) && !resources.contains(target)
  }

  private func take(_ target: Atom, _ connection: Connection) {
    // Deleting it tells the owner that it was read; for increments, that the first may come.
    let value = nextValue(target, connection)
    if let value, value.type == atoms.incremental {
      // The number is the least that will come.
      if Int(clamping: value.items.first ?? 0) > room { room = -1 }
      growing[target] = Self.nothing
      return
    }
    if let value, !hasGivenUp { values[target] = value }
    open.remove(target)
  }

  private func takeIncrement(_ target: Atom, _ connection: Connection) {
    guard let part = nextValue(target, connection), var whole = growing[target] else { return }
    if part.count == 0 {
      if !hasGivenUp { values[target] = whole }
      growing[target] = nil
      open.remove(target)
      return
    }
    guard !hasGivenUp else { return }
    // Out of the dictionary while it grows, or each part would copy all that came before.
    growing[target] = Self.nothing
    (whole.type, whole.format) = (part.type, part.format)
    whole.count += part.count
    whole.bytes += part.bytes
    growing[target] = whole
  }

  /// The property `target`, which is deleted; nil when it is not there. What there is no room for is cut off.
  private func nextValue(_ target: Atom, _ connection: Connection) -> Property? {
    let value = connection.property(target, of: window, delete: true, limit: hasGivenUp ? 0 : max(room, 0))
    if !hasGivenUp { room -= value?.bytes.count ?? 0 }
    return value
  }

  /// Drops those whose owner is gone: nothing comes any more.
  private static func dropOrphans(_ connection: Connection) {
    var attributes = XWindowAttributes()
    for reader in connection.readers where reader.hasGivenUp {
      guard XGetWindowAttributes(connection.display, reader.owner, &attributes) == 0 else { continue }
      reader.open = []
      reader.leaveIfDone(connection)
    }
  }

  private func leaveIfDone(_ connection: Connection) {
    guard open.isEmpty else { return }
    connection.readers.removeAll { $0 === self }
    XDestroyWindow(connection.display, window)
    XFlush(connection.display)
  }
}
