import DictationTypes
import Testing

@testable import Requests

/// Deadlines, cancellation, and requests that are the same.
@Suite struct EndingTests {
  @Test func whatWaitsEndsAtItsDeadline() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2)
    bench.submit(3, within: 2 * second)
    let start = bench.now
    bench.pass(10 * second)
    #expect(bench.kind(3) == .timeout)
    #expect(bench.ended[3]?.time == start + 2 * second)
  }

  @Test func whatIsOnItsWayEndsAtItsDeadline() {
    var bench = Bench()
    bench.submit(1, within: 2 * second)
    let start = bench.now
    bench.pass(10 * second)
    #expect(bench.kind(1) == .timeout && bench.ended[1]?.time == start + 2 * second)
    #expect(bench.going.isEmpty && bench.aborted.count == 1)
  }

  @Test func aTimeOutTellsWhetherTheServerHadTheTime() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2, within: 5 * second)
    bench.submit(3, within: 2 * second)
    bench.submit(4, within: 4 * second)
    bench.pass(3 * second)
    bench.answer(200, path: "1")
    #expect(bench.paths == ["2", "4"])
    bench.pass(2 * second)
    #expect([2, 3, 4].map { bench.kind($0) } == [.timeout, .timeout, .timeout])
    #expect([2, 3, 4].map { bench.error($0)?.hadToWait } == [false, true, true])
  }

  @Test func aDeadlineThatHasPassedSendsNothing() {
    var bench = Bench()
    bench.submit(1, within: 0)
    #expect(bench.kind(1) == .timeout && bench.aborted.isEmpty && bench.going.isEmpty)
  }

  @Test func nothingIsWaitedForWhenNothingIsPending() {
    var bench = Bench()
    bench.submit(1)
    bench.answer(200)
    #expect(bench.scheduler.nextTime == nil)
  }

  @Test func cancellingEndsWhatWaitsPausesOrGoes() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2)
    bench.submit(3)
    bench.cancel(3)
    #expect(bench.kind(3) == .cancelled && bench.aborted.isEmpty)
    bench.answer(503, path: "2")
    bench.cancel(2)
    #expect(bench.kind(2) == .cancelled && bench.aborted.isEmpty)
    bench.cancel(1)
    #expect(bench.kind(1) == .cancelled && bench.aborted.count == 1)
    #expect(bench.scheduler.requests.isEmpty && bench.scheduler.queue.count == 0)
  }

  @Test func aPermitIsFreeOnceItsTransferIsAborted() {
    var bench = Bench()
    for caller in 1...3 { bench.submit(UInt64(caller)) }
    bench.cancel(1)
    #expect(bench.paths == ["2", "3"])
  }

  @Test func identicalRequestsShareATransfer() {
    var bench = Bench()
    bench.submit(1, path: "same")
    bench.submit(2, path: "same")
    bench.submit(3, path: "other")
    #expect(bench.paths == ["same", "other"])
    bench.answer(200, path: "same")
    #expect(bench.status(1) == 200 && bench.status(2) == 200)
    #expect(bench.scheduler.status(at: bench.now).joined == 1)
    // What has ended is not joined.
    bench.submit(4, path: "same")
    #expect(bench.paths == ["other", "same"])
  }

  @Test func aTransferEndsWithTheLastWhoWaitsForIt() {
    var bench = Bench()
    bench.submit(1, path: "same")
    bench.submit(2, path: "same")
    bench.cancel(1)
    #expect(bench.kind(1) == .cancelled && bench.aborted.isEmpty)
    bench.cancel(2)
    #expect(bench.aborted.count == 1)
  }

  @Test func theMorePatientWaiterDecidesAndEachEndsAtItsOwnDeadline() {
    var bench = Bench()
    bench.submit(1, within: 2 * second, path: "same")
    bench.submit(2, within: 5 * second, path: "same")
    bench.pass(3 * second)
    #expect(bench.kind(1) == .timeout && bench.aborted.isEmpty)
    bench.answer(200)
    #expect(bench.status(2) == 200)
  }

  @Test func theMoreUrgentWaiterDecides() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2)
    bench.submit(3, "a", .speech)
    bench.submit(4, "a", .file, path: "same")
    bench.submit(5, "a", .live, path: "same")
    bench.answer(200)
    #expect(bench.paths == ["2", "same"])
    // And no longer when it has gone.
    var other = Bench()
    other.submit(1)
    other.submit(2)
    other.submit(3, "a", .speech)
    other.submit(4, "a", .file, path: "same")
    other.submit(5, "a", .live, path: "same")
    other.cancel(5)
    other.answer(200)
    other.answer(200)
    #expect(other.paths == ["3"])
  }

  @Test func whatTheServerCouldTellApartIsNotIdentical() {
    var request = HTTPRequest(url: "http://a/", timeout: 1)
    request.parts = [FormPart("a", "b")]
    var changes: [HTTPRequest] = Array(repeating: request, count: 5)
    changes[0].url = "http://a/b"
    changes[1].headers = ["Authorization: Bearer other"]
    changes[2].parts = [FormPart("a", "c")]
    changes[3].parts.append(FormPart("language", "de"))
    changes[4].socketPath = "/run/a"
    for change in changes { #expect(!change.isIdentical(to: request) && change.digest != request.digest) }
    var slower = request
    slower.timeout = 2
    #expect(slower.isIdentical(to: request) && slower.digest == request.digest)
  }

  @Test func shuttingDownEndsEverything() {
    var bench = Bench()
    for caller in 1...5 { bench.submit(UInt64(caller)) }
    bench.answer(503)
    bench.scheduler.shutDown()
    bench.carryOut()
    #expect((1...5).allSatisfy { bench.kind(UInt64($0)) == .cancelled })
    #expect(bench.going.isEmpty && bench.scheduler.nextTime == nil)
  }
}
