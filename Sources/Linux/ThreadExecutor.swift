/// A thread that runs the jobs of an actor, one after the other, in the order of their arrival: for actors that wait
/// for disks, which must not hold a thread of Swift's pool.
///
/// The thread sleeps in poll(2) when there is nothing to do. It lives until `end`.
public final class ThreadExecutor: SerialExecutor {
  private struct Waiting {
    var jobs: [UnownedJob] = []
    var isEnding = false
  }

  private let waiting = Lock(Waiting())
  private let wake = WakeEvent()

  /// Starts a thread called `name` (at most 15 bytes are shown by ps).
  public init(name: String) {
    WorkerThread(name: name) { self.run() }.detach()
  }

  /// Appends a job; any thread may.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    waiting.withLock { $0.jobs.append(job) }
    wake.signal()
  }

  /// Ends the thread when all jobs have run. The actor calls it in its `deinit`, which may be on this thread.
  public func end() {
    waiting.withLock { $0.isEnding = true }
    wake.signal()
  }

  private func run() {
    while true {
      let (jobs, isEnding) = waiting.withLock { waiting in
        defer { waiting.jobs = [] }
        return (waiting.jobs, waiting.isEnding)
      }
      for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
      if jobs.isEmpty && isEnding { return }
      if jobs.isEmpty { wake.wait() }
    }
  }
}

/// Runs `body`, which may block for long, on a thread of its own called `name`.
public func onThread<Value: Sendable, Failure: Error>(
  _ name: String, _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
  let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
    WorkerThread(name: name) {
      do throws(Failure) { continuation.resume(returning: .success(try body())) } catch {
        continuation.resume(returning: .failure(error))
      }
    }.detach()
  }
  return try result.get()
}
