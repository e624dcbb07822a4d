import DictationTypes
import Testing

@testable import Requests

/// Who goes first, how many go at once, and who makes room.
@Suite struct OrderTests {
  @Test func theMoreUrgentGoesFirst() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2)
    bench.submit(3, "a", .file)
    bench.submit(4, "a", .speech)
    bench.submit(5, "a", .live)
    bench.submit(6, "a", .speculative)
    #expect(bench.paths == ["1", "2"])
    bench.answer(200)
    bench.answer(200)
    #expect(bench.paths == ["5", "6"])
    bench.answer(200)
    bench.answer(200)
    #expect(bench.paths == ["4"])
  }

  @Test func withinAClassTheEarliestDeadlineGoesFirst() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2)
    bench.submit(3, within: 20 * second)
    bench.submit(4, within: 10 * second)
    bench.submit(5, within: 10 * second)
    bench.answer(200)
    bench.answer(200)
    #expect(bench.paths == ["4", "5"])
    bench.answer(200)
    #expect(bench.paths == ["5", "3"])
  }

  @Test func noMoreGoThanTheLimitsAllow() {
    var bench = Bench()
    for caller in 1...4 { bench.submit(UInt64(caller)) }
    #expect(bench.paths == ["1", "2"])
    for caller in 5...8 { bench.submit(UInt64(caller), "b") }
    #expect(bench.paths == ["1", "2", "5"])
  }

  @Test func aHostThatDoesNotAnswerKeepsNoneFromOthers() {
    var bench = Bench()
    for caller in 1...10 { bench.submit(UInt64(caller)) }
    bench.submit(11, "b", within: 60 * second)
    #expect(bench.paths == ["1", "2", "11"])
  }

  @Test func aFileLeavesAPermitForALiveRequest() {
    var bench = Bench()
    bench.submit(1, "a", .file)
    bench.submit(2, "a", .file)
    bench.submit(3, "b", .preset)
    bench.submit(4, "c", .speech)
    #expect(bench.paths == ["1", "3"])
    bench.submit(5)
    #expect(bench.paths == ["1", "3", "5"])
  }

  @Test func whereOnlyOneMayGoAFileMayToo() {
    var limits = RequestLimits()
    limits.perHost = 1
    limits.total = 1
    var bench = Bench(limits)
    bench.submit(1, "a", .file)
    #expect(bench.paths == ["1"])
  }

  @Test func anArchiveTakesEveryPermitAndGivesItBack() {
    var bench = Bench()
    for caller in 1...3 as ClosedRange<UInt64> { bench.submit(caller, "a", .archive) }
    bench.submit(4, "b", .archive)
    bench.submit(5, "c", .archive)
    // None of the whole is taken, however many hosts there are.
    #expect(bench.paths == ["1", "2", "4", "5"])
    bench.submit(6)
    #expect(bench.paths == ["1", "4", "5", "6"])
    bench.submit(7, "a", .speculative)
    #expect(bench.paths == ["4", "5", "6", "7"])
    #expect(bench.aborted.count == 2 && bench.ended.isEmpty)
    bench.answer(200, path: "6")
    bench.answer(200, path: "7")
    #expect(bench.paths == ["4", "5", "1", "2"])
  }

  @Test func whatIsTranscribedOnceMoreGoesBeforeAnArchive() {
    var bench = Bench()
    for caller in 1...3 as ClosedRange<UInt64> { bench.submit(caller, "a", .archive) }
    bench.submit(4, "a", .file)
    bench.submit(5, "a", .file)
    // The last permit stays for what is live, as far as files of one's own are concerned.
    #expect(bench.paths == ["1", "4"])
  }

  @Test func anArchiveMayHaveMoreOfAHost() {
    var bench = Bench()
    for caller in 1...6 as ClosedRange<UInt64> { bench.submit(caller, "a", .archive, share: 4) }
    #expect(bench.paths == ["1", "2", "3", "4"])
    bench.submit(7)
    #expect(bench.paths == ["1", "2", "3", "7"])
  }

  @Test func aSpeculativeTransferGivesWayAndComesBack() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2, "a", .speculative)
    bench.submit(3)
    #expect(bench.paths == ["1", "3"])
    #expect(bench.aborted.count == 1 && bench.ended.isEmpty)
    bench.answer(200)
    #expect(bench.paths == ["3", "2"])
    bench.answer(200, path: "2")
    #expect(bench.status(2) == 200)
  }

  @Test func aSpeculativeTransferToAnotherHostGivesWayForTheLimitOfAll() {
    var bench = Bench()
    bench.submit(1, "b", .speculative)
    bench.submit(2, "c")
    bench.submit(3, "d")
    bench.submit(4, "a")
    #expect(bench.paths == ["2", "3", "4"])
    // Its going would not help a request to a host that is full itself.
    var full = Bench()
    full.submit(1, "b", .speculative)
    full.submit(2)
    full.submit(3)
    full.submit(4)
    #expect(full.paths == ["1", "2", "3"])
  }

  @Test func whatWaitsForLongRises() {
    var bench = Bench()
    bench.submit(1, "a", .speech, within: 300 * second)
    bench.submit(2, "a", .file, within: 300 * second)
    // Speech without end: a new one is there whenever one ends.
    var caller: UInt64 = 3
    while !bench.paths.contains("2") && caller < 100 {
      bench.submit(caller, "a", .speech, within: 5 * second)
      caller += 1
      bench.pass(second)
      bench.answer(200)
    }
    #expect(bench.paths.contains("2"))
    #expect(bench.now <= 1000 * second + 2 * RequestQueue.patience + 2 * second)
  }

  @Test func nothingRisesAboveALiveRequest() {
    var bench = Bench()
    bench.submit(1)
    bench.submit(2)
    bench.submit(3, "a", .file, within: 300 * second)
    bench.pass(25 * second)
    bench.submit(4, within: 200 * second)
    bench.answer(200)
    #expect(bench.paths == ["2", "4"])
  }

  @Test func theLeastUrgentMakesRoom() {
    var limits = RequestLimits()
    limits.waiting = 3
    var bench = Bench(limits)
    bench.submit(1)
    bench.submit(2)
    bench.submit(3, "a", .file, within: 10 * second)
    bench.submit(4, "a", .file, within: 20 * second)
    bench.submit(5, "a", .speech)
    bench.submit(6)
    #expect(bench.kind(4) == .rateLimit)
    bench.submit(7, "a", .file, within: 15 * second)
    #expect(bench.kind(7) == .rateLimit && bench.kind(3) == nil)
    #expect(bench.scheduler.queue.count == 3)
  }
}
