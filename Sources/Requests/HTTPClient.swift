internal import CCurl
import Crypto
import DictationTypes
import Linux

/// Every HTTP connection of thoth: one thread with one curl multi handle, which keeps connections alive.
///
/// The thread starts with the first transfer and sleeps in poll(2) while there is nothing to do.
final class HTTPClient: Sendable {
  private let shared = Lock(Shared())
  private let wake = WakeEvent()

  /// What other threads leave for the curl thread.
  private struct Shared {
    var thread: WorkerThread?
    var arrivals: [Arrival] = []
    var aborted: [UInt64] = []
    var isStopping = false
  }

  private struct Arrival: Sendable {
    let id: UInt64
    let request: HTTPRequest
    let done: @Sendable (TransferOutcome) -> Void
  }

  /// Begins a transfer under the number `id`, and returns at once. `done` is called on the curl thread, once, unless
  /// the transfer is aborted or the client shut down. A status such as 500 is an answer.
  func start(_ id: UInt64, _ request: HTTPRequest, done: @escaping @Sendable (TransferOutcome) -> Void) {
    shared.withLock { shared in
      if shared.isStopping { return }
      shared.arrivals.append(Arrival(id: id, request: request, done: done))
      if shared.thread == nil { shared.thread = WorkerThread(name: "http") { [self] in run() } }
    }
    wake.signal()
  }

  /// Ends the transfer that was started under `id`, and closes its connection, unless it is over.
  func abort(_ id: UInt64) {
    shared.withLock { $0.aborted.append(id) }
    wake.signal()
  }

  /// Ends all transfers and the thread. No transfer begins after that.
  func shutDown() {
    let thread = shared.withLock { shared in
      shared.isStopping = true
      defer { shared.thread = nil }
      return shared.thread
    }
    wake.signal()
    thread?.join()
  }

  /// The curl thread: takes what other threads left, moves bytes, hands out what is done.
  private func run() {
    keepCryptoUntilTheEnd()
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    let multi = curl_multi_init()!
    var transfers: [UInt64: Transfer] = [:]
    while takeWork(multi, &transfers) {
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      finishDone(multi, &transfers)
      waitForWork(multi, isIdle: transfers.isEmpty)
    }
    for transfer in transfers.values {
      curl_multi_remove_handle(multi, UnsafeMutableRawPointer(transfer.easy))
    }
    curl_multi_cleanup(multi)
  }

  /// False when the thread is to end.
  private func takeWork(_ multi: UnsafeMutableRawPointer, _ transfers: inout [UInt64: Transfer]) -> Bool {
    let (arrivals, aborted, isStopping) = shared.withLock { shared in
      defer { (shared.arrivals, shared.aborted) = ([], []) }
      return (shared.arrivals, Set(shared.aborted), shared.isStopping)
    }
    for id in aborted {
      guard let transfer = transfers.removeValue(forKey: id) else { continue }
      curl_multi_remove_handle(multi, UnsafeMutableRawPointer(transfer.easy))
    }
    for arrival in arrivals where !aborted.contains(arrival.id) {
      guard let transfer = Transfer(arrival.request, done: arrival.done) else {
        let error = DictationError(.internalError, "curl has no handle left")
        arrival.done(TransferOutcome(result: .failure(error)))
        continue
      }
      transfers[arrival.id] = transfer
      curl_multi_add_handle(multi, UnsafeMutableRawPointer(transfer.easy))
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
