/// Tells when a file has changed: also one that does not exist yet, and one that is replaced by another of its name.
public final class FileWatch: Sendable {
  private let stopping = WakeEvent()
  private let thread = Lock<WorkerThread?>(nil)

  /// Nothing is watched yet.
  public init() {}

  /// Calls `changed` from a thread called `name` whenever the file at `path` has changed, until `stop`. Its folder is made
  /// when missing; where that cannot be, nothing is watched.
  public func start(_ path: String, name: String, _ changed: @escaping @Sendable () -> Void) {
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    guard (try? makeFolder(folder)) != nil, let watch = FolderWatch(folder) else { return }
    let file = String(path.dropFirst(folder.count + 1))
    let worker = WorkerThread(name: name) { [stopping] in
      while let names = watch.next(until: stopping) {
        if names.contains(file) { changed() }
      }
    }
    thread.withLock { $0 = worker }
  }

  /// Ends the thread.
  public func stop() {
    let worker = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    stopping.signal()
    worker?.join()
  }
}
