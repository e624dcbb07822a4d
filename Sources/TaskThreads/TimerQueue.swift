import Linux

/// Jobs whose time has not come. One thread, which the first of them starts, sleeps until the earliest is due.
final class TimerQueue: Sendable {
  private let state = Lock(State())
  private let alarm = Alarm()

  private struct State {
    /// In the order of their times.
    var entries: [Entry] = []
    var hasThread = false
  }

  private struct Entry {
    /// In nanoseconds of `bootNanoseconds`.
    let time: UInt64
    let job: UnownedJob
    let isDue: @Sendable (UnownedJob) -> Void
  }

  /// Calls `isDue` with `job` after `delay`, on the queue's thread.
  func add(_ job: UnownedJob, after delay: Duration, isDue: @escaping @Sendable (UnownedJob) -> Void) {
    let entry = Entry(time: bootNanoseconds() + nanoseconds(delay), job: job, isDue: isDue)
    let needsThread = state.withLock { state in
      // Most come after all others: the search begins at the end.
      let position = (state.entries.lastIndex { $0.time <= entry.time } ?? -1) + 1
      state.entries.insert(entry, at: position)
      if position == 0 { alarm.set(entry.time) }
      defer { state.hasThread = true }
      return !state.hasThread
    }
    if needsThread { WorkerThread(name: "timers") { [self] in run() }.detach() }
  }

  private func run() -> Never {
    while true {
      alarm.wait()
      let due = state.withLock { state in
        let now = bootNanoseconds()
        let due = Array(state.entries.prefix { $0.time <= now })
        state.entries.removeFirst(due.count)
        if let next = state.entries.first { alarm.set(next.time) }
        return due
      }
      for entry in due { entry.isDue(entry.job) }
    }
  }
}

/// `duration` from 0 to thirty years: what is longer than that is for ever.
private func nanoseconds(_ duration: Duration) -> UInt64 {
  let bounded = min(max(duration, .zero), .seconds(1_000_000_000))
  let (seconds, attoseconds) = bounded.components
  return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
}
