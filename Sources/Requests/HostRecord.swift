/// What is known of one host. There is one for each host that was ever asked: as many as the settings name.
struct HostRecord {
  /// What notices call it.
  var name: String
  var breaker = CircuitBreaker()
  /// Nothing is sent before that time, in nanoseconds: the host has asked for it.
  var notBefore: UInt64 = 0
  /// Tries that were begun.
  var requests = 0
  /// Tries after the first one of a request.
  var retries = 0
  /// Tries without a good answer.
  var failures = 0
  var bytesSent = 0
  var bytesReceived = 0
  var window = OutcomeWindow()
  var latencies = LatencySample()

  init(name: String) { self.name = name }

  /// A try began.
  mutating func began(isRetry: Bool) {
    requests += 1
    if isRetry { retries += 1 }
  }

  /// A try that began at `started` has ended at `now`, both in nanoseconds.
  mutating func ended(_ outcome: TransferOutcome, started: UInt64, now: UInt64) {
    if outcome.isFailure {
      failures += 1
    } else {
      latencies.add(now - started)
    }
    // Both are about the host and not about the one request (RFC 6585, section 4; RFC 9110, section 15.6.4).
    if outcome.status == 429 || outcome.status == 503 { notBefore = max(notBefore, now + outcome.retryAfter) }
    window.add(isFailure: outcome.isFailure, at: now)
    bytesSent += outcome.sent
    bytesReceived += outcome.received
  }
}

/// How many of the tries of the last five minutes failed, in ten buckets of half a minute.
struct OutcomeWindow {
  /// The length, in seconds.
  static let seconds = 300
  private static let bucket: UInt64 = 30_000_000_000

  private struct Bucket {
    /// Which half minute it counts.
    var index: UInt64 = 0
    var count = 0
    var failures = 0
  }

  private var buckets = [Bucket](repeating: Bucket(), count: 10)

  mutating func add(isFailure: Bool, at now: UInt64) {
    let index = now / Self.bucket
    let slot = Int(index % UInt64(buckets.count))
    if buckets[slot].index != index { buckets[slot] = Bucket(index: index) }
    buckets[slot].count += 1
    if isFailure { buckets[slot].failures += 1 }
  }

  /// The share that failed, from 0 to 1; nil when there was no try.
  func errorRate(at now: UInt64) -> Double? {
    let oldest = (now / Self.bucket + 1) - min(now / Self.bucket + 1, UInt64(buckets.count))
    let recent = buckets.filter { $0.index >= oldest }
    let count = recent.reduce(0) { $0 + $1.count }
    return count == 0 ? nil : Double(recent.reduce(0) { $0 + $1.failures }) / Double(count)
  }
}

/// How long the last 256 good answers took.
struct LatencySample {
  private static let size = 256
  private var values: [UInt64] = []
  private var next = 0

  mutating func add(_ nanoseconds: UInt64) {
    if values.count < Self.size { values.append(nanoseconds) } else { values[next] = nanoseconds }
    next = (next + 1) % Self.size
  }

  /// The percentiles by nearest rank; nil when there was no good answer.
  var percentiles: RequestStatus.Latency? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func percentile(_ percent: Int) -> Double {
      Double(sorted[(sorted.count * percent + 99) / 100 - 1] / 1000) / 1000
    }
    return RequestStatus.Latency(p50: percentile(50), p95: percentile(95), p99: percentile(99))
  }
}
