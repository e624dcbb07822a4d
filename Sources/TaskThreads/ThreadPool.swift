@_spi(ExperimentalScheduling) import _Concurrency
import Linux

/// Runs jobs, the parts of tasks between two awaits, on a few threads that are started when they are first needed
/// and then kept.
///
/// A job that waits for the system (a file being synced) occupies its thread, so there are more threads than such
/// jobs are to be expected; when all are occupied, jobs wait until one is free. What may wait for a long time has
/// a thread of its own and no job.
final class ThreadPool: TaskExecutor, SchedulingExecutor {
  /// The most threads there will be.
  static let size = 4

  private let state = Lock(State())
  private let jobs = CountingSemaphore()
  private let timers = TimerQueue()

  private struct State {
    var live: [UnownedJob] = []
    var background: [UnownedJob] = []
    /// Threads that there are, and those of them that have nothing to do.
    var threads = 0
    var waiting = 0

    var queued: Int { live.count + background.count }

    /// The job that is next: in the order of their coming, those of the background after all others.
    mutating func take() -> UnownedJob { live.isEmpty ? background.removeFirst() : live.removeFirst() }
  }

  /// Has `job` run soon.
  func enqueue(_ job: consuming ExecutorJob) { add(UnownedJob(job)) }

  /// Has `job` run after `delay`. The time in which the machine is suspended counts.
  ///
  /// A sleep that is cancelled resumes its task at once, but the runtime takes nothing back: what is left of it
  /// (some hundred bytes) is released by one wake-up when its time has come.
  func enqueue<Timer: Clock>(
    _ job: consuming ExecutorJob, after delay: Timer.Duration, tolerance: Timer.Duration?, clock: Timer
  ) {
    guard let delay = delay as? Duration else {
      preconditionFailure("\(Timer.self) counts in something else than seconds")
    }
    timers.add(UnownedJob(job), after: delay) { [self] in add($0) }
  }

  private func add(_ job: UnownedJob) {
    let needsThread = state.withLock { state in
      if job.isBackground { state.background.append(job) } else { state.live.append(job) }
      guard state.queued > state.waiting, state.threads < Self.size else { return false }
      state.threads += 1
      return true
    }
    jobs.signal()
    if needsThread { WorkerThread(name: "tasks") { [self] in run() }.detach() }
  }

  private func run() -> Never {
    while true {
      state.withLock { $0.waiting += 1 }
      jobs.wait()
      let job = state.withLock { state in
        state.waiting -= 1
        return state.take()
      }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}

extension UnownedJob {
  /// Whether others come first. A job without a priority, such as the end of a sleep, is no less than others.
  fileprivate var isBackground: Bool {
    priority.rawValue != 0 && priority.rawValue < TaskPriority.medium.rawValue
  }
}
