import DictationTypes
import TestSupport
import Testing

@testable import Requests

/// Hundreds of requests of all kinds against hosts that misbehave, with a clock that is moved: what must hold whatever
/// happens, does hold after every single step.
@Suite struct SimulationTests {
  @Test(arguments: 1...40)
  func whateverHappensTheRulesHold(seed: UInt64) {
    var random = SplitMix(seed: seed)
    var bench = Bench(seed: seed)
    var deadlines: [UInt64: UInt64] = [:]
    var priorities: [String: RequestPriority] = [:]
    let hosts = ["a", "b", "c", "d"]
    for caller in 1...300 as ClosedRange<UInt64> {
      let priority = RequestPriority.allCases.randomElement(using: &random)!
      let within = UInt64.random(in: 0...20, using: &random) * second
      let path = Bool.random(using: &random) ? "shared\(caller % 7)-\(priority)" : "\(caller)"
      deadlines[caller] = bench.now + within
      priorities[path] = priority
      bench.submit(
        caller, hosts.randomElement(using: &random)!, priority, within: within,
        retries: Int.random(in: 0...3, using: &random), path: path)
      check(bench, priorities)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        happen(&bench, upTo: caller, &random)
        check(bench, priorities)
      }
    }
    bench.pass(30 * second)
    #expect(bench.ended.count == 300)
    for (caller, ending) in bench.ended { #expect(ending.time <= deadlines[caller]!) }
    #expect(bench.going.isEmpty && bench.scheduler.requests.isEmpty && bench.scheduler.queue.count == 0)
    #expect(bench.scheduler.transfers.isEmpty && bench.scheduler.nextTime == nil)
  }

  /// One thing that may happen. Host `d` hardly ever works.
  private func happen(_ bench: inout Bench, upTo caller: UInt64, _ random: inout SplitMix) {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: bench.cancel(UInt64.random(in: 1...caller, using: &random))
    case 1...4: bench.pass(UInt64.random(in: 0...2000, using: &random) * ms)
    default:
      guard let (_, request) = bench.going.randomElement(using: &random) else { return }
      let path = String(request.url.split(separator: "/").last!)
      let isBad =
        request.host.hasSuffix("d") ? Int.random(in: 0..<10, using: &random) > 0 : Bool.random(using: &random)
      guard isBad else { return bench.answer(200, path: path) }
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bench.fail(.network, path: path)
      case 1: bench.fail(.network, retryable: false, path: path)
      case 2: bench.answer([400, 401, 413].randomElement(using: &random)!, path: path)
      default:
        bench.answer(
          [429, 500, 503].randomElement(using: &random)!, path: path,
          retryAfter: UInt64.random(in: 0...3, using: &random) * second)
      }
    }
  }

  private func check(_ bench: Bench, _ priorities: [String: RequestPriority]) {
    let scheduler = bench.scheduler
    let going = scheduler.requests.values.filter { $0.current != nil }
    #expect(going.count { !$0.isArchive } <= scheduler.limits.total && going.count == bench.going.count)
    #expect(Set(going.compactMap { $0.current?.transfer }) == Set(bench.going.map(\.id)))
    #expect(scheduler.queue.count <= scheduler.limits.waiting)
    #expect(scheduler.queue.count + going.count == scheduler.requests.count)
    let background = going.filter(\.isBackground)
    #expect(background.count < scheduler.limits.total)
    for (host, here) in Dictionary(grouping: going, by: \.host) {
      #expect(here.count <= scheduler.limits.perHost)
      #expect(here.count(where: \.isBackground) < scheduler.limits.perHost)
      if scheduler.hosts[host]?.breaker.state == .halfOpen {
        #expect(here.count { $0.current!.isProbe } == 1)
      }
    }
    let keys = scheduler.queue.entries.map(\.key)
    #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 })
    for entry in scheduler.queue.entries where entry.notBefore <= bench.now {
      let request = scheduler.requests[entry.id]!
      if request.priority == .live { expectBlockedByItsLike(request, going, scheduler, bench.now) }
    }
  }

  /// A live request that waits does so for others that are live, for the one background transfer that its host may
  /// have, for a probe, or for what its host has asked for; never for one that gives way, nor with a permit free.
  private func expectBlockedByItsLike(
    _ request: PendingRequest, _ going: [PendingRequest], _ scheduler: RequestScheduler, _ now: UInt64
  ) {
    let host = scheduler.hosts[request.host]!
    if host.notBefore > now { return #expect(request.deadline > host.notBefore) }
    if host.breaker.admission(at: now, mayProbe: true) == .wait { return }
    let going = going.filter { !$0.isArchive }
    let here = going.filter { $0.host == request.host }
    let blockers = here.count >= scheduler.limits.perHost ? here : going
    let limit = here.count >= scheduler.limits.perHost ? scheduler.limits.perHost : scheduler.limits.total
    #expect(blockers.count == limit)
    #expect(blockers.contains { $0.priority == .live })
    #expect(!blockers.contains { $0.priority == .speculative })
  }
}
