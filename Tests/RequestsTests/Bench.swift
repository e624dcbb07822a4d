import DictationTypes
import TestSupport

@testable import Requests

let ms: UInt64 = 1_000_000
let second: UInt64 = 1_000_000_000

/// A scheduler with a clock that a test moves, and what it has done so far.
struct Bench {
  var scheduler: RequestScheduler
  var now: UInt64 = 1000 * second
  /// The transfers that go, with their request, in the order of their begin.
  var going: [(id: UInt64, request: HTTPRequest)] = []
  var aborted: [UInt64] = []
  /// How callers ended, and when.
  var ended: [UInt64: (result: Result<HTTPResponse, DictationError>, time: UInt64)] = [:]
  var notices: [RequestNotice] = []

  init(_ limits: RequestLimits = RequestLimits(), seed: UInt64 = 1) {
    scheduler = RequestScheduler(limits, random: SplitMix(seed: seed))
  }

  /// Submits a request to `host` for `caller`; what it asks for is the caller's own, unless `path` is given.
  mutating func submit(
    _ caller: UInt64, _ host: String = "a", _ priority: RequestPriority = .live, within: UInt64 = 30 * second,
    retries: Int = 2, path: String? = nil, mayProbe: Bool? = nil, share: Int = 0
  ) {
    let request = HTTPRequest(url: "http://\(host)/\(path ?? "\(caller)")", timeout: 30_000)
    var order = RequestOrder(priority, deadline: now + within, retries: retries)
    if let mayProbe { order.mayProbe = mayProbe }
    order.share = share
    scheduler.submit(caller, request, digest: request.digest, order, at: now)
    carryOut()
  }

  mutating func cancel(_ caller: UInt64) {
    scheduler.cancel(caller, at: now)
    carryOut()
  }

  /// Ends the transfer that goes longest, or the one for `path`, with `status`.
  mutating func answer(_ status: Int, path: String? = nil, retryAfter: UInt64 = 0) {
    end(
      path,
      TransferOutcome(
        result: .success(HTTPResponse(status: status, contentType: "", body: [])), retryAfter: retryAfter))
  }

  /// Ends a transfer with an error of `kind`.
  mutating func fail(_ kind: ErrorKind, retryable: Bool = true, path: String? = nil) {
    end(path, TransferOutcome(result: .failure(DictationError(kind, "it failed", retryable: retryable))))
  }

  mutating func end(_ path: String?, _ outcome: TransferOutcome) {
    let index = going.firstIndex { path == nil || $0.request.url.hasSuffix("/\(path!)") }!
    scheduler.ended(going.remove(at: index).id, outcome, at: now)
    carryOut()
  }

  /// Moves the clock, and stops wherever the scheduler wants to be called.
  mutating func pass(_ time: UInt64) {
    let end = now + time
    while let next = scheduler.nextTime, next <= end {
      now = max(now, next)
      scheduler.advance(to: now)
      carryOut()
    }
    now = end
  }

  /// What goes, as the last part of its address.
  var paths: [String] { going.map { String($0.request.url.split(separator: "/").last!) } }

  /// The error that `caller` got.
  func error(_ caller: UInt64) -> DictationError? { ended[caller]?.result.error }

  /// The kind of the error that `caller` got.
  func kind(_ caller: UInt64) -> ErrorKind? { error(caller)?.kind }

  /// The status that `caller` got.
  func status(_ caller: UInt64) -> Int? { (try? ended[caller]?.result.get())?.status }

  func host(_ name: String = "a") -> RequestStatus.Host {
    scheduler.status(at: now).hosts.first { $0.host == "http://\(name)" }!
  }

  mutating func carryOut() {
    for action in scheduler.takeActions() {
      switch action {
      case .start(let id, let request):
        precondition(
          scheduler.hosts[request.host]!.notBefore <= now, "\(request.host) asked to be left alone")
        going.append((id, request))
      case .abort(let id):
        going.removeAll { $0.id == id }
        aborted.append(id)
      case .finish(let caller, let result):
        precondition(ended[caller] == nil, "\(caller) ended twice")
        ended[caller] = (result, now)
      case .notify(let notice): notices.append(notice)
      }
    }
  }
}
