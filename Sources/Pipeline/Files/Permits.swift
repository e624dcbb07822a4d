import Linux

/// How many do something at a time; who comes first goes first.
final class Permits: Sendable {
  private let state: Lock<(free: Int, waiters: [CheckedContinuation<Void, Never>])>

  /// Permits for `count` at a time.
  init(_ count: Int) { state = Lock((count, [])) }

  /// Waits for a permit. Each is followed by one of `release`.
  func acquire() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free > 0 {
          state.free -= 1
          return true
        }
        state.waiters.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  /// Gives a permit back: to whoever waits longest.
  func release() {
    let next = state.withLock { state in
      if state.waiters.isEmpty {
        state.free += 1
        return CheckedContinuation<Void, Never>?.none
      }
      return state.waiters.removeFirst()
    }
    next?.resume()
  }
}
