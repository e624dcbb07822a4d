import Glibc
import Linux
import Synchronization

/// Brings a file to the disk on a thread of its own: fdatasync(2) may take as long as the disk likes, and nobody
/// who brings sound waits for it.
final class SpoolSync: Sendable {
  private let wake = WakeEvent()
  private let isEnding = Atomic(false)
  /// The error number of a sync that failed, until it has been taken.
  private let failure = Atomic<Int32>(0)
  private let descriptor: Int32
  private let thread = Lock<WorkerThread?>(nil)

  /// Starts with the file's name, which is in its folder.
  init(_ descriptor: Int32, path: String) {
    self.descriptor = descriptor
    let worker = WorkerThread(name: "spool-sync") { [self] in
      syncFolder(of: path)
      while !isEnding.load(ordering: .acquiring) {
        wake.wait()
        sync()
      }
    }
    thread.withLock { $0 = worker }
  }

  /// Asks for a sync soon; returns at once.
  func request() { wake.signal() }

  /// Syncs all that has been written before, and returns when it is done.
  func finish() {
    end()
    sync()
  }

  /// Ends the thread.
  func end() {
    isEnding.store(true, ordering: .releasing)
    wake.signal()
    thread.withLock { thread in
      thread?.join()
      thread = nil
    }
  }

  /// The error number of a sync that failed since the last call.
  func takeFailure() -> Int32? {
    let code = failure.exchange(0, ordering: .relaxed)
    return code == 0 ? nil : code
  }

  private func sync() {
    if fdatasync(descriptor) != 0 { failure.store(errno, ordering: .relaxed) }
  }
}
