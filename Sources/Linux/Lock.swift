import Glibc

/// A value that one thread at a time may touch.
///
/// It is a pthread mutex and not `Synchronization.Mutex`, whose futex the thread sanitizer cannot see.
public final class Lock<Value>: @unchecked Sendable {
  // Safe: `value` is touched only between lock and unlock of `mutex`, which lives as long as this object.
  private var value: Value
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  /// A lock around `value`.
  public init(_ value: sending Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` with the value, while no other thread does. `body` must not wait for anything.
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
