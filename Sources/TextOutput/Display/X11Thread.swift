import DictationTypes
import Glibc
import Linux
import Synchronization

/// Whether the caller of a job gave it up, and whether the job gets on. Cancelling wakes the X11 thread from any wait.
final class Cancellation: Sendable {
  private let flag = Atomic(false)
  private let wake: WakeEvent
  private let progress: JobProgress

  init(_ wake: WakeEvent, _ progress: JobProgress) {
    self.wake = wake
    self.progress = progress
  }

  /// Tells that a part of a long job is done.
  func noteProgress() { progress.note() }

  var isCancelled: Bool { flag.load(ordering: .acquiring) }

  func cancel() {
    flag.store(true, ordering: .releasing)
    wake.signal()
  }
}

/// How often the X11 thread has got on with anything.
final class JobProgress: Sendable {
  private let steps = Atomic(0)

  var count: Int { steps.load(ordering: .acquiring) }

  func note() { steps.add(1, ordering: .acquiringAndReleasing) }
}

/// The answer to a caller, given once: by the thread, or by the clock.
private final class Answer<Value: Sendable>: Sendable {
  typealias Outcome = Result<Value, DictationError>
  let continuation = Lock<CheckedContinuation<Outcome, Never>?>(nil)

  /// False when there was an answer already.
  @discardableResult
  func give(_ outcome: Outcome) -> Bool {
    let waiting = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    waiting?.resume(returning: outcome)
    return waiting != nil
  }
}

/// The one thread that calls libX11. Jobs run one after the other; between them it sleeps in poll(2).
final class X11Thread: Sendable {
  private struct Job: Sendable {
    let address: DisplayAddress
    let cancellation: Cancellation
    let run: @Sendable (Result<Connection, DictationError>) -> Void
  }

  /// What it means that a job has not ended in its time.
  private enum Delay {
    /// Nothing yet: the thread gets on.
    case none
    /// The thread is in another job: this one has been taken out of the queue.
    case busy
    /// The thread is stuck in a call of libX11.
    case hung
  }

  private struct State: Sendable {
    var jobs: [Job] = []
    var running: Cancellation?
    var worker: WorkerThread?
    var isShutDown = false
    var isHung = false
  }

  private let pasteLimits: PasteLimits
  private let state = Lock(State())
  private let wake = WakeEvent()
  private let ended = WakeEvent()
  /// Tells whether the thread gets on; for tests too.
  let progress = JobProgress()

  init(pasteLimits: PasteLimits = PasteLimits()) { self.pasteLimits = pasteLimits }

  /// Runs `body` with the connection to `address` on the thread, which is started when it does not run yet.
  ///
  /// libX11 waits for its server without a limit: after `seconds` in which neither this job nor one before it gets on,
  /// the caller gets a failure. If it was this job that ran, the thread is given up, and `isHung` is true; the one that
  /// runs before it may have more time.
  func perform<Value: Sendable>(
    on address: DisplayAddress, within seconds: Int,
    _ body: @escaping @Sendable (Connection) throws(DictationError) -> Value
  ) async throws(DictationError) -> Value {
    let cancellation = Cancellation(wake, progress)
    let answer = Answer<Value>()
    let timer = Task {
      while true {
        let seen = progress.count
        guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
        switch delay(of: cancellation, since: seen) {
        case .none: continue
        case .busy:
          let busy = "thoth is busy inserting, and the X server does not answer; see thoth last"
          answer.give(.failure(DictationError(.output, busy)))
        case .hung:
          let hung = DictationError(
            .output, "the X server at \(address.display) does not answer; see thoth last")
          if answer.give(.failure(hung)) { abandon(cancellation, hung) }
        }
        return
      }
    }
    defer { timer.cancel() }
    let result: Result<Value, DictationError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        answer.continuation.withLock { $0 = continuation }
        add(
          Job(address: address, cancellation: cancellation) { connection in
            answer.give(
              connection.flatMap { connection in
                Result { () throws(DictationError) in try body(connection) }
              })
          })
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }

  /// Whether a server has not answered in time. The thread ends when it does; another one is needed meanwhile.
  var isHung: Bool { state.withLock { $0.isHung } }

  /// What to make of the job of `cancellation`, which had time since there were `seen` steps.
  private func delay(of cancellation: Cancellation, since seen: Int) -> Delay {
    state.withLock { state in
      // Looked up again under the lock, which the thread takes after each job.
      guard progress.count == seen else { return .none }
      guard let running = state.running, running !== cancellation else { return .hung }
      state.jobs.removeAll { $0.cancellation === cancellation }
      return .busy
    }
  }

