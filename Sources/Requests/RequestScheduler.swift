import DictationTypes

/// Decides which request goes when, and how it ends. It does nothing itself: what happens goes in with its time, and
/// what is to be done comes out. All times are nanoseconds of one clock that never goes back.
struct RequestScheduler {
  /// What is to be done, in this order.
  enum Action {
    /// Begin a transfer, under this number.
    case start(UInt64, HTTPRequest)
    /// End a transfer; whatever it still reports is of no interest.
    case abort(UInt64)
    /// Tell a caller how it ended.
    case finish(UInt64, Result<HTTPResponse, DictationError>)
    /// Tell everybody.
    case notify(RequestNotice)
  }

  /// A try that had less than this before its deadline came says nothing about its host, in nanoseconds.
  static let fairTry: UInt64 = 1_000_000_000

  let limits: RequestLimits
  var random: any RandomNumberGenerator
  /// All that have not ended, by number.
  var requests: [UInt64: PendingRequest] = [:]
  /// Those of them that are not on their way.
  var queue = RequestQueue()
  /// Those that are: the number of the transfer, and that of its request.
  var transfers: [UInt64: UInt64] = [:]
  var hosts: [String: HostRecord] = [:]
  var joined = 0
  /// The number of the last request or transfer.
  var lastID: UInt64 = 0
  /// When `advance` was last called, in nanoseconds.
  private var advanced: UInt64 = 0
  private var actions: [Action] = []

  init(_ limits: RequestLimits, random: any RandomNumberGenerator) {
    self.limits = limits
    self.random = random
  }

  /// What is to be done since the last call.
  mutating func takeActions() -> [Action] {
    defer { actions = [] }
    return actions
  }

  /// When `advance` has something to do, in nanoseconds; nil: not before something else happens. A time that has passed
  /// since it was last called is overdue, and not forgotten.
  var nextTime: UInt64? {
    let deadline = requests.values.lazy.flatMap(\.waiters).map(\.order.deadline).min()
    let hosts = queue.entries.lazy.compactMap { self.hosts[$0.host]?.notBefore }.filter { $0 > advanced }
      .min()
    return [deadline, queue.nextPauseEnd(after: advanced), hosts].compactMap(\.self).min()
  }

  // MARK: - What happens

  /// A caller, under a number of its own, wants `request`, whose digest is given too.
  mutating func submit(
    _ caller: UInt64, _ request: HTTPRequest, digest: Int, _ order: RequestOrder, at now: UInt64
  ) {
    let waiter = PendingRequest.Waiter(id: caller, order: order, since: now)
    if let known = requests.values.first(where: {
      $0.digest == digest && $0.request.isIdentical(to: request)
    }) {
      joined += 1
      change(known.id) { $0.waiters.append(waiter) }
    } else {
      lastID += 1
      let host = request.host
      let pending = PendingRequest(
        id: lastID, request: request, digest: digest, host: host, submitted: now, waiters: [waiter])
      hosts[host, default: HostRecord(name: host)].name = order.name ?? host
      requests[pending.id] = pending
      queue.insert(pending)
    }
    advance(to: now)
    makeRoom()
  }

  /// A caller does not want its answer any more.
  mutating func cancel(_ caller: UInt64, at now: UInt64) {
    guard let request = requests.values.first(where: { $0.waiters.contains { $0.id == caller } }) else {
      return
    }
    leave(request.id, caller, .failure(.cancelled), at: now)
    advance(to: now)
  }

  /// A transfer has ended.
  mutating func ended(_ transfer: UInt64, _ outcome: TransferOutcome, at now: UInt64) {
    guard let id = transfers.removeValue(forKey: transfer), var request = requests[id],
      let current = request.current
    else { return }
    note(outcome, of: current, host: request.host, at: now)
    request.current = nil
    request.last = outcome
    requests[id] = request
    if let pause = pause(after: outcome, request, at: now) {
      let notice = RequestNotice(
        .retry, host: hosts[request.host]?.name ?? request.host, attempt: request.tries + 1, delay: pause,
        reason: outcome.reason)
      act(.notify(notice))
      queue.insert(request, notBefore: now + pause)
    } else {
      end(request.id, outcome.result)
    }
    advance(to: now)
  }

