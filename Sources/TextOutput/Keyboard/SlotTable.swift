/// Which characters the spare keycodes carry. Each has a slot on every level: plain, with Shift, with AltGr, with both.
struct SlotTable: Equatable {
  /// How many levels a keycode has at most.
  static let maximumLevels = 4

  /// One level of one spare keycode.
  struct Slot: Equatable {
    let keycode: UInt8
    /// From 0.
    let level: Int
    /// What it carries; nil when it is free.
    var scalar: Unicode.Scalar?
    /// The number of the batch that used it last; 0 for never.
    var lastUse = 0
  }

  /// What a batch changes.
  struct Assignment: Equatable {
    /// The keycodes whose symbols change, in no particular order.
    var keycodes: Set<UInt8> = []
    /// Whether a slot is reused: a window that has not worked off its events would read the new character.
    var overwrites = false
  }

  private(set) var slots: [Slot]
  private var batch = 0

  /// A table of `keycodes` with `levels` each; `carried` are the characters that are still on some of them, by keycode
  /// and level.
  init(keycodes: [UInt8], levels: Int, carried: [UInt8: [Unicode.Scalar?]] = [:]) {
    // Plain levels first: they need no modifier between two characters.
    slots = (0..<levels).flatMap { level in
      keycodes.map { keycode in
        Slot(keycode: keycode, level: level, scalar: carried[keycode].flatMap { $0[level] })
      }
    }
  }

  /// How many characters it can carry at once.
  var capacity: Int { slots.count }

  /// How many more characters it can carry.
  var free: Int { slots.count { $0.scalar == nil } }

  /// Whether no keycode carries anything.
  var isEmpty: Bool { slots.allSatisfy { $0.scalar == nil } }

  /// The slot that carries `scalar`.
  func slot(of scalar: Unicode.Scalar) -> Slot? { slots.first { $0.scalar == scalar } }

  /// What the levels of `keycode` carry.
  func scalars(on keycode: UInt8) -> [Unicode.Scalar?] {
    slots.filter { $0.keycode == keycode }.sorted { $0.level < $1.level }.map(\.scalar)
  }

  /// The keycodes that carry something.
  var usedKeycodes: Set<UInt8> { Set(slots.filter { $0.scalar != nil }.map(\.keycode)) }

  /// Gives each of `wanted` (distinct, at most `capacity`) a slot: its own, a free one, or the least recently used.
  mutating func assign(_ wanted: [Unicode.Scalar]) -> Assignment {
    precondition(wanted.count <= capacity)
    batch += 1
    var result = Assignment()
    let missing = wanted.filter { scalar in
      guard let index = slots.firstIndex(where: { $0.scalar == scalar }) else { return true }
      slots[index].lastUse = batch
      return false
    }
    for scalar in missing {
      let index = slots.firstIndex { $0.scalar == nil } ?? leastRecentlyUsed
      if slots[index].scalar != nil { result.overwrites = true }
      slots[index].scalar = scalar
      slots[index].lastUse = batch
      result.keycodes.insert(slots[index].keycode)
    }
    return result
  }

  /// Frees all slots; the keycodes that carried something.
  mutating func clear() -> Set<UInt8> {
    defer { for index in slots.indices { slots[index].scalar = nil } }
    return usedKeycodes
  }

  private var leastRecentlyUsed: Int {
    slots.indices.min { slots[$0].lastUse < slots[$1].lastUse } ?? 0
  }
}
