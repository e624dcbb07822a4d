import DictationTypes

/// How a try ended.
struct TransferOutcome: Sendable {
  /// The answer, whatever its status; or why there is none.
  var result: Result<HTTPResponse, DictationError>
  /// How long the server asks to be left alone, in nanoseconds; 0: it does not.
  var retryAfter: UInt64 = 0
  /// Bytes of the body that were sent.
  var sent = 0
  /// Bytes of the body that were received.
  var received = 0

  /// The status, when there is an answer.
  var status: Int? { (try? result.get())?.status }

  /// Whether there is no answer, or one that says that there is none.
  var isFailure: Bool { status.map { $0 >= 400 } ?? true }

  /// Whether the host itself does not work. One that answers 429, or does not like the request, does.
  var isFaultOfHost: Bool { status.map { $0 >= 500 } ?? true }

  /// What went wrong, in a few words.
  var reason: String {
    switch result {
    case .success(let answer): "it answered \(answer.status)"
    case .failure(let error): error.message
    }
  }
}

/// When a request is tried again, and after how long.
enum RetryPolicy {
  /// The first pause is at most this long, in nanoseconds; each further one at most twice as long as the one before.
  static let base: UInt64 = 100_000_000
  /// No pause of our own is longer, in nanoseconds.
  static let cap: UInt64 = 5_000_000_000

  /// Whether the same request may succeed a moment later (RFC 9110, sections 15.5.9 and 15.6; RFC 6585, section 4, for
  /// 429). What is sent here asks for an answer and changes nothing, so it may be sent twice.
  static func isWorthwhile(after outcome: TransferOutcome) -> Bool {
    switch outcome.result {
    case .success(let answer): [408, 429, 500, 502, 503, 504].contains(answer.status)
    case .failure(let error): error.retryable
    }
  }

  /// The pause after try number `tries`, from 1, in nanoseconds: exponential back-off with full jitter
  /// (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter), and no less than what the server asked for.
  static func pause(
    after tries: Int, _ outcome: TransferOutcome, using random: inout any RandomNumberGenerator
  ) -> UInt64 {
    let ceiling = min(cap, base << UInt64(min(tries - 1, 16)))
    return max(outcome.retryAfter, UInt64.random(in: 0...ceiling, using: &random))
  }
}
