/// What the request manager is doing, and has done since it began.
public struct RequestStatus: Sendable, Encodable {
  /// A host's circuit breaker.
  public enum Breaker: String, Sendable, Encodable {
    /// Requests go to the host.
    case closed
    /// They do not: it failed too often.
    case open
    /// One request finds out whether it works again.
    case halfOpen = "half_open"
  }

  /// How long good answers took, in milliseconds, over the last 256.
  public struct Latency: Sendable, Encodable {
    /// The median.
    public let p50: Double
    /// What 95 of 100 did not exceed.
    public let p95: Double
    /// What 99 of 100 did not exceed.
    public let p99: Double
  }

  /// One host.
  public struct Host: Sendable, Encodable {
    /// `unix:PATH`, or scheme, host and port.
    public let host: String
    /// Whether it is asked.
    public let breaker: Breaker
    /// How long it is not asked yet, in milliseconds, when its breaker is open.
    public let closedForMs: Int?
    /// Transfers on their way.
    public let inFlight: Int
    /// Requests that wait, for their turn or for their next try.
    public let queued: Int
    /// Tries so far.
    public let requests: Int
    /// Those of them that were not the first of their request.
    public let retries: Int
    /// Those of them without an answer, or with a status from 400.
    public let failures: Int
    /// The share of failures among the tries of the last five minutes, from 0 to 1; nil when there were none.
    public let errorRate: Double?
    /// How long good answers took; nil when there was none.
    public let latencyMs: Latency?
    /// Bytes of bodies that were sent.
    public let bytesSent: Int
    /// Bytes of bodies that were received.
    public let bytesReceived: Int
  }

  /// Requests that wait, for their turn or for their next try.
  public let queued: Int
  /// Transfers on their way.
  public let inFlight: Int
  /// Requests that joined an identical one.
  public let joined: Int
  /// Every host that was asked, by name.
  public let hosts: [Host]
}

/// Something that happened to a host, for events.
public struct RequestNotice: Sendable, Equatable {
  /// What happened.
  public enum What: Sendable, Equatable {
    /// A request failed, and is tried again.
    case retry
    /// The host failed too often, and is left alone.
    case breakerOpen
    /// The host works again.
    case breakerClosed
  }

  /// What happened.
  public let what: What
  /// What the order calls the host, or its address.
  public let host: String
  /// Which try comes next, from 2; for `retry`.
  public let attempt: Int?
  /// How long until then, or until the host is asked again, in milliseconds.
  public let delayMs: Int?
  /// Why.
  public let reason: String?

  init(_ what: What, host: String, attempt: Int? = nil, delay: UInt64? = nil, reason: String? = nil) {
    self.what = what
    self.host = host
    self.attempt = attempt
    delayMs = delay.map { Int($0 / 1_000_000) }
    self.reason = reason
  }
}