  private func abandon(_ cancellation: Cancellation, _ reason: DictationError) {
    cancellation.cancel()
    let left = state.withLock { state in
      (state.isHung, state.isShutDown) = (true, true)
      defer { state.jobs = [] }
      return state.jobs
    }
    wake.signal()
    left.forEach { $0.run(.failure(reason)) }
  }

  /// Ends the thread and closes its connections; jobs that have not ended fail. Later jobs fail too.
  func shutDown() {
    let worker = state.withLock { state in
      state.isShutDown = true
      state.running?.cancel()
      return state.worker
    }
    wake.signal()
    // A server that hangs does not keep the process from ending.
    if let worker {
      let limit = Int32(2000 + pasteLimits.managerTime / 1_000_000)
      if ended.wait(milliseconds: limit) { worker.join() } else { worker.detach() }
    }
    let left = state.withLock { state in
      state.worker = nil
      defer { state.jobs = [] }
      return state.jobs
    }
    left.forEach(refuse)
  }

  private func add(_ job: Job) {
    let isAccepted = state.withLock { state in
      if state.isShutDown { return false }
      state.jobs.append(job)
      if state.worker == nil { state.worker = WorkerThread(name: "x11") { self.serve() } }
      return true
    }
    if isAccepted { wake.signal() } else { refuse(job) }
  }

  private func refuse(_ job: Job) {
    job.run(.failure(DictationError(.cancelled, "thoth is being stopped; the text is kept, see thoth last")))
  }

  private func serve() {
    blockBrokenPipeSignal()
    var connections: [DisplayAddress: Connection] = [:]
    while let job = nextJob(&connections) {
      // What has waited until now was not the server's fault.
      progress.note()
      run(job, &connections)
      progress.note()
      state.withLock { $0.running = nil }
    }
    connections.values.forEach { $0.prepareToClose() }
    ended.signal()
  }

  /// The next job; nil when the thread shall end. Serves the connections until there is one.
  private func nextJob(_ connections: inout [DisplayAddress: Connection]) -> Job? {
    while true {
      let (job, isShutDown) = state.withLock { state -> (Job?, Bool) in
        guard !state.isShutDown, !state.jobs.isEmpty else { return (nil, state.isShutDown) }
        let job = state.jobs.removeFirst()
        state.running = job.cancellation
        return (job, false)
      }
      if let job { return job }
      if isShutDown { return nil }
      connections.values.forEach { $0.serveIdle() }
      connections = connections.filter { !$0.value.isBroken }
      // Who waited in there for an answer has cleared the signal of a job that came meanwhile.
      if state.withLock({ $0.jobs.isEmpty && !$0.isShutDown }) { sleep(connections) }
    }
  }

  private func sleep(_ connections: [DisplayAddress: Connection]) {
    let descriptors = [wake.descriptor] + connections.values.map(\.descriptor)
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var timeout: Int32 = -1
    if let due = connections.values.compactMap(\.nextDue).min() {
      let now = monotonicNanoseconds()
      timeout = due > now ? Int32((due - now) / 1_000_000) + 1 : 0
    }
    poll(&entries, nfds_t(entries.count), timeout)
    if entries[0].revents != 0 { wake.clear() }
  }

  private func run(_ job: Job, _ connections: inout [DisplayAddress: Connection]) {
    do throws(DictationError) {
      let connection = try connection(to: job.address, &connections)
      connection.cancellation = job.cancellation
      job.run(.success(connection))
      connection.cancellation = nil
    } catch {
      job.run(.failure(error))
    }
    connections = connections.filter { !$0.value.isBroken }
  }

  private func connection(
    to address: DisplayAddress, _ connections: inout [DisplayAddress: Connection]
  ) throws(DictationError) -> Connection {
    // Who has another authority file, such as a hotkey and a shell on another machine, means the same display.
    if let open = connections.first(where: { $0.key.server == address.server })?.value { return open }
    let opened = try Connection(address, pasteLimits: pasteLimits, wake: wake)
    connections[address] = opened
    return opened
  }

  /// A write to a server that went away shall be an error here, and not a signal that ends the process.
  private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}

extension DisplayAddress {
  /// The server alone: `:0.0` is `:0` with the number of a screen.
  fileprivate var server: Substring {
    guard let colon = display.lastIndex(of: ":"), let dot = display[colon...].firstIndex(of: ".") else {
      return display[...]
    }
    return display[..<dot]
  }
}
