import Configuration
import DictationTypes
import Linux
import SpeechRecognition
import TestSupport
import Testing

@testable import Pipeline

/// The order of things, with engines whose answers the test decides.
@Suite struct FailOverTests {
  private let notices = Lock<[EngineNotice]>([])

  /// The answers of engines `a`, `b`, … in this order; each may wait for what the test lets go.
  private func failOver(
    _ engines: Int, hedge: Int? = nil, deadline: UInt64? = nil,
    _ ask: @escaping @Sendable (String, Bool) async throws(DictationError) -> String
  ) -> FailOver {
    let attempts = ["a", "b", "c"].prefix(engines).map { name in
      var engine = EngineConfiguration()
      (engine.name, engine.url, engine.hedge) = (name, "http://\(name)/v1", hedge)
      return EngineAttempt(engine: engine, url: engine.url)
    }
    return FailOver(
      attempts: attempts, deadline: deadline,
      ask: { (attempt, isLast) async throws(DictationError) in
        let text = try await ask(attempt.engine.name, isLast)
        return Transcript(text: text, engine: attempt.engine.name, model: "m")
      },
      notify: { [notices] notice in notices.withLock { $0.append(notice) } })
  }

  private func failure(_ kind: ErrorKind) -> DictationError { DictationError(kind, "it failed by \(kind)") }

  /// Waits until the task is cancelled.
  private func hang() async throws(DictationError) -> String {
    try? await Task.sleep(for: .seconds(3600))
    throw DictationError(.cancelled, "cancelled")
  }

  @Test(arguments: [ErrorKind.network, .timeout, .server, .rateLimit, .auth, .config, .format])
  func theNextEngineIsAskedAtOnce(kind: ErrorKind) async throws {
    let asked = Lock<[String]>([])
    let transcript = try await failOver(3) { (name, isLast) async throws(DictationError) in
      asked.withLock { $0.append("\(name) \(isLast)") }
      if name != "c" { throw self.failure(kind) }
      return "by \(name)"
    }.run()
    #expect(transcript.text == "by c" && transcript.engine == "c")
    // Only the last one may be asked again and again.
    #expect(asked.withLock { $0 } == ["a false", "b false", "c true"])
    #expect(notices.withLock { $0 }.map(\.what) == [.failover, .failover])
    #expect(notices.withLock { $0 }.map(\.engine) == ["b", "c"])
    #expect(notices.withLock { $0 }.first?.reason == "it failed by \(kind)")
  }

