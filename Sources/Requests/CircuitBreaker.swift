/// Keeps requests from a host that does not work, as an electric breaker does: five failures in a row open it, and
/// after a cool-down one request, the probe, finds out whether to close it
/// (Nygard, Release It!, 2nd edition, "Circuit Breaker"; learn.microsoft.com/azure/architecture/patterns/circuit-breaker).
struct CircuitBreaker {
  enum State: Equatable {
    case closed
    /// Nothing is sent until then, in nanoseconds.
    case open(until: UInt64)
    /// The probe is on its way.
    case halfOpen
  }

  /// What a request is to do.
  enum Admission: Equatable {
    case go
    /// Go, and decide for the others.
    case probe
    /// Another request is the probe: its outcome decides.
    case wait
    /// The host is not asked before that time, in nanoseconds.
    case refuse(until: UInt64)
  }

  /// Failures in a row that open it.
  static let threshold = 5
  /// The first cool-down, in nanoseconds. Each probe that fails doubles it.
  static let firstCoolDown: UInt64 = 1_000_000_000
  /// The longest cool-down, in nanoseconds.
  static let longestCoolDown: UInt64 = 30_000_000_000

  private(set) var state = State.closed
  private var failures = 0
  private var coolDown = Self.firstCoolDown

  /// Whether a request may go at `now`. One that `mayProbe` need not wait for the end of the cool-down.
  func admission(at now: UInt64, mayProbe: Bool) -> Admission {
    switch state {
    case .closed: .go
    case .halfOpen: .wait
    case .open(let end): mayProbe || now >= end ? .probe : .refuse(until: end)
    }
  }

  /// The probe has been sent.
  mutating func beginProbe() { state = .halfOpen }

  /// The probe was taken back before it could tell: the next one may go at once.
  mutating func abandonProbe(at now: UInt64) { state = .open(until: now) }

  /// The host answered. True when that closes the breaker.
  mutating func succeeded() -> Bool {
    defer { self = CircuitBreaker() }
    return state != .closed
  }

  /// The host failed. True when that opens the breaker.
  mutating func failed(isProbe: Bool, at now: UInt64) -> Bool {
    failures += 1
    switch state {
    case .closed where failures >= Self.threshold: break
    case .halfOpen where isProbe: coolDown = min(coolDown * 2, Self.longestCoolDown)
    default: return false
    }
    state = .open(until: now + coolDown)
    return true
  }
}
