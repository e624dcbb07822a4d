import Configuration
public import DictationTypes
import Linux
import Requests

/// What has been seen of the requests to one address since the daemon's start.
public struct AddressFigures: Sendable {
  /// The address, as configured, without what may be a password.
  public let url: String
  /// How many it has answered.
  public internal(set) var answers = 0
  /// How many have failed.
  public internal(set) var failures = 0
  /// Why the last one failed; nil when it was answered.
  public internal(set) var lastFailure: DictationError?
  /// How many are on their way.
  public internal(set) var inFlight = 0
  /// When it was asked last, in nanoseconds of CLOCK_MONOTONIC; nil: never.
  var lastUse: UInt64?
  /// How long the last answers took, in milliseconds.
  private var latencies: [Int] = []

  /// How many answers count.
  private static let memory = 20

  init(_ url: String) { self.url = withoutUser(url) }

  /// The median time of its last answers, from the request to the text, in milliseconds; nil: it has not answered yet.
  public var latency: Int? { latencies.isEmpty ? nil : latencies.sorted()[latencies.count / 2] }

  mutating func begin() {
    inFlight += 1
    lastUse = monotonicNanoseconds()
  }

  mutating func end(_ failure: DictationError?) {
    inFlight -= 1
    // Who was cancelled has told nothing about the engine.
    if failure?.kind == .cancelled { return }
    lastFailure = failure
    if failure != nil { failures += 1 } else { answers += 1 }
  }

  mutating func note(milliseconds: Int) { latencies = latencies.suffix(Self.memory - 1) + [milliseconds] }
}

/// The requests to all engines.
struct EngineLoad {
  /// By the engine's name and its address: two engines may be models at one address.
  private var figures: [[String]: AddressFigures] = [:]

  subscript(_ engine: EngineConfiguration, _ url: String) -> AddressFigures {
    get { figures[[engine.name, url]] ?? AddressFigures(url) }
    set { figures[[engine.name, url]] = newValue }
  }

  subscript(_ attempt: EngineAttempt) -> AddressFigures {
    get { self[attempt.engine, attempt.url] }
    set { self[attempt.engine, attempt.url] = newValue }
  }

  /// The addresses of `engine` in the order in which they are to be asked: first where an answer is expected soonest,
  /// which is after the requests that are on their way there and one more, at its usual latency. What has not been
  /// measured counts as the quickest of the others.
  func ordered(_ engine: EngineConfiguration) -> [String] {
    let seen = engine.urls.map { self[engine, $0] }
    let quickest = seen.compactMap(\.latency).min() ?? 1
    let expected = seen.enumerated().map { index, figures in
      (wait: (figures.inFlight + 1) * max(1, figures.latency ?? quickest), index: index)
    }
    return expected.sorted { ($0.wait, $0.index) < ($1.wait, $1.index) }.map { engine.urls[$0.index] }
  }
}
