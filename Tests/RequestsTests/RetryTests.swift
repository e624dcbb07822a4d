import DictationTypes
import TestSupport
import Testing

@testable import Requests

/// What is tried again, and when.
@Suite struct RetryTests {
  @Test(arguments: [408, 429, 500, 502, 503, 504])
  func aStatusThatMayPassIsTriedAgain(status: Int) {
    var bench = Bench()
    bench.submit(1)
    bench.answer(status)
    #expect(bench.ended.isEmpty)
    bench.pass(RetryPolicy.base)
    #expect(bench.paths == ["1"])
    bench.answer(200)
    #expect(bench.status(1) == 200)
    #expect(bench.notices.first?.what == .retry && bench.notices.first?.attempt == 2)
  }

  @Test(arguments: [200, 204, 301, 400, 401, 403, 404, 413, 415, 422, 501, 505])
  func anyOtherStatusIsTheAnswer(status: Int) {
    var bench = Bench()
    bench.submit(1)
    bench.answer(status)
    #expect(bench.status(1) == status)
  }

  @Test func aFailureIsTriedAgainOnlyIfThatMayHelp() {
    var bench = Bench()
    bench.submit(1)
    bench.fail(.network)
    #expect(bench.ended.isEmpty)
    bench.pass(second)
    bench.fail(.network, retryable: false)
    #expect(bench.kind(1) == .network)
  }

  @Test func theLastTryDecides() {
    var bench = Bench()
    bench.submit(1, retries: 2)
    for _ in 1...3 {
      bench.answer(503)
      bench.pass(5 * second)
    }
    #expect(bench.status(1) == 503)
    #expect(bench.host().requests == 3 && bench.host().retries == 2 && bench.host().failures == 3)
  }

  @Test func noRetriesMeansOneTry() {
    var bench = Bench()
    bench.submit(1, retries: 0)
    bench.fail(.timeout)
    #expect(bench.kind(1) == .timeout)
  }

  @Test func pausesGrowAreRandomAndBounded() {
    var random: any RandomNumberGenerator = SplitMix(seed: 7)
    let outcome = TransferOutcome(result: .failure(DictationError(.network, "", retryable: true)))
    for tries in [1, 2, 3, 6, 7, 60] {
      let ceiling = min(RetryPolicy.cap, RetryPolicy.base << UInt64(min(tries - 1, 16)))
      let pauses = (1...500).map { _ in RetryPolicy.pause(after: tries, outcome, using: &random) }
      #expect(pauses.allSatisfy { $0 <= ceiling })
      // Full jitter: from nothing to all of it, and half of it on average.
      #expect(pauses.min()! < ceiling / 10 && pauses.max()! > ceiling / 10 * 9)
      let mean = Double(pauses.reduce(0, +)) / 500
      #expect(abs(mean / Double(ceiling) - 0.5) < 0.06)
    }
  }

  @Test func theServersOwnPauseIsKept() {
    var bench = Bench()
    bench.submit(1)
    bench.answer(429, retryAfter: 7 * second)
    bench.pass(7 * second - 1)
    #expect(bench.going.isEmpty)
    bench.pass(1)
    #expect(bench.paths == ["1"])
  }

  @Test(arguments: [429, 503])
  func aHostThatAskedToBeLeftAloneIs(status: Int) {
    var bench = Bench()
    bench.submit(1, retries: 0)
    bench.answer(status, retryAfter: 7 * second)
    bench.submit(2)
    bench.submit(3, "b")
    #expect(bench.status(1) == status && bench.paths == ["3"] && bench.host().queued == 1)
    #expect(!bench.scheduler.isAvailable("http://a", at: bench.now))
    bench.pass(7 * second - 1)
    #expect(bench.paths == ["3"])
    bench.pass(1)
    #expect(bench.paths == ["3", "2"] && bench.scheduler.isAvailable("http://a", at: bench.now))
  }

  @Test func whatCannotWaitUntilThenEndsAtOnce() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2, retries: 0)
    bench.submit(3, within: 6 * second)
    bench.submit(4, within: 8 * second)
    bench.answer(429, path: "2", retryAfter: 7 * second)
    #expect(bench.kind(3) == .rateLimit && bench.kind(4) == nil)
    bench.pass(second)
    bench.submit(5, within: 2 * second)
    #expect(
      bench.error(5)
        == DictationError(
          .rateLimit, "http://a asks for fewer requests, and for none within 6 s: try again then",
          retryable: true))
    // What is on its way goes on.
    #expect(bench.paths == ["1"] && bench.aborted.isEmpty)
    bench.answer(500, path: "1")
    #expect(bench.host().queued == 2)
    bench.pass(6 * second)
    #expect(Set(bench.paths) == ["1", "4"])
  }

  /// Something that changes nothing may happen between the end of a pause, the host's or a request's own, and the call
  /// that is for it.
  @Test(arguments: zip([429, 500], [0, 1]))
  func whatIsOverdueIsNotForgotten(status: Int, retries: Int) {
    var bench = Bench()
    bench.submit(1, retries: retries)
    bench.answer(status, retryAfter: 3 * second)
    bench.submit(2)
    bench.now += 4 * second
    bench.cancel(99)
    #expect(bench.scheduler.nextTime! <= bench.now)
  }

  @Test func onlyThoseTwoStatusesSpeakForTheHost() {
    var bench = Bench()
    bench.submit(1, retries: 0)
    bench.answer(500, retryAfter: 7 * second)
    bench.submit(2)
    #expect(bench.paths == ["2"])
  }

  @Test func aPauseThatWouldEndTooLateIsNotBegun() {
    var bench = Bench()
    bench.submit(1, within: 5 * second)
    bench.answer(429, retryAfter: 7 * second)
    #expect(bench.status(1) == 429)
  }

  @Test func aPauseHoldsNoPermit() {
    var bench = Bench()
    for caller in 1...4 { bench.submit(UInt64(caller)) }
    bench.answer(503)
    bench.answer(503)
    #expect(bench.paths == ["3", "4"])
    #expect(bench.host().queued == 2)
  }

  @Test func theDeadlineCountsPausesToo() {
    var bench = Bench()
    bench.submit(1, within: 5 * second)
    bench.answer(503, retryAfter: 3 * second)
    bench.pass(3 * second)
    #expect(bench.paths == ["1"])
    bench.pass(3 * second)
    #expect(bench.kind(1) == .timeout)
  }
}
