import Glibc
import Linux
import Synchronization

/// Brings a spool file to the disk on a thread of its own: fdatasync(2) may take as long as the disk likes, and what
/// is being said is written meanwhile, so that a kill does not cost it.
final class SpoolSync: Sendable {
  private let wake = WakeEvent()
  private let isEnding = Atomic(false)
  private let descriptor: Int32
  private let shared: SpoolShared
  private let thread = Lock<WorkerThread?>(nil)

  /// With the first sync goes the file's name, which is in its folder. Not before: the first frames, which are about
  /// to be written, would wait for it.
  init(_ descriptor: Int32, path: String, _ shared: SpoolShared) {
    self.descriptor = descriptor
    self.shared = shared
    let worker = WorkerThread(name: "spool-sync") { [self] in
      wake.wait()
      syncFolder(of: path)
      sync()
      while !isEnding.load(ordering: .acquiring) {
        wake.wait()
        sync()
      }
    }
    thread.withLock { $0 = worker }
  }

  /// Asks for a sync soon; returns at once.
  func request() { wake.signal() }

  /// Ends the thread, syncs all that has been written before, and returns when it is done.
  func finish() {
    isEnding.store(true, ordering: .releasing)
    wake.signal()
    let worker = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    worker?.join()
    sync()
  }

  private func sync() {
    let written = shared.content.withLock { $0.written }
    let code = fdatasync(descriptor) == 0 ? nil : errno
    shared.content.withLock { content in
      content.syncRefusal = code
      if code == nil {
        content.synced = written
      } else {
        // Nobody knows what of it is on the disk: it is written once more.
        content.written = min(content.written, content.synced)
      }
    }
  }
}
