import DictationTypes

/// A request that has not ended, and those who wait for it: several when identical ones were sent.
struct PendingRequest {
  /// One caller.
  struct Waiter {
    let id: UInt64
    let order: RequestOrder
    /// When it called, in nanoseconds.
    let since: UInt64
  }

  /// A try on its way.
  struct Try {
    let transfer: UInt64
    let started: UInt64
    let isProbe: Bool
  }

  /// Grows with each request.
  let id: UInt64
  let request: HTTPRequest
  let digest: Int
  let host: String
  /// When the first of the waiters called, in nanoseconds.
  let submitted: UInt64
  var waiters: [Waiter]
  /// How often it was sent.
  var tries = 0
  /// How the last try ended.
  var last: TransferOutcome?
  /// The try on its way; nil: it is in the queue.
  var current: Try?

  /// The most urgent of the waiters decides.
  var priority: RequestPriority { waiters.lazy.map(\.order.priority).min() ?? .archive }
  /// The most patient of the waiters decides, in nanoseconds.
  var deadline: UInt64 { waiters.lazy.map(\.order.deadline).max() ?? 0 }
  var retries: Int { waiters.lazy.map(\.order.retries).max() ?? 0 }
  var mayProbe: Bool { waiters.contains(where: \.order.mayProbe) }
  /// Whether nobody waits at the desk for it, and it is not given up for those who do.
  var isBackground: Bool { priority > .speculative && !isArchive }
  /// Whether it takes only what nobody else needs.
  var isArchive: Bool { priority == .archive }
  /// How many of an archive may be on their way to its host.
  var share: Int { waiters.lazy.map(\.order.share).max() ?? 0 }

  var key: RequestQueue.Key { RequestQueue.Key(rank: priority.rawValue, due: deadline, sequence: id) }

  /// What a waiter is told whose deadline has come.
  func timeout(_ waiter: Waiter) -> DictationError {
    let seconds =
      Double((waiter.order.deadline - min(waiter.since, waiter.order.deadline)) / 1_000_000) / 1000
    var error =
      current == nil && tries == 0
      ? DictationError(
        .timeout, "other requests kept \(request.server) from being asked within \(seconds) s: try again",
        retryable: true)
      : DictationError(
        .timeout, "\(request.server) did not answer within \(seconds) s: try again, or raise its timeout",
        retryable: true)
    // What finds a permit is sent when it is submitted.
    error.hadToWait = current.map { $0.started > waiter.since } ?? true
    return error
  }

  /// What a waiter is told whose deadline comes before its host may be asked, which is `rest` nanoseconds away.
  func tooEarly(_ rest: UInt64) -> DictationError {
    let seconds = (rest + 999_999_999) / 1_000_000_000
    return DictationError(
      .rateLimit,
      "\(request.server) asks for fewer requests, and for none within \(seconds) s: try again then",
      retryable: true)
  }
}
