import Foundation
import TestSupport

/// A file system of its own in memory (tmpfs), small enough to be filled. It is unmounted with the object.
final class SmallDisk: Sendable {
  /// Where it is mounted.
  let path: String
  /// A folder beside it, on another disk.
  let folder: TemporaryFolder

  /// Whether this process may mount.
  static let isAllowed = (try? SmallDisk(kilobytes: 100)) != nil

  init(kilobytes: Int) throws {
    folder = try TemporaryFolder()
    path = folder.file("disk")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Self.mount(["-t", "tmpfs", "-o", "size=\(kilobytes)k", "none", path])
  }

  deinit { _ = try? run("/bin/umount", ["-l", path]) }

  /// Makes it larger or smaller.
  func resize(kilobytes: Int) throws { try Self.mount(["-o", "remount,size=\(kilobytes)k", path]) }

  /// Makes it read-only, or writable again. No file on it may be open for writing.
  func setReadOnly(_ isReadOnly: Bool) throws {
    try Self.mount(["-o", "remount,\(isReadOnly ? "ro" : "rw")", path])
  }

  private static func mount(_ arguments: [String]) throws {
    let result = try run("/bin/mount", arguments)
    guard result.code == 0 else {
      throw CocoaError(.fileWriteNoPermission, userInfo: ["output": result.errors])
    }
  }
}
