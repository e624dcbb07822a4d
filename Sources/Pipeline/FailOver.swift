import Configuration
import DictationTypes
import Linux
import SpeechRecognition

/// An engine at one of its addresses.
struct EngineAttempt: Sendable, Hashable {
  let engine: EngineConfiguration
  let url: String
}

/// Asks one place after the other until one answers: the next one when the one before has failed, or is late and its
/// engine is to be hedged. The first answer is taken, and what is still on its way is cancelled.
struct FailOver: Sendable {
  /// The places, in the order in which they are asked; at least one.
  let attempts: [EngineAttempt]
  /// When no answer is of use any more, in nanoseconds of CLOCK_MONOTONIC; nil: whenever it comes.
  let deadline: UInt64?
  /// Asks one of them. The last one may be asked again and again: nothing is behind it.
  let ask: @Sendable (EngineAttempt, _ isLast: Bool) async throws(DictationError) -> Transcript
  /// Gets what readers of events should know.
  let notify: @Sendable (EngineNotice) -> Void

  private enum Happening: Sendable {
    case answered(Transcript)
    case failed(Int, DictationError)
    /// The attempt of this number has had its time before the next one is asked too.
    case late(Int)
    case expired
    case nothing
  }

  /// `attempts` with those first that are healthy: what is known to fail is asked last, rather than never.
  static func order(_ attempts: [EngineAttempt], isHealthy: (EngineAttempt) -> Bool) -> [EngineAttempt] {
    let health = attempts.map(isHealthy)
    let (healthy, rest) = (zip(attempts, health).filter(\.1), zip(attempts, health).filter { !$0.1 })
    return (healthy + rest).map(\.0)
  }

  /// - Throws: the failure of the last one, with the names of those before it; kind `timeout` after the deadline, with
  ///   the names of those that had not answered.
  func run() async throws(DictationError) -> Transcript {
    if let deadline, deadline <= monotonicNanoseconds(), !Task.isCancelled { throw failure(attempts.indices) }
    let result = await withTaskGroup(of: Happening.self) { group in
      defer { group.cancelAll() }
      if let deadline { group.addTask { await isPast(deadline) ? .expired : .nothing } }
      var failures: [(name: String, error: DictationError)] = []
      var begun = begin(0, in: &group)
      var running: Set = [0]
      while let happening = await group.next() {
        switch happening {
        case .answered(let transcript): return Result<_, DictationError>.success(transcript)
        case .nothing: continue
        case .expired:
          let late = running.sorted()
          return .failure(summary(failures + [(attempts[late[0]].engine.name, failure(late))]))
        case .late(let number):
          guard running.contains(number), number == begun - 1, begun < attempts.count else { continue }
          tell(.hedge, begun, because: "\"\(attempts[number].engine.name)\" has not answered yet")
        case .failed(let number, let error):
          failures.append((attempts[number].engine.name, error))
          running.remove(number)
          guard error.kind != .cancelled, !running.isEmpty || begun < attempts.count else {
            return .failure(summary(failures))
          }
          if !running.isEmpty { continue }
          tell(.failover, begun, because: error.message)
        }
        running.insert(begun)
        begun = begin(begun, in: &group)
      }
      return .failure(summary(failures))
    }
    return try result.get()
  }

  /// Asks the attempt of this number; the number of the next one.
  private func begin(_ number: Int, in group: inout TaskGroup<Happening>) -> Int {
    let attempt = attempts[number]
    let isLast = number == attempts.count - 1
    group.addTask { [ask] in
      do throws(DictationError) {
        return .answered(try await ask(attempt, isLast))
      } catch {
        return .failed(number, error)
      }
    }
    if let hedge = attempt.engine.hedge, !isLast {
      group.addTask {
        (try? await Task.sleep(for: .milliseconds(hedge))) == nil ? .nothing : .late(number)
      }
    }
    return number + 1
  }

  private func tell(_ what: EngineNotice.What, _ number: Int, because reason: String) {
    notify(EngineNotice(what, engine: attempts[number].engine.name, reason: reason))
  }

  /// What is said when the deadline has come before the attempts of these numbers have ended.
  private func failure(_ numbers: some Sequence<Int>) -> DictationError {
    var names: [String] = []
    for name in numbers.map({ attempts[$0].engine.name }) where !names.contains(name) { names.append(name) }
    let (who, timeout) =
      names.count == 1
      ? ("the engine \"\(names[0])\"", "engine.\(names[0]).timeout")
      : ("the engines " + names.map { "\"\($0)\"" }.joined(separator: ", "), "their timeouts")
    return DictationError(
      .timeout, "\(who) did not answer in time: try again, or raise \(timeout)", retryable: true)
  }

  /// The last failure, and who failed before.
  private func summary(_ failures: [(name: String, error: DictationError)]) -> DictationError {
    guard let last = failures.last else { return failure(attempts.indices) }
    let before = failures.dropLast().map { "\"\($0.name)\" (\($0.error.kind.rawValue))" }
    guard !before.isEmpty, last.error.kind != .cancelled else { return last.error }
    return DictationError(
      last.error.kind, "\(before.joined(separator: ", ")) failed, and then \(last.error.message)",
      retryable: failures.contains { $0.error.retryable })
  }
}

/// Waits until `deadline`, in nanoseconds of CLOCK_MONOTONIC. False when the task was cancelled first.
private func isPast(_ deadline: UInt64) async -> Bool {
  let now = monotonicNanoseconds()
  let rest = deadline > now ? Int64(clamping: deadline - now) : 0
  return (try? await Task.sleep(for: .nanoseconds(rest))) != nil
}
