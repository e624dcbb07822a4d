import Linux

/// Tells what has to give way to dictation whether anybody dictates.
public final class DictationWatch: Sendable {
  private struct State {
    var isBusy = false
    var waiters: [CheckedContinuation<Void, Never>] = []
    var handlers: [Int: @Sendable () -> Void] = [:]
    var lastHandler = 0
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
      defer { if !isBusy { state.waiters = [] } }
      return (isBusy ? [] : state.waiters, isBusy ? Array(state.handlers.values) : [])
    }
    waiters.forEach { $0.resume() }
    handlers.forEach { $0() }
  }

  /// Waits until nobody dictates.
  func quiet() async {
    await withCheckedContinuation { continuation in
      let isQuiet = state.withLock { state in
        if state.isBusy { state.waiters.append(continuation) }
        return !state.isBusy
      }
      if isQuiet { continuation.resume() }
    }
  }

  /// What `work` gives, as long as nobody dictates; as soon as somebody does it is cancelled, and nil comes back.
  func whileQuiet<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value? {
    let task = Task { await work() }
    let number = state.withLock { state in
      state.lastHandler += 1
      state.handlers[state.lastHandler] = { task.cancel() }
      return state.lastHandler
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
