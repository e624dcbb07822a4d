import Foundation
import Linux

/// A disk of its own (ext4 in a file) that can hang: while it is frozen, whoever writes to it waits, without an error.
/// It always thaws: with the object, and when the test's process dies.
public final class FreezableDisk: Sendable {
  /// Where it is mounted.
  public let path: String
  private let folder: TemporaryFolder
  private let freezer = Lock<RunningProcess?>(nil)

  /// Whether this process may mount and freeze.
  public static let isAllowed: Bool = {
    guard let disk = try? FreezableDisk() else { return false }
    return (try? disk.freeze()) != nil
  }()

  /// An empty one of 32 MB.
  public init() throws {
    folder = try TemporaryFolder()
    path = folder.file("disk")
    let image = folder.file("image")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard FileManager.default.createFile(atPath: image, contents: nil), truncate(image, 32 << 20) == 0 else {
      throw CocoaError(.fileWriteUnknown)
    }
    try Self.sh("/usr/sbin/mkfs.ext4 -q -F '\(image)' && mount -o loop '\(image)' '\(path)'")
  }

  deinit {
    thaw()
    try? Self.sh("umount -l '\(path)'")
  }

  /// Lets it hang from now on.
  public func freeze() throws {
    let shell = try RunningProcess(
      "/bin/sh",
      ["-c", "/usr/sbin/fsfreeze -f '\(path)' && echo frozen && cat; /usr/sbin/fsfreeze -u '\(path)'"])
    freezer.withLock { $0 = shell }
    guard shell.waitForOutput("frozen") else { throw RigError("\(path) cannot be frozen: \(shell.errors)") }
  }

  /// Lets it answer again.
  public func thaw() {
    let shell = freezer.withLock { freezer in
      defer { freezer = nil }
      return freezer
    }
    shell?.closeInput()
    shell?.wait()
  }

  private static func sh(_ command: String) throws {
    let result = try run("/bin/sh", ["-c", command])
    guard result.code == 0 else { throw RigError(result.errors) }
  }
}
