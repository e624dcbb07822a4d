internal import CLinux
import Glibc

/// The signals that end a daemon, read from a signalfd(2) instead of a handler. Make it before any other thread.
public final class TerminationSignals: Sendable {
  private let descriptor: Int32

  /// Blocks SIGTERM, SIGINT and SIGHUP in this thread and those it will start; nil with errno.
  public init?() {
    let signals = [SIGTERM, SIGINT, SIGHUP]
    descriptor = linux_signalfd(signals, Int32(signals.count))
    if descriptor < 0 { return nil }
  }

  deinit { close(descriptor) }

  /// Waits for one of them, or for `event`. True when it was the event.
  public func wait(or event: WakeEvent) -> Bool {
    var entries = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: event.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&entries, 2, -1) < 0 && errno == EINTR {}
    return entries[0].revents == 0
  }
}
