internal import CLinux
import Glibc

/// Tells when files in a folder have been written or moved there, by inotify(7).
public final class FolderWatch: Sendable {
  private let descriptor: Int32

  /// Watches the folder at `path`; nil with errno.
  public init?(_ path: String) {
    descriptor = linux_inotify()
    guard descriptor >= 0 else { return nil }
    let mask = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE)
    if inotify_add_watch(descriptor, path, mask) < 0 { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Waits for the next change: the names of the files. Nil when `stop` was signalled.
  public func next(until stop: WakeEvent) -> [String]? {
    var entries = [
      pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&entries, 2, -1) < 0 && errno == EINTR {}
    if entries[0].revents != 0 { return nil }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress!, $0.count) }
    var names: [String] = []
    var offset = 0
    let header = MemoryLayout<inotify_event>.size
    while offset + header <= count {
      let event = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self) }
      let name = buffer[(offset + header)..<(offset + header + Int(event.len))].prefix { $0 != 0 }
      names.append(String(decoding: name, as: UTF8.self))
      offset += header + Int(event.len)
    }
    return names
  }
}
