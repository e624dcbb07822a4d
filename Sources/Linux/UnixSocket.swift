internal import CLinux
import Glibc

/// Connects to the Unix socket at `path`. Returns the descriptor (close-on-exec), or nil with errno.
public func connectSocket(_ path: String) -> Int32? {
  withSocket(path) { connect($0, $1, $2) }
}

/// Listens on a new Unix socket at `path` (0600), in place of a stale one. Returns the descriptor
/// (close-on-exec, non-blocking), or nil with errno. The caller makes sure that nobody listens there.
public func listenSocket(_ path: String) -> Int32? {
  unlink(path)
  guard let descriptor = withSocket(path, { bind($0, $1, $2) }) else { return nil }
  guard chmod(path, 0o600) == 0, listen(descriptor, 64) == 0 else {
    close(descriptor)
    return nil
  }
  setNonBlocking(descriptor)
  return descriptor
}

/// Accepts a connection of this user. Returns the descriptor (close-on-exec, non-blocking), or nil when none
/// waits or another user's process asked.
public func acceptConnection(_ listener: Int32) -> Int32? {
  let descriptor = linux_accept(listener)
  guard descriptor >= 0 else { return nil }
  guard linux_peer_uid(descriptor) == Int64(getuid()) else {
    close(descriptor)
    return nil
  }
  return descriptor
}

/// Sends `bytes` through a Unix socket, and copies of `descriptors` with them, at most 253.
///
/// - Returns: how many bytes were sent, from 1; or -1 with errno.
public func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, with descriptors: [Int32]) -> Int {
  linux_send_descriptors(socket, bytes.baseAddress, bytes.count, descriptors, Int32(descriptors.count))
}

/// Reads into `bytes` from a Unix socket; `descriptors` become those that came with them (close-on-exec, the caller's to
/// close), unless they are more than `limit`.
///
/// - Returns: how many bytes came; 0 at the end; or -1 with errno.
public func receive(
  _ socket: Int32, _ bytes: UnsafeMutableRawBufferPointer, _ descriptors: inout [Int32], limit: Int
) -> Int {
  var count = Int32(limit)
  descriptors = [Int32](repeating: -1, count: limit)
  let received = linux_receive_descriptors(socket, bytes.baseAddress, bytes.count, &descriptors, &count)
  descriptors.removeLast(limit - Int(count))
  return received
}

/// Makes reads and writes of `descriptor` return at once.
public func setNonBlocking(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

private func withSocket(
  _ path: String, _ act: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32? {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let capacity = MemoryLayout.size(ofValue: address.sun_path)
  guard path.utf8.count < capacity else {
    errno = ENAMETOOLONG
    return nil
  }
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  guard descriptor >= 0 else { return nil }
  let result = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      act(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard result == 0 else {
    let code = errno
    close(descriptor)
    errno = code
    return nil
  }
  return descriptor
}
