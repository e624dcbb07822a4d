import CX11
import DictationTypes

/// Types text into a window, key by key.
struct Typist {
  /// How many characters are sent before the focus is looked at and the window is waited for. With all their modifiers
  /// they fit into libX11's buffer of 16 KiB, so that the server gets them in one piece, with no key left down.
  static let chunk = 32

  private let connection: Connection
  private let target: OutputTarget
  private var map: KeyboardMap
  /// How often the keyboard map had changed when `map` was taken.
  private var mapVersion: Int
  /// Whether a key was sent.
  private var hasBegun = false
  private let state: KeyboardState
  private var barrier: PingBarrier
  private var group: UInt8 = 0
  private var heldModifiers: UInt8 = 0

  /// Types `text` into `target`, which has the focus, and leaves keyboard and map as found. Why it was refused before
  /// the first key, when the keyboard cannot carry the text; nil when it was typed.
  static func type(
    _ text: [Unicode.Scalar], into target: OutputTarget, _ connection: Connection
  ) throws(DictationError) -> DictationError? {
    let map = try connection.keyboard()
    if let refusal = refusal(map.unmappedCount(of: text), map, target, connection) { return refusal }
    let state = try KeyboardState(preparing: connection, map)
    defer { state.restore() }
    var typist = Typist(connection, target, map, state)
    defer { typist.end() }
    do throws(DictationError) {
      try typist.typeAll(text[...])
      return nil
    } catch {
      if connection.refusesKeys, !typist.hasBegun { return error }
      throw error
    }
  }

  /// Why not, when the spare keycodes are too few for `unmapped` different characters: in a window that does not tell
  /// when it has worked off its events, none of them can be used twice.
  private static func refusal(
    _ unmapped: Int, _ map: KeyboardMap, _ target: OutputTarget, _ connection: Connection
  ) -> DictationError? {
    let capacity = map.slots.capacity
    if unmapped > 0, capacity == 0 {
      return DictationError(
        .output, "the keyboard map has no free keycode for characters outside the layout; use --output paste")
    }
    if unmapped > capacity, !PingBarrier.isSupported(by: target.topLevel, connection) {
      return DictationError(
        .output,
        "of \(unmapped) different characters outside the layout, only \(capacity) can be typed into "
          + "\(target.label), since it does not tell when it has read them; use --output paste")
    }
    return nil
  }

  private init(_ connection: Connection, _ target: OutputTarget, _ map: KeyboardMap, _ state: KeyboardState) {
    self.connection = connection
    self.target = target
    self.map = map
    mapVersion = connection.mapVersion
    self.state = state
    barrier = PingBarrier(target.topLevel, connection)
  }

  private mutating func typeAll(_ text: ArraySlice<Unicode.Scalar>) throws(DictationError) {
    var rest = text
    while !rest.isEmpty {
      let (batch, unmapped) = nextBatch(of: rest)
      try bind(unmapped)
      var left = batch
      while !left.isEmpty {
        if try takeOtherMap() { break }
        try typeChunk(left.prefix(Self.chunk), isLast: left.count <= Self.chunk)
        left = left.dropFirst(Self.chunk)
      }
      rest = rest[left.startIndex...]
    }
    _ = try takeOtherMap()
    try giveKeysBack()
  }

  /// Whether somebody has changed the keyboard map, which is then taken anew: another layout was chosen, or a keyboard
  /// came. What was bound may be gone.
  private mutating func takeOtherMap() throws(DictationError) -> Bool {
    connection.handlePending()
    guard connection.mapVersion != mapVersion else { return false }
    map = try connection.keyboard()
    mapVersion = connection.mapVersion
    return true
  }

  /// The longest start of `text` whose unmapped characters have room in the slots at once, and those characters.
  private func nextBatch(
    of text: ArraySlice<Unicode.Scalar>
  ) -> (ArraySlice<Unicode.Scalar>, [Unicode.Scalar]) {
    var unmapped: [Unicode.Scalar] = []
    var seen: Set<Unicode.Scalar> = []
    for (index, scalar) in zip(text.indices, text) where !map.isMapped(scalar) && !seen.contains(scalar) {
      if unmapped.count == map.slots.capacity { return (text[..<index], unmapped) }
      seen.insert(scalar)
      unmapped.append(scalar)
    }
    return (text, unmapped)
  }

  /// Puts `scalars` on the keyboard, and waits until the window has seen that.
  private mutating func bind(_ scalars: [Unicode.Scalar]) throws(DictationError) {
    // What was typed into a window that does not tell what it has read may have to be read still.
    if !barrier.isSupported, map.slots.free < scalars.count { try connection.awaitReturnOfKeys(map) }
    let assignment = map.slots.assign(scalars)
    guard !assignment.keycodes.isEmpty else { return }
    // A window that still has keys to work off would read the new character for the old key.
    if assignment.overwrites { try barrier.require() }
    try SpareKeys.bind(assignment.keycodes, of: map, connection)
    _ = try barrier.wait()
    // That change was ours.
    mapVersion = connection.mapVersion
  }

  private mutating func typeChunk(_ text: ArraySlice<Unicode.Scalar>, isLast: Bool) throws(DictationError) {
    guard connection.hasFocus(target) else {
      try connection.checkJob()
      throw DictationError(.output, "the focus moved to another window while the text was typed")
    }
    if try connection.isKeyboardTaken() {
      throw DictationError(.output, "\(Connection.keyboardIsTaken), while the text was typed")
    }
    group = try state.settle()
    XFlush(connection.display)
    hasBegun = true
    for scalar in text { press(scalar) }
    hold(0)
    XSync(connection.display, False)
    try connection.checkJob()
    if !isLast { _ = try barrier.waitIfSupported() }
    connection.cancellation?.noteProgress()
  }

  private mutating func press(_ scalar: Unicode.Scalar) {
    guard let stroke = map.stroke(for: scalar, group: group) else { return }
    if let needed = stroke.group, needed != group {
      hold(0)
      state.lock(group: needed)
      group = needed
    }
    hold(stroke.modifiers)
    send(stroke.keycode, isDown: true)
    send(stroke.keycode, isDown: false)
  }

  /// Holds exactly `modifiers`.
  private mutating func hold(_ modifiers: UInt8) {
    for bit in 0..<8 where (heldModifiers ^ modifiers) & (1 << bit) != 0 {
      send(map.modifierKeys[bit], isDown: modifiers & (1 << bit) != 0)
    }
    heldModifiers = modifiers
  }

  private func send(_ keycode: UInt8, isDown: Bool) {
    XTestFakeKeyEvent(connection.display, UInt32(keycode), isDown ? True : False, 0)
  }

  /// Gives the spare keys back when the window has told that it needs them no more, and else after a while.
  private mutating func giveKeysBack() throws(DictationError) {
    guard !map.slots.isEmpty else { return }
    if try barrier.waitIfSupported() == .answered {
      try SpareKeys.giveBack(map, connection)
      connection.returnKeysAt = nil
    } else {
      connection.returnKeysLater(after: barrier)
    }
  }

  private mutating func end() {
    hold(0)
    barrier.end()
    if !map.slots.isEmpty, connection.returnKeysAt == nil { connection.returnKeysLater(after: barrier) }
  }
}
