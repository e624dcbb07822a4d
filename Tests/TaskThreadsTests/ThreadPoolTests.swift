import Linux
import Testing

@testable import TaskThreads

/// The pool by itself: tasks that prefer it run on it, whatever the process's own executor is.
@Suite struct ThreadPoolTests {
  private let pool = ThreadPool()

  @Test func tasksAndActorsRunOnItsThreads() async {
    let counter = Counter()
    let names = await withTaskGroup(of: String.self) { group in
      for _ in 0..<1000 {
        group.addTask(executorPreference: pool) {
          await counter.add()
          return threadName()
        }
      }
      return await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(names == ["tasks"])
    #expect(await counter.count == 1000)
  }

  @Test func jobsThatWaitOccupyNoMoreThanTheirThread() async {
    let gate = CountingSemaphore()
    let blocked = (1..<ThreadPool.size).map { _ in
      Task(executorPreference: pool) { wait(for: gate) }
    }
    for _ in 0..<100 { await Task(executorPreference: pool) {}.value }
    for _ in blocked { gate.signal() }
    for task in blocked { await task.value }
  }

  @Test func whenAllThreadsAreOccupiedJobsWaitInTheirOrder() async {
    let gate = CountingSemaphore()
    let started = CountingSemaphore()
    let blocked = (0..<ThreadPool.size).map { _ in
      Task(executorPreference: pool) {
        started.signal()
        wait(for: gate)
      }
    }
    for _ in blocked { wait(for: started) }
    let order = Lock<[String]>([])
    let background = Task(executorPreference: pool, priority: .background) {
      order.withLock { $0.append("background") }
    }
    let live = (0..<3).map { index in
      Task(executorPreference: pool, priority: .medium) { order.withLock { $0.append("\(index)") } }
    }
    #expect(order.withLock { $0 }.isEmpty)
    // One thread is free from here on, so that one job runs after the other.
    gate.signal()
    for task in live { await task.value }
    await background.value
    #expect(order.withLock { $0 } == ["0", "1", "2", "background"])
    for _ in blocked.dropFirst() { gate.signal() }
    for task in blocked { await task.value }
  }
}

@Suite struct TimerQueueTests {
  /// Jobs come when they are due and in the order of their times, not of their coming.
  @Test func jobsComeInTheOrderOfTheirTimes() async throws {
    let queue = TimerQueue()
    let order = Lock<[Int]>([])
    let start = bootNanoseconds()
    let delays = [80, 20, 60, 0, 40, 20]
    let times = await withTaskGroup(of: (Int, UInt64).self) { group in
      for delay in delays {
        group.addTask(executorPreference: Delayer(queue, .milliseconds(delay), order)) {
          (delay, bootNanoseconds())
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for (delay, time) in times { #expect(time - start >= UInt64(delay) * 1_000_000) }
    #expect(order.withLock { $0 } == delays.sorted())
  }
}

/// Runs each job after a delay, on the queue's own thread.
private final class Delayer: TaskExecutor {
  private let queue: TimerQueue
  private let delay: Duration
  private let order: Lock<[Int]>

  init(_ queue: TimerQueue, _ delay: Duration, _ order: Lock<[Int]>) {
    (self.queue, self.delay, self.order) = (queue, delay, order)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    queue.add(UnownedJob(job), after: delay) { [self] job in
      order.withLock { $0.append(Int(delay / .milliseconds(1))) }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}

private actor Counter {
  private(set) var count = 0
  func add() { count += 1 }
}

/// A function of its own, as a job that blocks its thread is what is tested.
private func wait(for semaphore: CountingSemaphore) { semaphore.wait() }

private func threadName() -> String {
  String(decoding: (readFile("/proc/thread-self/comm") ?? []).dropLast(), as: UTF8.self)
}
