import Linux

/// Tells what has to give way to dictation whether anybody dictates.
public final class DictationWatch: Sendable {
  private struct State {
    var isBusy = false
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var handlers: [Int: @Sendable () -> Void] = [:]
    var lastNumber = 0

    mutating func number() -> Int {
      lastNumber += 1
      return lastNumber
    }
  }

  private let state = Lock(State())

  /// Nobody dictates yet.
  public init() {}

  /// Whether a dictation is being recorded, or its text is on its way.
  public var isBusy: Bool { state.withLock { $0.isBusy } }

  /// Notes whether somebody dictates.
  func note(isBusy: Bool) {
    let (waiters, handlers) = state.withLock { state in
      guard state.isBusy != isBusy else {
        return ([CheckedContinuation<Void, Never>](), [@Sendable () -> Void]())
      }
      state.isBusy = isBusy
      defer { if !isBusy { state.waiters = [:] } }
      return (isBusy ? [] : Array(state.waiters.values), isBusy ? Array(state.handlers.values) : [])
    }
    waiters.forEach { $0.resume() }
    handlers.forEach { $0() }
  }

  /// Waits until nobody dictates, or the task is cancelled.
  func quiet() async {
    let number = state.withLock { $0.number() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state in
          guard state.isBusy, !Task.isCancelled else { return false }
          state.waiters[number] = continuation
          return true
        }
        if !isWaiting { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
  }

  /// What `work` gives, as long as nobody dictates; as soon as somebody does it is cancelled, and nil comes back.
  func whileQuiet<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value? {
    let task = Task { await work() }
    let number = state.withLock { state in
      let number = state.number()
      state.handlers[number] = { task.cancel() }
      return number
    }
    if isBusy { task.cancel() }
    let value = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    state.withLock { $0.handlers[number] = nil }
    return task.isCancelled && !Task.isCancelled ? nil : value
  }
}
