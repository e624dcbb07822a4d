internal import CLinux
import Glibc

/// A thread of our own, for work that waits in poll(2) or needs a steady pace.
public final class WorkerThread: Sendable {
  private let handle: pthread_t

  /// Starts a thread called `name` (at most 15 bytes are shown by ps) that runs `body` once. Its stack has the
  /// system's usual size (8 MiB, reserved and not used), or `stackBytes`.
  public init(name: String, stackBytes: Int? = nil, _ body: sending @escaping () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
    let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        let start = Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
        linux_name_thread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    precondition(code == 0, "pthread_create: \(systemError(code))")
    handle = thread
  }

  /// Waits until the body has returned. Call it once, and not from the thread itself.
  public func join() { pthread_join(handle, nil) }

  /// Leaves the thread to itself, instead of a join.
  public func detach() { pthread_detach(handle) }
}

private final class ThreadStart {
  let name: String
  let body: () -> Void

  init(name: String, body: @escaping () -> Void) {
    self.name = name
    self.body = body
  }
}
