import DictationTypes
import Linux
import Requests

/// What each mode of the fault server has to come to: statuses, and kinds of errors.
let endings: [(mode: String, isRight: @Sendable (String) -> Bool)] = [
  ("ok", { $0 == "200" }),
  ("echo", { $0 == "200" }),
  ("401", { $0 == "401" }),
  ("413", { $0 == "413" }),
  ("500x100", { $0 == "200" || $0 == "500" }),
  // All others wait meanwhile.
  ("429-after-1x20", { $0 == "200" || $0 == "429" }),
  ("close", { $0 == "network" }),
  ("hang-up", { $0 == "network" }),
  // The server may have asked for a second of rest, which is all that these have.
  ("never", { ["timeout", "cancelled", "rate_limit"].contains($0) }),
  ("huge", { $0 == "server" }),
]

func faults(_ url: String, _ count: Int) async {
  let manager = RequestManager()
  let begin = monotonicNanoseconds()
  let results = await withTaskGroup(of: (String, String, Bool).self) { group in
    var results: [(String, String, Bool)] = []
    for number in 0..<count {
      if number >= 45, let result = await group.next() { results.append(result) }
      group.addTask { await fault(manager, url, number) }
    }
    for await result in group { results.append(result) }
    return results
  }
  let seconds = Double(monotonicNanoseconds() - begin) / 1e9
  let status = manager.status
  let rest = status.queued + status.inFlight
  manager.shutDown()
  let wrong = results.filter { !$0.2 }.map { "\"\($0.0) ended with \($0.1)\"" }.joined(separator: ",")
  let retries = status.hosts.reduce(0) { $0 + $1.retries }
  let tries = status.hosts.reduce(0) { $0 + $1.requests }
  printLine(
    #"{"ended":\#(results.count),"wrong":[\#(wrong)],"left":\#(rest),"tries":\#(tries),"retries":\#(retries),"#
      + #""seconds":\#(seconds)}"#)
}

/// The mode, how it ended, and whether that is right.
func fault(_ manager: RequestManager, _ url: String, _ number: Int) async -> (String, String, Bool) {
  let (mode, isRight) = endings[number % endings.count]
  var wanted = order(RequestPriority.allCases[number / endings.count % 5], retries: number % 3)
  // Which ones a breaker refuses would depend on their order.
  wanted.mayProbe = true
  if mode == "never" { wanted.deadline = monotonicNanoseconds() + 1_000_000_000 }
  let request = upload("\(url)/\(mode)/v1", [UInt8](repeating: 1, count: number + 1))
  let asking = Task { [wanted] () -> String in
    do throws(DictationError) { return "\(try await manager.send(request, wanted).status)" } catch {
      return error.kind.rawValue
    }
  }
  if mode == "never" && number % 4 == 0 { asking.cancel() }
  let result = await asking.value
  return (mode, result, isRight(result))
}
