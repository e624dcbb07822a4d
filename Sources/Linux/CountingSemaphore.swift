import Glibc

/// A semaphore (sem_overview(7)): one wait passes for each signal.
public final class CountingSemaphore: @unchecked Sendable {
  // Safe: a semaphore is made for several threads, and lives as long as this object.
  private let handle: UnsafeMutablePointer<sem_t>

  /// A semaphore that has not been signalled.
  public init() {
    handle = .allocate(capacity: 1)
    sem_init(handle, 0, 0)
  }

  deinit {
    sem_destroy(handle)
    handle.deallocate()
  }

  /// Lets one wait pass.
  public func signal() { sem_post(handle) }

  /// Waits for a signal.
  public func wait() { while sem_wait(handle) < 0 && errno == EINTR {} }
}
