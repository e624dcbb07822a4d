import DictationTypes

/// Who goes now.
///
/// A request takes a permit of its host and one of the whole. What nobody waits for leaves the last permit of each
/// alone, so that a live request finds one; and a speculative transfer gives its permit up to a live request that finds
/// none. An archive takes all that is left, none of the whole, and gives a permit up to whoever finds none.
extension RequestScheduler {
  /// Starts, in the order of the queue, what may go. A request that has to wait for its host keeps none behind it from
  /// going to other hosts.
  mutating func dispatch(at now: UInt64) {
    queue.age(at: now)
    // Who waited for a probe that was taken back need not wait any more. Each pass more has begun a live request, so it
    // ends.
    while startsWhatMayGo(at: now) {}
  }

  /// Goes through the queue once. True when a probe was taken back for a live request.
  private mutating func startsWhatMayGo(at now: UInt64) -> Bool {
    var hasFreedHost = false
    // Hosts that have no permit left: those behind are less urgent, and find none either.
    var full: Set<String> = []
    for entry in queue.entries where entry.notBefore <= now && !full.contains(entry.host) {
      guard let request = requests[entry.id], let host = hosts[request.host], host.notBefore <= now else {
        continue
      }
      let admission = host.breaker.admission(at: now, mayProbe: request.mayProbe)
      switch admission {
      case .wait: full.insert(request.host)
      case .refuse(let end): refuse(request, until: end, at: now)
      case .go, .probe:
        if takePermit(request, at: now, abandoned: &hasFreedHost) {
          start(request, isProbe: admission == .probe, at: now)
        } else if admission == .go {
          full.insert(request.host)
        }
      }
    }
    return hasFreedHost
  }

  private mutating func start(_ request: PendingRequest, isProbe: Bool, at now: UInt64) {
    lastID += 1
    queue.remove(request.id)
    requests[request.id]?.tries += 1
    transfers[lastID] = request.id
    requests[request.id]?.current = PendingRequest.Try(transfer: lastID, started: now, isProbe: isProbe)
    hosts[request.host]?.began(isRetry: request.tries > 0)
    if isProbe { hosts[request.host]?.breaker.beginProbe() }
    act(.start(lastID, request.request))
  }

  /// Ends a request whose host is left alone: with its own failure, if it had one.
  private mutating func refuse(_ request: PendingRequest, until end: UInt64, at now: UInt64) {
    if let last = request.last { return self.end(request.id, last.result) }
    let seconds = (end - now + 999_999_999) / 1_000_000_000
    let message =
      "\(request.request.server) failed \(CircuitBreaker.threshold) times in a row and is left alone for \(seconds) s: "
      + "try again then"
    self.end(request.id, .failure(DictationError(.network, message, retryable: true)))
  }

  private var going: [PendingRequest] { transfers.values.compactMap { requests[$0] } }

  private func here(_ request: PendingRequest) -> [PendingRequest] {
    going.filter { $0.host == request.host }
  }

  private func hasPermit(_ request: PendingRequest) -> Bool {
    let here = here(request)
    let places = (here + [request]).lazy.filter(\.isArchive).map(\.share).max() ?? 0
    return here.count < max(limits.perHost, places) && (request.isArchive || isWithinLimits(request))
  }

  /// Whether `request` may go as far as all but archives are concerned.
  private func isWithinLimits(_ request: PendingRequest) -> Bool {
    let others = going.count { !$0.isArchive }
    let here = here(request).count { !$0.isArchive }
    guard others < limits.total && here < limits.perHost else { return false }
    guard request.isBackground else { return true }
    // Where there is only one permit, it is the last one always.
    return (others + 1 < limits.total || limits.total == 1)
      && (here + 1 < limits.perHost || limits.perHost == 1)
  }

  /// Takes permits of transfers that give way to `request` until it has its own. They go back into the queue; when one
  /// was a probe, `abandoned` becomes true.
  private mutating func takePermit(
    _ request: PendingRequest, at now: UInt64, abandoned: inout Bool
  ) -> Bool {
    while !hasPermit(request) {
      guard var victim = victim(of: request), let current = victim.current else { return false }
      abort(current)
      if current.isProbe {
        hosts[victim.host]?.breaker.abandonProbe(at: now)
        abandoned = true
      }
      victim.current = nil
      victim.tries -= 1
      requests[victim.id] = victim
      queue.insert(victim)
    }
    return true
  }

  /// The transfer that gives way to `request`: one of an archive; before that, for what is live, one that is
  /// speculative. The youngest: an older one may be what is waited for by now.
  private func victim(of request: PendingRequest) -> PendingRequest? {
    if request.isArchive { return nil }
    let here = here(request)
    if isWithinLimits(request) { return here.filter(\.isArchive).max { $0.id < $1.id } }
    guard request.priority == .live else { return nil }
    let isHostFull = here.count { !$0.isArchive } >= limits.perHost
    return going.filter { $0.priority == .speculative && (!isHostFull || $0.host == request.host) }
      .max { $0.id < $1.id }
  }
}
