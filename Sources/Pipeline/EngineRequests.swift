public import DictationTypes
public import Requests

extension Engines {
  /// What goes over HTTP, and has gone.
  public func requestStatus() -> RequestStatus { requests.status }
}

extension EngineNotice {
  /// What the request manager tells of the host of an engine.
  public init(_ notice: RequestNotice) {
    let what: What =
      switch notice.what {
      case .retry: .retry
      case .breakerOpen: .breakerOpen
      case .breakerClosed: .breakerClosed
      }
    self.init(
      what, engine: notice.host, attempt: notice.attempt, delayMs: notice.delayMs, reason: notice.reason)
  }
}
