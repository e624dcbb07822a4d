import Foundation

/// A file system of its own in memory (tmpfs), small enough to be filled. It is unmounted with the object.
public final class SmallDisk: Sendable {
  /// Where it is mounted.
  public let path: String
  /// A folder beside it, on another disk.
  public let folder: TemporaryFolder

  /// Whether this process may mount.
  public static let isAllowed = (try? SmallDisk(kilobytes: 100)) != nil

  /// An empty one.
  public init(kilobytes: Int) throws {
    folder = try TemporaryFolder()
    path = folder.file("disk")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Self.mount(["-t", "tmpfs", "-o", "size=\(kilobytes)k", "none", path])
  }

  deinit { _ = try? run("/bin/umount", ["-l", path]) }

  /// Makes it larger or smaller.
  public func resize(kilobytes: Int) throws { try Self.mount(["-o", "remount,size=\(kilobytes)k", path]) }

  /// Makes it read-only, or writable again. No file on it may be open for writing.
  public func setReadOnly(_ isReadOnly: Bool) throws {
    try Self.mount(["-o", "remount,\(isReadOnly ? "ro" : "rw")", path])
  }

  /// Takes all the room that is left on it.
  public func fill() throws {
    let filler = open("\(path)/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard filler >= 0 else { throw CocoaError(.fileWriteUnknown) }
    defer { close(filler) }
    let page = [UInt8](repeating: 0x5a, count: 4096)
    while write(filler, page, page.count) > 0 {}
  }

  /// Gives back what `fill` took.
  public func free() throws { try FileManager.default.removeItem(atPath: "\(path)/filler") }

  private static func mount(_ arguments: [String]) throws {
    let result = try run("/bin/mount", arguments)
    guard result.code == 0 else {
      throw CocoaError(.fileWriteNoPermission, userInfo: ["output": result.errors])
    }
  }
}
