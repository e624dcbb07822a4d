extension RequestScheduler {
  /// What it is doing, and has done.
  func status(at now: UInt64) -> RequestStatus {
    RequestStatus(
      queued: queue.count, inFlight: requests.count - queue.count, joined: joined,
      hosts: hosts.keys.sorted().map { host($0, at: now) })
  }

  /// Whether a request to `host` would be sent, or wait for its turn, at `now`.
  func isAvailable(_ host: String, at now: UInt64) -> Bool {
    guard let host = hosts[host] else { return true }
    return switch host.breaker.state {
    case .open(let end): now >= max(end, host.notBefore)
    case .halfOpen: false
    case .closed: now >= host.notBefore
    }
  }

  private func host(_ name: String, at now: UInt64) -> RequestStatus.Host {
    let record = hosts[name] ?? HostRecord(name: name)
    let pending = requests.values.filter { $0.host == name }
    let (breaker, closedFor): (RequestStatus.Breaker, UInt64?) =
      switch record.breaker.state {
      case .closed: (.closed, nil)
      case .open(let end): (.open, end - min(now, end))
      case .halfOpen: (.halfOpen, nil)
      }
    return RequestStatus.Host(
      host: name, breaker: breaker, closedForMs: closedFor.map { Int($0 / 1_000_000) },
      inFlight: pending.count { $0.current != nil }, queued: pending.count { $0.current == nil },
      requests: record.requests, retries: record.retries, failures: record.failures,
      errorRate: record.window.errorRate(at: now), latencyMs: record.latencies.percentiles,
      bytesSent: record.bytesSent, bytesReceived: record.bytesReceived)
  }
}
