import DictationTypes
import Glibc
import Linux
import Requests

/// An upload of `bytes` to `url`.
func upload(_ url: String, _ bytes: [UInt8]) -> HTTPRequest {
  var request = HTTPRequest(url: url, timeout: 60_000)
  request.parts = [
    FormPart("model", "m"), FormPart("file", file: bytes, filename: "a.wav", contentType: "audio/wav"),
  ]
  return request
}

func order(_ priority: RequestPriority = .live, seconds: UInt64 = 120, retries: Int = 0) -> RequestOrder {
  RequestOrder(priority, deadline: monotonicNanoseconds() + seconds * 1_000_000_000, retries: retries)
}

func printLine(_ text: String) { _ = writeAll(1, Array("\(text)\n".utf8)) }

func throughput(_ url: String, _ count: Int, bytes: Int, parallel: Int) async {
  var limits = RequestLimits()
  limits.perHost = parallel
  limits.total = parallel
  let manager = RequestManager(limits)
  let body = [UInt8](repeating: 1, count: bytes)
  // The time to connect is not what is measured.
  _ = try? await manager.send(HTTPRequest(url: url, timeout: 60_000), order())
  let begin = monotonicNanoseconds()
  let good = await withTaskGroup(of: Bool.self) { group in
    var good = 0
    for number in 0..<count {
      // No more than may wait.
      if number >= limits.waiting, await group.next() == true { good += 1 }
      group.addTask { (try? await manager.send(upload("\(url)/\(number)", body), order()).status) == 200 }
    }
    for await isGood in group where isGood { good += 1 }
    return good
  }
  let seconds = Double(monotonicNanoseconds() - begin) / 1e9
  manager.shutDown()
  printLine(#"{"seconds":\#(seconds),"good":\#(good)}"#)
}

func cancellations(_ url: String, _ count: Int) async {
  let manager = RequestManager()
  for number in 0..<count {
    let asking = Task { try? await manager.send(upload("\(url)/\(number)", [1]), order()) }
    // The other end says that the request has arrived.
    await onThread("input") { while getchar() != 10 {} }
    let cancelled = monotonicNanoseconds()
    asking.cancel()
    _ = await asking.value
    printLine(#"{"cancelled":\#(cancelled),"returned":\#(monotonicNanoseconds())}"#)
  }
  manager.shutDown()
}
