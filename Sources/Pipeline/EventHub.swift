public import DictationTypes
import Linux

/// An event with what every event carries.
public struct EventRecord: Sendable {
  /// The id of the daemon's run.
  public let boot: String
  /// Its number within the run, from 1; nil when it is not counted.
  public let sequence: UInt64?
  /// When it happened, in milliseconds since 1970.
  public let unixMilliseconds: UInt64
  /// The job it is about.
  public let job: JobID?
  /// What happened.
  public let event: Event

  init(boot: String, sequence: UInt64?, unixMilliseconds: UInt64, job: JobID?, event: Event) {
    self.boot = boot
    self.sequence = sequence
    self.unixMilliseconds = unixMilliseconds
    self.job = job
    self.event = event
  }

  /// An event for one follower alone, which is not counted: it has the number of another one, or none.
  public init(
    boot: String, at unixMilliseconds: UInt64, sequence: UInt64? = nil, job: JobID? = nil, _ event: Event
  ) {
    self.init(boot: boot, sequence: sequence, unixMilliseconds: unixMilliseconds, job: job, event: event)
  }
}

/// Hands events to whoever follows them, in the order of their numbers.
public final class EventHub: Sendable {
  /// The id of this run.
  public let boot: String
  private let state = Lock(State())

  private struct State {
    var sequence: UInt64 = 0
    var lastFollower = 0
    var followers: [Int: Follower] = [:]
  }

  private struct Follower: Sendable {
    let wantsLevels: Bool
    let receive: @Sendable (EventRecord) -> Void
  }

  /// A hub for the run `boot`.
  public init(boot: String) { self.boot = boot }

  /// Calls `receive` with each event from now on, from whatever thread; it must only put it aside.
  ///
  /// - Returns: what `unfollow` takes.
  public func follow(levels: Bool, _ receive: @escaping @Sendable (EventRecord) -> Void) -> Int {
    state.withLock { state in
      state.lastFollower += 1
      state.followers[state.lastFollower] = Follower(wantsLevels: levels, receive: receive)
      return state.lastFollower
    }
  }

  /// Ends what `follow` began.
  public func unfollow(_ id: Int) { state.withLock { $0.followers[id] = nil } }

  /// Whether anybody wants levels.
  public var hasLevelFollowers: Bool { state.withLock { $0.followers.values.contains(where: \.wantsLevels) } }

  /// Tells the followers.
  public func publish(_ event: Event, job: JobID? = nil) {
    state.withLock { state in
      var sequence: UInt64?
      let isLevel = event.type == "level"
      if !isLevel {
        state.sequence += 1
        sequence = state.sequence
      }
      let record = EventRecord(
        boot: boot, sequence: sequence, unixMilliseconds: unixMilliseconds(), job: job, event: event)
      for follower in state.followers.values where !isLevel || follower.wantsLevels {
        follower.receive(record)
      }
    }
  }
}