  /// It is `now`: ends what has come to its deadline, or would before its host may be asked, and starts what may go.
  mutating func advance(to now: UInt64) {
    advanced = now
    // In the order of their coming, so that the same things that happen always lead to the same.
    for request in requests.values.sorted(by: { $0.id < $1.id }) {
      let rest = request.current == nil ? hosts[request.host]?.notBefore ?? 0 : 0
      for waiter in request.waiters {
        if waiter.order.deadline <= now {
          leave(request.id, waiter.id, .failure(request.timeout(waiter)), at: now)
        } else if rest > now && waiter.order.deadline <= rest {
          leave(
            request.id, waiter.id, request.last?.result ?? .failure(request.tooEarly(rest - now)), at: now)
        }
      }
    }
    dispatch(at: now)
  }

  /// Ends everything.
  mutating func shutDown() {
    for request in requests.values {
      if let current = request.current { abort(current) }
      end(request.id, .failure(.cancelled))
    }
  }

  // MARK: - How it is done

  mutating func act(_ action: Action) { actions.append(action) }

  mutating func abort(_ current: PendingRequest.Try) {
    transfers[current.transfer] = nil
    act(.abort(current.transfer))
  }

  /// Changes a request, and its place in the queue with it.
  mutating func change(_ id: UInt64, _ body: (inout PendingRequest) -> Void) {
    guard var request = requests[id] else { return }
    body(&request)
    requests[id] = request
    if let notBefore = queue.remove(id) { queue.insert(request, notBefore: notBefore) }
  }

  /// Ends a request for all who wait for it.
  mutating func end(_ id: UInt64, _ result: Result<HTTPResponse, DictationError>) {
    queue.remove(id)
    for waiter in requests.removeValue(forKey: id)?.waiters ?? [] { act(.finish(waiter.id, result)) }
  }

  /// One of those who wait goes with `result`; with the last of them goes the request.
  private mutating func leave(
    _ id: UInt64, _ caller: UInt64, _ result: Result<HTTPResponse, DictationError>, at now: UInt64
  ) {
    act(.finish(caller, result))
    change(id) { $0.waiters.removeAll { $0.id == caller } }
    guard let request = requests[id], request.waiters.isEmpty else { return }
    if let current = request.current {
      abort(current)
      if case .failure(let error) = result, error.kind == .timeout, now - current.started >= Self.fairTry {
        note(TransferOutcome(result: result), of: current, host: request.host, at: now)
      } else if current.isProbe {
        hosts[request.host]?.breaker.abandonProbe(at: now)
      }
    }
    end(id, result)
  }

  /// Counts how a try ended, for its host.
  private mutating func note(
    _ outcome: TransferOutcome, of current: PendingRequest.Try, host: String, at now: UInt64
  ) {
    guard var record = hosts[host] else { return }
    record.ended(outcome, started: current.started, now: now)
    if !outcome.isFaultOfHost {
      if record.breaker.succeeded() { act(.notify(RequestNotice(.breakerClosed, host: record.name))) }
    } else if record.breaker.failed(isProbe: current.isProbe, at: now),
      case .open(let end) = record.breaker.state
    {
      let notice = RequestNotice(
        .breakerOpen, host: record.name, delay: end - now, reason: outcome.reason)
      act(.notify(notice))
    }
    hosts[host] = record
  }

  /// The pause before another try, in nanoseconds; nil: there is none.
  private mutating func pause(after outcome: TransferOutcome, _ request: PendingRequest, at now: UInt64)
    -> UInt64?
  {
    guard request.tries <= request.retries, RetryPolicy.isWorthwhile(after: outcome) else { return nil }
    let rest = hosts[request.host]?.notBefore ?? 0
    let pause = max(RetryPolicy.pause(after: request.tries, outcome, using: &random), rest - min(now, rest))
    guard pause < request.deadline - min(now, request.deadline) else { return nil }
    // It would be refused then.
    if case .refuse = hosts[request.host]?.breaker.admission(at: now + pause, mayProbe: request.mayProbe) {
      return nil
    }
    return pause
  }

  /// When too many wait, the last in the queue goes: the newcomer itself, if all others are more urgent.
  private mutating func makeRoom() {
    guard queue.count > limits.waiting, let last = queue.entries.last else { return }
    let message = "\(limits.waiting) requests that are no less urgent wait already: try again later"
    end(last.id, .failure(DictationError(.rateLimit, message, retryable: true)))
  }
}

extension DictationError {
  /// The end of what nobody wants any more.
  static let cancelled = DictationError(.cancelled, "cancelled")
}