  @Test func whenAllFailTheLastFailureNamesTheOthers() async {
    let error = await #expect(throws: DictationError.self) {
      try await failOver(3) { (name, _) async throws(DictationError) -> String in
        throw self.failure(["a": .network, "b": .auth][name] ?? .server)
      }.run()
    }
    #expect(error?.kind == .server)
    #expect(error?.message == "\"a\" (network), \"b\" (auth) failed, and then it failed by server")
  }

  @Test func oneEngineFailsWithItsOwnWords() async {
    await #expect(throws: failure(.network)) {
      try await failOver(1) { (_, _) async throws(DictationError) -> String in throw self.failure(.network) }
        .run()
    }
    #expect(notices.withLock { $0 }.isEmpty)
  }

  @Test func aLateEngineIsHedged() async throws {
    let cancelled = Gate()
    let transcript = try await failOver(2, hedge: 10) { (name, _) async throws(DictationError) in
      if name == "b" { return "by b" }
      do throws(DictationError) { return try await self.hang() } catch {
        cancelled.open()
        throw error
      }
    }.run()
    #expect(transcript.engine == "b")
    #expect(notices.withLock { $0 }.map(\.what) == [.hedge])
    // The other one was told to end.
    await cancelled.wait()
  }

  @Test func aFailureDoesNotWinAgainstALateAnswer() async throws {
    let failed = Gate()
    let transcript = try await failOver(2, hedge: 10) { (name, _) async throws(DictationError) in
      if name == "b" {
        defer { failed.open() }
        throw self.failure(.server)
      }
      await failed.wait()
      return "by a"
    }.run()
    #expect(transcript.text == "by a")
  }

  @Test func whenTheLateOneAndTheOtherFailTheThirdIsAsked() async throws {
    let hedged = Gate()
    let transcript = try await failOver(3, hedge: 10) { (name, _) async throws(DictationError) in
      switch name {
      case "a":
        await hedged.wait()
        throw self.failure(.network)
      case "b":
        hedged.open()
        throw self.failure(.server)
      default: return "by c"
      }
    }.run()
    #expect(transcript.text == "by c")
    #expect(notices.withLock { $0 }.filter { $0.engine == "c" }.count == 1)
  }

  @Test func aQuickAnswerIsNotHedged() async throws {
    let transcript = try await failOver(2, hedge: 3_600_000) { (name, _) async in "by \(name)" }.run()
    #expect(transcript.text == "by a")
    #expect(notices.withLock { $0 }.isEmpty)
  }

  @Test func whatHasFailedIsNotLate() async throws {
    let asked = Lock<[String]>([])
    let transcript = try await failOver(3, hedge: 10) { (name, _) async throws(DictationError) in
      asked.withLock { $0.append(name) }
      if name == "b" { throw self.failure(.server) }
      // Much longer than it takes until "b" would be late.
      try? await Task.sleep(for: .milliseconds(500))
      return "by \(name)"
    }.run()
    #expect(transcript.text == "by a")
    #expect(asked.withLock { $0 } == ["a", "b"])
    #expect(notices.withLock { $0 }.map(\.what) == [.hedge])
  }

  @Test(
    arguments: [
      (1, "the engine \"a\" did not answer in time: try again, or raise engine.a.timeout"),
      (
        2,
        "\"a\" (network) failed, and then the engine \"b\" did not answer in time: try again, or raise engine.b.timeout"
      ),
    ])
  func afterTheDeadlineWhoWasLateIsNamed(engines: Int, message: String) async {
    // Late enough for the first one to have failed before.
    let deadline = monotonicNanoseconds() + (engines == 1 ? 50_000_000 : 2_000_000_000)
    let error = await #expect(throws: DictationError.self) {
      try await failOver(engines, deadline: deadline) { (name, isLast) async throws(DictationError) in
        if !isLast { throw self.failure(.network) }
        return try await self.hang()
      }.run()
    }
    #expect(error?.message == message)
  }

  @Test func afterTheDeadlineNobodyIsAsked() async {
    let error = await #expect(throws: DictationError.self) {
      try await failOver(2, deadline: monotonicNanoseconds()) { (_, _) async in
        Issue.record("it was asked")
        return ""
      }.run()
    }
    #expect(
      error?.message == "the engines \"a\", \"b\" did not answer in time: try again, or raise their timeouts")
  }

  @Test func nothingWaitsBeyondTheDeadline() async {
    let error = await #expect(throws: DictationError.self) {
      try await failOver(2, deadline: monotonicNanoseconds() + 50_000_000) {
        (_, _) async throws(DictationError) in
        try await self.hang()
      }.run()
    }
    #expect(error?.kind == .timeout)
  }

  @Test func cancellationReachesEveryEngine() async {
    let (first, second) = (Gate(), Gate())
    let work = Task {
      try await failOver(3, hedge: 10) { (name, _) async throws(DictationError) in
        if name == "b" { first.open() }
        if name == "c" { second.open() }
        return try await self.hang()
      }.run()
    }
    await first.wait()
    await second.wait()
    work.cancel()
    await #expect(throws: DictationError(.cancelled, "cancelled")) { try await work.value }
  }

  @Test func whatIsKnownToFailIsAskedLast() {
    let attempts = failOver(3) { (name, _) async in name }.attempts
    for (sick, order) in [("", "abc"), ("a", "bca"), ("ac", "bac"), ("abc", "abc")] {
      let asked = FailOver.order(attempts) { !sick.contains($0.engine.name) }
      #expect(asked.map(\.engine.name).joined() == order)
    }
  }

  @Test func theLoadGoesWhereAnAnswerIsExpectedSoonest() {
    var load = EngineLoad()
    var engine = EngineConfiguration()
    engine.urls = ["x", "y", "z"]
    #expect(load.ordered(engine) == engine.urls)
    // One is under way at x: what is not measured counts as the quickest.
    load[engine, "x"].begin()
    #expect(load.ordered(engine) == ["y", "z", "x"])
    load[engine, "x"].end(nil)
    load[engine, "x"].note(milliseconds: 900)
    load[engine, "y"].note(milliseconds: 300)
    #expect(load.ordered(engine) == ["y", "z", "x"])
    for _ in 0..<3 { load[engine, "y"].begin() }
    load[engine, "z"].note(milliseconds: 700)
    #expect(load.ordered(engine) == ["z", "x", "y"])
    #expect(load[engine, "x"].latency == 900 && load[engine, "x"].answers == 1)
    load[engine, "x"].begin()
    load[engine, "x"].end(DictationError(.cancelled, "cancelled"))
    #expect(
      load[engine, "x"].lastFailure == nil && load[engine, "x"].failures == 0
        && load[engine, "x"].inFlight == 0)
    load[engine, "x"].begin()
    load[engine, "x"].end(DictationError(.server, "no"))
    #expect(load[engine, "x"].failures == 1 && load[engine, "x"].lastFailure?.kind == .server)
    // Another model at the same address.
    engine.name = "other"
    #expect(load[engine, "x"].latency == nil)
  }
}
