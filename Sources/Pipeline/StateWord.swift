public import DictationTypes
import Synchronization

/// The truth about one job's state: one atomic word of a state (low 8 bits) and a generation (the rest), which
/// grows with each transition. There is no second flag beside it.
///
/// Writers use acquiring-and-releasing compare-and-swap, readers an acquiring load: who sees a state sees what was
/// written before it was entered.
public final class StateWord: Sendable {
  /// One reading of the word.
  public struct Snapshot: Sendable, Hashable {
    /// The state.
    public let state: PipelineState
    /// How many transitions led there.
    public let generation: UInt64

    fileprivate var bits: UInt64 { generation << 8 | UInt64(state.rawValue) }

    fileprivate init(state: PipelineState, generation: UInt64) {
      self.state = state
      self.generation = generation
    }

    fileprivate init(bits: UInt64) {
      self.init(state: PipelineState(rawValue: UInt8(bits & 0xff))!, generation: bits >> 8)
    }
  }

  /// A transition that took place.
  public struct Step: Sendable, Hashable {
    /// The word before.
    public let from: Snapshot
    /// The word after.
    public let to: Snapshot
    /// What is next.
    public let action: JobAction
  }

  private let word = Atomic<UInt64>(Snapshot(state: .idle, generation: 0).bits)

  /// A word that says `idle`.
  public init() {}

  /// The word now.
  public var now: Snapshot { Snapshot(bits: word.load(ordering: .acquiring)) }

  /// Applies `input`, as the table says.
  ///
  /// - Parameter expected: the generation the caller has seen. When the job has moved since, it is too late: a
  ///   late answer to a cancelled job changes nothing. Nil: whatever the job's state is.
  /// - Returns: the transition; nil when it is too late, or cannot happen in this state.
  public func apply(_ input: JobInput, expected: UInt64? = nil) -> Step? {
    var seen = now
    while true {
      if let expected, expected != seen.generation { return nil }
      guard let next = StateMachine.next(seen.state, input) else { return nil }
      let to = Snapshot(state: next.state, generation: seen.generation + 1)
      let (exchanged, original) = word.compareExchange(
        expected: seen.bits, desired: to.bits, ordering: .acquiringAndReleasing)
      if exchanged { return Step(from: seen, to: to, action: next.action) }
      seen = Snapshot(bits: original)
    }
  }
}

/// The truth about the microphone: one atomic word of a phase (low 8 bits) and a generation, which grows with each
/// claim. At most one recording holds the slot, and it is free as soon as capture ends.
///
/// The orderings pair as in `StateWord`.
public final class CaptureSlot: Sendable {
  /// What the slot is used for.
  public enum Phase: UInt8, Sendable {
    /// Nobody records.
    case idle
    /// A recording runs, or its microphone is being opened.
    case recording
    /// The recording is being ended: its last frames are on their way.
    case stopping
  }

  private let word = Atomic<UInt64>(0)

  /// A free slot.
  public init() {}

  /// What the slot is used for now.
  public var phase: Phase { Phase(rawValue: UInt8(word.load(ordering: .acquiring) & 0xff))! }

  /// Takes the free slot: the claim's generation, or nil when it is taken.
  public func claim() -> UInt64? {
    let seen = word.load(ordering: .acquiring)
    guard seen & 0xff == UInt64(Phase.idle.rawValue) else { return nil }
    let generation = (seen >> 8) + 1
    return exchange(seen, generation, .recording) ? generation : nil
  }

  /// Begins the end of the recording that made the claim `generation`. False when another one came first.
  public func beginStop(_ generation: UInt64) -> Bool {
    exchange(generation << 8 | UInt64(Phase.recording.rawValue), generation, .stopping)
  }

  /// Frees the slot, which the claim `generation` holds in whatever phase.
  public func free(_ generation: UInt64) {
    for phase in [Phase.recording, .stopping]
    where exchange(generation << 8 | UInt64(phase.rawValue), generation, .idle) { return }
  }

  private func exchange(_ seen: UInt64, _ generation: UInt64, _ phase: Phase) -> Bool {
    word.compareExchange(
      expected: seen, desired: generation << 8 | UInt64(phase.rawValue), ordering: .acquiringAndReleasing
    ).exchanged
  }
}
