import DictationTypes
import Linux
import TestSupport
import Testing

@testable import Requests

@Suite struct StressTests {
  /// What is sent, and what may come of it.
  private struct Case {
    let mode: String
    let isRight: @Sendable (Result<HTTPResponse, DictationError>) -> Bool
  }

  private let cases: [Case] = [
    Case(mode: "ok") { $0.status == 200 },
    Case(mode: "echo") { $0.text?.contains("model=m") == true },
    Case(mode: "401") { $0.status == 401 },
    Case(mode: "413") { $0.status == 413 },
    Case(mode: "500x50") { [200, 500].contains($0.status) },
    // All others wait meanwhile.
    Case(mode: "429-after-1x5") { [200, 429].contains($0.status) },
    Case(mode: "close") { $0.error?.kind == .network },
    Case(mode: "hang-up") { $0.error?.kind == .network },
    // The server may have asked for a second of rest, which is all that these have.
    Case(mode: "never") { [.timeout, .cancelled, .rateLimit].contains($0.error?.kind) },
  ]

  /// Two hundred requests with mixed faults on three hosts: each ends once, as it should. All may probe, so that which
  /// of them a breaker refuses does not depend on the order in which they end.
  @Test func twoHundredRequestsEndRightly() async throws {
    let servers = try (1...3).map { _ in try FaultServer() }
    var limits = RequestLimits()
    limits.waiting = 250
    let manager = RequestManager(limits)
    defer { manager.shutDown() }
    await withTaskGroup(of: (Int, String?).self) { group in
      for number in 0..<200 {
        let one = cases[number % cases.count]
        let server = servers[number % 3]
        group.addTask {
          var wanted = order(RequestPriority.allCases[number % 5], retries: number % 3)
          wanted.mayProbe = true
          if one.mode == "never" { wanted.deadline = monotonicNanoseconds() + 1_000_000_000 }
          let request = upload(server, one.mode, bytes: number + 1)
          let asking = Task { [wanted] in await outcome(manager, request, wanted) }
          if one.mode == "never" && number % 2 == 0 { asking.cancel() }
          let result = await asking.value
          return (number, one.isRight(result) ? nil : "\(one.mode) ended with \(result)")
        }
      }
      var ended: Set<Int> = []
      for await (number, complaint) in group {
        ended.insert(number)
        #expect(complaint == nil)
      }
      #expect(ended.count == 200)
    }
    let status = manager.status
    #expect(status.queued == 0 && status.inFlight == 0)
    #expect(status.hosts.allSatisfy { $0.inFlight == 0 && $0.queued == 0 })
  }
}
