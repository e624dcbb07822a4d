internal import CCurl
public import DictationTypes
import Linux

/// Every HTTP connection of thoth: one thread with one curl multi handle, which keeps connections alive.
///
/// The thread starts with the first request and sleeps in poll(2) while there is nothing to do.
public final class HTTPClient: Sendable {
  private let shared = Lock(Shared())
  private let wake = WakeEvent()

  /// What other threads leave for the curl thread.
  private struct Shared {
    var thread: WorkerThread?
    var arrivals: [Arrival] = []
    /// Requests that are to end. One may be cancelled before it has arrived.
    var cancelled: Set<UInt64> = []
    var lastID: UInt64 = 0
    var isStopping = false
  }

  private struct Arrival: Sendable {
    let id: UInt64
    let request: HTTPRequest
    let waiter: CheckedContinuation<Result<HTTPResponse, DictationError>, Never>
  }

  /// A client without connections.
  public init() {}

  /// Sends `request` and waits for the answer. Cancelling the task aborts the transfer.
  ///
  /// - Throws: `DictationError` of kind `network`, `timeout`, `server` (a body over the limit), `config` (no
  ///   address) or `cancelled`. A status such as 500 is an answer and not an error here.
  public func send(_ request: HTTPRequest) async throws(DictationError) -> HTTPResponse {
    let id = shared.withLock { shared in
      shared.lastID += 1
      return shared.lastID
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        enqueue(Arrival(id: id, request: request, waiter: waiter))
      }
    } onCancel: {
      shared.withLock { _ = $0.cancelled.insert(id) }
      wake.signal()
    }
    shared.withLock { _ = $0.cancelled.remove(id) }
    return try result.get()
  }

  /// Ends the thread; requests that wait are cancelled.
  public func shutDown() {
    let thread = shared.withLock { shared in
      shared.isStopping = true
      defer { shared.thread = nil }
      return shared.thread
    }
    wake.signal()
    thread?.join()
  }

  private func enqueue(_ arrival: Arrival) {
    let isRefused = shared.withLock { shared in
      if shared.isStopping || shared.cancelled.contains(arrival.id) { return true }
      shared.arrivals.append(arrival)
      if shared.thread == nil { shared.thread = WorkerThread(name: "http") { [self] in run() } }
      return false
    }
    if isRefused {
      arrival.waiter.resume(returning: .failure(DictationError(.cancelled, "cancelled")))
    } else {
      wake.signal()
    }
  }

  /// The curl thread: takes what other threads left, moves bytes, hands out what is done.
  private func run() {
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    let multi = curl_multi_init()!
    var transfers: [UInt64: Transfer] = [:]
    while takeArrivals(multi, &transfers) {
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      finishDone(multi, &transfers)
      waitForWork(multi, isIdle: transfers.isEmpty)
    }
    for transfer in transfers.values {
      curl_multi_remove_handle(multi, UnsafeMutableRawPointer(transfer.easy))
      transfer.abort()
    }
    curl_multi_cleanup(multi)
  }

  /// False when the thread is to end.
  private func takeArrivals(_ multi: UnsafeMutableRawPointer, _ transfers: inout [UInt64: Transfer]) -> Bool {
    let (arrivals, cancelled, isStopping) = shared.withLock { shared in
      defer { shared.arrivals = [] }
      return (shared.arrivals, shared.cancelled, shared.isStopping)
    }
    for arrival in arrivals {
      guard
        let transfer = Transfer(arrival.request, deliver: { arrival.waiter.resume(returning: $0) })
      else {
        arrival.waiter.resume(returning: .failure(DictationError(.internalError, "curl has no handle left")))
        continue
      }
      transfers[arrival.id] = transfer
      curl_multi_add_handle(multi, UnsafeMutableRawPointer(transfer.easy))
    }
    for id in cancelled {
      guard let transfer = transfers.removeValue(forKey: id) else { continue }
      curl_multi_remove_handle(multi, UnsafeMutableRawPointer(transfer.easy))
      transfer.abort()
    }
    return !isStopping
  }

  private func finishDone(_ multi: UnsafeMutableRawPointer, _ transfers: inout [UInt64: Transfer]) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      let code = message.pointee.data.result
      let done = transfers.first { UnsafeMutableRawPointer($0.value.easy) == easy }
      curl_multi_remove_handle(multi, easy)
      guard let (id, transfer) = done else { continue }
      transfers[id] = nil
      transfer.finish(code)
    }
  }

  /// Sleeps until a connection or another thread has something. With no transfer there is no deadline either;
  /// curl would wake now and then to look after idle connections, so it is not asked.
  private func waitForWork(_ multi: UnsafeMutableRawPointer, isIdle: Bool) {
    if isIdle {
      wake.wait()
      return
    }
    var entry = curl_waitfd(fd: wake.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    curl_multi_poll(multi, &entry, 1, 60_000, nil)
    wake.clear()
  }
}
