import DictationTypes
import Testing

@testable import Requests

/// The circuit breaker of a host.
@Suite struct BreakerTests {
  /// A bench whose host `a` has failed as often as opens the breaker.
  private func broken(_ failure: (inout Bench) -> Void = { $0.fail(.network) }) -> Bench {
    var bench = Bench()
    for caller in 1...5 {
      bench.submit(UInt64(caller), retries: 0)
      failure(&bench)
    }
    return bench
  }

  @Test func fiveFailuresInARowOpenIt() {
    let bench = broken()
    #expect(bench.host().breaker == .open)
    #expect(bench.host().closedForMs == 1000)
    #expect(bench.notices.map(\.what) == [.breakerOpen])
    #expect(!bench.scheduler.isAvailable("http://a", at: bench.now))
    #expect(bench.scheduler.isAvailable("http://b", at: bench.now))
  }

  @Test func serverErrorsOpenItAndOtherStatusesDoNot() {
    #expect(broken { $0.answer(500) }.host().breaker == .open)
    #expect(broken { $0.answer(429) }.host().breaker == .closed)
    #expect(broken { $0.answer(401) }.host().breaker == .closed)
  }

  @Test func aSuccessBetweenStartsTheCountAnew() {
    var bench = Bench()
    for caller in 1...20 {
      bench.submit(UInt64(caller), retries: 0)
      if caller % 5 == 0 { bench.answer(200) } else { bench.answer(500) }
    }
    #expect(bench.host().breaker == .closed)
  }

  @Test func stallsOpenItUnlessTheyHadNoTime() {
    var bench = Bench()
    for caller in 1...5 {
      bench.submit(UInt64(caller), within: 2 * second)
      bench.pass(2 * second)
    }
    #expect(bench.host().breaker == .open)
    var hurried = Bench()
    for caller in 1...5 {
      hurried.submit(UInt64(caller), within: 100 * ms)
      hurried.pass(100 * ms)
    }
    #expect(hurried.host().breaker == .closed)
  }

  @Test func whatMayNotProbeIsRefusedAtOnce() {
    var bench = broken()
    bench.submit(6, "a", .file)
    guard case .failure(let error) = bench.ended[6]?.result else { return #expect(Bool(false)) }
    #expect(error.kind == .network && error.retryable)
    #expect(error.message == "http://a failed 5 times in a row and is left alone for 1 s: try again then")
    #expect(bench.going.isEmpty)
  }

  @Test func aLiveRequestProbesAtOnceAndTheOthersWaitForIt() {
    var bench = broken()
    bench.submit(6)
    bench.submit(7)
    #expect(bench.paths == ["6"] && bench.host().breaker == .halfOpen)
    bench.answer(200)
    #expect(bench.host().breaker == .closed && bench.paths == ["7"])
    #expect(bench.notices.last?.what == .breakerClosed)
  }

  @Test func afterTheCoolDownAnythingProbes() {
    var bench = broken()
    bench.pass(second)
    #expect(bench.scheduler.isAvailable("http://a", at: bench.now))
    bench.submit(6, "a", .file)
    bench.submit(7, "a", .file)
    #expect(bench.paths == ["6"])
    bench.answer(500)
    #expect(bench.host().breaker == .open && bench.host().closedForMs == 2000)
    // Its own answer for the one, a refusal for the other.
    #expect(bench.status(6) == 500 && bench.kind(7) == .network)
  }

  @Test func theCoolDownDoublesUpToThirtySeconds() {
    var bench = broken()
    var coolDowns: [Int] = []
    for caller in 6...13 {
      bench.submit(UInt64(caller), retries: 0)
      bench.fail(.network)
      coolDowns.append(bench.host().closedForMs!)
    }
    #expect(coolDowns == [2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000])
    bench.submit(14)
    bench.answer(200)
    for caller in 15...19 {
      bench.submit(UInt64(caller), retries: 0)
      bench.fail(.network)
    }
    #expect(bench.host().closedForMs == 1000)
  }

  @Test func aProbeThatIsCancelledLeavesTheNextOneToProbe() {
    var bench = broken()
    bench.submit(6)
    bench.submit(7)
    bench.cancel(6)
    #expect(bench.paths == ["7"])
  }

  @Test func whoWaitsForAProbeThatGivesWayGoesInTheSameStep() {
    var bench = broken()
    bench.pass(second)
    bench.submit(10, "b", .speculative)
    bench.submit(11, "a", .speculative)
    bench.submit(12, "c")
    bench.submit(13, "a", within: 10 * second)
    #expect(bench.paths == ["10", "11", "12"] && bench.host().breaker == .halfOpen)
    // It takes the probe's permit; the one before it in the queue need not wait for a probe then, and takes the other.
    bench.submit(14, "d", within: 20 * second)
    #expect(bench.paths == ["12", "14", "13"] && bench.host().breaker == .halfOpen)
    bench.answer(200, path: "13")
    #expect(bench.host().breaker == .closed && bench.paths == ["12", "14", "10"])
  }

  @Test func whatWaitsWhenItOpensIsRefused() {
    var bench = Bench()
    for caller in 1...5 { bench.submit(UInt64(caller), retries: 0) }
    for caller in 6...8 { bench.submit(UInt64(caller), "a", .speech) }
    for _ in 1...5 { bench.fail(.network) }
    #expect(bench.going.isEmpty)
    #expect((6...8).allSatisfy { bench.kind($0) == .network })
  }

  @Test func otherHostsGoOn() {
    var bench = broken()
    bench.submit(6, "b", .file)
    #expect(bench.paths == ["6"])
  }
}
