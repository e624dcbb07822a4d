internal import CLinux
import Glibc

/// A timerfd(2): any thread sets its time, one thread waits for it.
public final class Alarm: Sendable {
  private let descriptor: Int32

  /// An alarm that is not set. Descriptors are scarce only when something leaks: then this stops the process.
  public init() {
    descriptor = linux_timerfd()
    precondition(descriptor >= 0, "timerfd: \(systemError())")
  }

  deinit { close(descriptor) }

  /// Replaces the time it goes off at, in nanoseconds of `bootNanoseconds`; one that has passed is now.
  public func set(_ time: UInt64) { linux_timerfd_set(descriptor, max(1, time)) }

  /// Waits until it goes off.
  public func wait() {
    var count: UInt64 = 0
    while read(descriptor, &count, 8) < 0 && errno == EINTR {}
  }
}
