internal import Linux

/// What the system allowed a capture thread, so that other work and the disk do not hold it up. Where it allows nothing
/// the capture goes on without.
public struct RealTime: Sendable, Hashable {
  /// The real-time priority, 1 to 99; nil when none is allowed.
  public let priority: Int?
  /// How many bytes are locked in memory, of the thread's stack, its buffers and the ring.
  public let lockedBytes: Int
  /// How many bytes those have.
  public let neededBytes: Int

  /// Low among the real-time priorities: whatever else needs one on a desktop goes first.
  private static let wantedPriority = 10

  /// Whether all that the capture thread touches stays in memory.
  public var isMemoryLocked: Bool { lockedBytes == neededBytes }

  /// One line for people: what is allowed, and what to do where it is not.
  public var summary: String {
    var memory = "memory locked"
    if !isMemoryLocked {
      let limit = limitOfLockedMemory >> 10
      memory =
        "\(lockedBytes >> 10) of \(neededBytes >> 10) KiB locked in memory (RLIMIT_MEMLOCK is \(limit) KiB): "
        + "to allow more, " + Self.command("memlock \(2 * neededBytes >> 10)")
    }
    if let priority { return "priority \(priority), \(memory)" }
    return
      "not permitted (RLIMIT_RTPRIO is \(limitOfPriority)), and not needed on a computer that is not busy: "
      + "to allow it, " + Self.command("rtprio \(Self.wantedPriority)") + "; \(memory)"
  }

  private static func command(_ line: String) -> String {
    "`echo \"$USER - \(line)\" | sudo tee -a /etc/security/limits.d/thoth.conf`, then log in again"
  }

  /// Asks for real-time priority for the calling thread, and sums up what was locked of the memory that it touches.
  static func ask(withMemory parts: [(bytes: Int, isLocked: Bool)]) -> RealTime {
    RealTime(
      priority: runInRealTime(priority: wantedPriority),
      lockedBytes: parts.filter(\.isLocked).map(\.bytes).reduce(0, +),
      neededBytes: parts.map(\.bytes).reduce(0, +))
  }
}
