internal import CLinux
import Glibc

/// An eventfd(2): any thread signals it, one thread waits for it in poll(2). Signals before a wait add up to one.
public final class WakeEvent: Sendable {
  /// The descriptor to poll for `POLLIN`.
  public let descriptor: Int32

  /// A new event, not signalled. Descriptors are scarce only when something leaks: then this stops the process.
  public init() {
    descriptor = linux_eventfd()
    precondition(descriptor >= 0, "eventfd: \(systemError())")
  }

  deinit { close(descriptor) }

  /// Wakes the waiter. Takes no lock and allocates nothing.
  public func signal() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  /// Forgets the signals so far.
  public func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }

  /// Waits for a signal, at most `milliseconds` (-1: for ever), and forgets it. False when the time was over.
  @discardableResult
  public func wait(milliseconds: Int32 = -1) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, milliseconds) > 0 else { return false }
    clear()
    return true
  }
}
