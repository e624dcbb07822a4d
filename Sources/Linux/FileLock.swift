import Glibc

/// An exclusive flock(2) on a file, held until the object goes or the process ends, however it ends.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock on `path`, which is made when missing. With `waiting`, another holder is waited for;
  /// otherwise nil with errno EWOULDBLOCK.
  public init?(_ path: String, waiting: Bool) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    while flock(descriptor, waiting ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
      // deinit closes the descriptor, and leaves errno.
      if errno != EINTR { return nil }
    }
  }

  /// Replaces what the file holds: who has the lock, for people who look.
  public func write(_ text: String) {
    ftruncate(descriptor, 0)
    _ = writeAll(descriptor, Array(text.utf8))
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
