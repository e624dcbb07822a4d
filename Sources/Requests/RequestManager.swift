public import DictationTypes
import Linux

/// Everything that goes over HTTP: decides which request goes when, tries again what may succeed, and ends what
/// nobody waits for any more.
///
/// The decisions are a `RequestScheduler`'s, under a lock that is held for them alone; the transfers are an
/// `HTTPClient`'s. A thread sleeps until the next deadline or the end of the next pause; with nothing pending it sleeps
/// for ever. Call `shutDown` before the last reference goes.
public final class RequestManager: Sendable {
  private let state: Lock<State>
  private let client = HTTPClient()
  private let alarm = Alarm()
  private let notify: @Sendable (RequestNotice) -> Void

  private typealias Waiter = CheckedContinuation<Result<HTTPResponse, DictationError>, Never>

  private struct State {
    var scheduler: RequestScheduler
    var waiters: [UInt64: Waiter] = [:]
    var lastCaller: UInt64 = 0
    /// What the alarm is set to, in nanoseconds of CLOCK_MONOTONIC.
    var alarmTime: UInt64?
    var thread: WorkerThread?
    var isStopping = false
  }

  /// A manager without connections. `notify` is told what happens to hosts, on any thread; it must not block.
  public init(
    _ limits: RequestLimits = RequestLimits(), notify: @escaping @Sendable (RequestNotice) -> Void = { _ in }
  ) {
    self.notify = notify
    state = Lock(State(scheduler: RequestScheduler(limits, random: SystemRandomNumberGenerator())))
  }

  /// Sends `request` when its turn has come, and waits for the answer. Cancelling the task aborts the transfer,
  /// unless somebody else waits for an identical one.
  ///
  /// - Throws: `DictationError` of kind `network` (the host cannot be reached, the connection broke, its breaker is
  ///   open), `timeout`, `server` (a body over the limit), `rate_limit` (too many wait already, or the
  ///   host has asked to be left alone until after the deadline), `config` (no address)
  ///   or `cancelled`. A status such as 500 is an answer and not an error here, after the last try.
  public func send(_ request: HTTPRequest, _ order: RequestOrder) async throws(DictationError) -> HTTPResponse
  {
    let digest = request.digest
    let caller = state.withLock { state in
      state.lastCaller += 1
      return state.lastCaller
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        change { state, now in
          state.waiters[caller] = waiter
          if state.isStopping || Task.isCancelled {
            return state.scheduler.act(.finish(caller, .failure(.cancelled)))
          }
          state.scheduler.submit(caller, request, digest: digest, order, at: now)
        }
        // The handler came too early, if it came meanwhile.
        if Task.isCancelled { cancel(caller) }
      }
    } onCancel: {
      cancel(caller)
    }
    return try result.get()
  }

  /// Whether a request to this host, as `HTTPRequest.host` names it, would be sent: its breaker does not refuse it,
  /// and it has not asked to be left alone. With several servers, another one is asked otherwise.
  public func isAvailable(_ host: String) -> Bool {
    state.withLock { $0.scheduler.isAvailable(host, at: monotonicNanoseconds()) }
  }

  /// What is going on, and has been.
  public var status: RequestStatus {
    state.withLock { $0.scheduler.status(at: monotonicNanoseconds()) }
  }

  /// Ends the connections; requests that wait are cancelled.
  public func shutDown() {
    change { state, _ in
      state.isStopping = true
      state.scheduler.shutDown()
    }
    client.shutDown()
    let thread = state.withLock { state in
      defer { state.thread = nil }
      return state.thread
    }
    alarm.set(0)
    thread?.join()
  }

  private func cancel(_ caller: UInt64) {
    change { state, now in state.scheduler.cancel(caller, at: now) }
  }

  /// Tells the scheduler something, and does what it says. Transfers are handed over under the lock, so that none is
  /// aborted before it was begun; that waits for nothing.
  private func change(_ body: (inout State, UInt64) -> Void) {
    var endings: [(Waiter, Result<HTTPResponse, DictationError>)] = []
    var notices: [RequestNotice] = []
    state.withLock { state in
      body(&state, monotonicNanoseconds())
      for action in state.scheduler.takeActions() {
        switch action {
        case .start(let id, let request): start(id, request)
        case .abort(let id): client.abort(id)
        case .finish(let caller, let result):
          if let waiter = state.waiters.removeValue(forKey: caller) { endings.append((waiter, result)) }
        case .notify(let notice): notices.append(notice)
        }
      }
      setAlarm(&state)
    }
    // Whoever has an answer knows what happened to the host before it.
    for notice in notices { notify(notice) }
    for (waiter, result) in endings { waiter.resume(returning: result) }
  }

  private func start(_ id: UInt64, _ request: HTTPRequest) {
    client.start(id, request) { [weak self] outcome in
      self?.change { state, now in state.scheduler.ended(id, outcome, at: now) }
    }
  }

  private func setAlarm(_ state: inout State) {
    let next = state.scheduler.nextTime
    guard next != state.alarmTime else { return }
    state.alarmTime = next
    let now = monotonicNanoseconds()
    // The alarm goes by a clock that also counts sleep: it is early then, and set again.
    alarm.set(next.map { bootNanoseconds() + ($0 - min(now, $0)) } ?? UInt64.max)
    if state.thread == nil && !state.isStopping {
      state.thread = WorkerThread(name: "requests") { [self] in run() }
    }
  }

  /// The thread that waits for deadlines and pauses.
  private func run() {
    while true {
      alarm.wait()
      var isStopping = false
      change { state, now in
        isStopping = state.isStopping
        state.alarmTime = nil
        state.scheduler.advance(to: now)
      }
      if isStopping { return }
    }
  }
}
