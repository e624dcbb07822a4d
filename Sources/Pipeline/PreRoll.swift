/// The last moment of what was heard, in memory alone.
struct PreRoll {
  private let frames: Int
  private var samples: [Int16] = []

  /// Keeps the last `frames` frames of mono sound.
  init(frames: Int) {
    self.frames = frames
    samples.reserveCapacity(2 * frames)
  }

  /// Adds `more`, and forgets what is too old.
  mutating func add(_ more: [Int16]) {
    samples += more
    // Not at every piece: moving the rest to the front costs time.
    if samples.count > 2 * frames { samples.removeFirst(samples.count - frames) }
  }

  /// What is kept; nothing is, afterwards.
  mutating func take() -> [Int16] {
    defer { samples = [] }
    return samples.suffix(frames)
  }
}
