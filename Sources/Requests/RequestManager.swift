public import DictationTypes

/// Whose request goes first when several wait. The first case is the most urgent.
public enum RequestPriority: Int, Sendable, Comparable, CaseIterable {
  /// Somebody has stopped speaking, or a segment of what is being said is complete: a person waits for it.
  case live
  /// What may turn out to be the end of a dictation.
  case speculative
  /// Speech that is to be heard.
  case speech
  /// A microphone preset.
  case preset
  /// Files, and what is transcribed again: nobody waits.
  case file

  /// The more urgent one is the smaller one.
  public static func < (left: RequestPriority, right: RequestPriority) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What a request may cost, and how urgent it is.
public struct RequestOrder: Sendable {
  /// Whose request it is.
  public var priority: RequestPriority
  /// When the answer is of no use any more, in nanoseconds of CLOCK_MONOTONIC: waiting, tries and pauses included.
  public var deadline: UInt64
  /// How often it may be tried again.
  public var retries: Int

  /// An order that has to be done by `deadline`.
  public init(_ priority: RequestPriority, deadline: UInt64, retries: Int = 2) {
    self.priority = priority
    self.deadline = deadline
    self.retries = retries
  }
}

/// Decides which request goes when, over one `HTTPClient`.
public final class RequestManager: Sendable {
  private let client = HTTPClient()

  /// A manager without connections.
  public init() {}

  /// Sends `request` when its turn has come, and waits for the answer. Cancelling the task aborts the transfer.
  ///
  /// - Throws: `DictationError`, as `HTTPClient.send` does.
  public func send(_ request: HTTPRequest, _ order: RequestOrder) async throws(DictationError) -> HTTPResponse
  {
    try await client.send(request)
  }

  /// Ends the connections; requests that wait are cancelled.
  public func shutDown() { client.shutDown() }
}
