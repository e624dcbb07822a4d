/// Which device is tried when, until one gives frames: all in their order, again and again, with pauses between the
/// rounds that double.
struct DeviceSearch {
  private let candidates: [String]
  /// In nanoseconds of CLOCK_MONOTONIC; nil: never.
  private let deadline: UInt64?
  private let longestPause: Int
  private var tries = 0

  private static let firstPause = 50

  /// A search among `devices`, the best first. The first round is always made; after `deadline` there is no other.
  init(_ devices: [String], until deadline: UInt64?, longestPause: Int) {
    candidates = devices.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    self.deadline = deadline
    self.longestPause = longestPause
  }

  /// The next device, and how many milliseconds to wait before it; nil when it is time to give up.
  mutating func next(now: UInt64) -> (device: String, pause: Int)? {
    let (round, index) = tries.quotientAndRemainder(dividingBy: candidates.count)
    tries += 1
    guard round > 0 else { return (candidates[index], 0) }
    let pause = index > 0 ? 0 : min(longestPause, Self.firstPause << min(round - 1, 16))
    if let deadline, now + UInt64(pause) * 1_000_000 > deadline { return nil }
    return (candidates[index], pause)
  }
}
