internal import CLinux
import Glibc

/// The bytes of the file at `path`; nil with errno when it cannot be read. `isPlain`: a pipe or a device is not read
/// (EINVAL), and does not block; nor is a link (ELOOP), unless it `mayBeLinked`.
public func readFile(_ path: String, isPlain: Bool = false, mayBeLinked: Bool = false) -> [UInt8]? {
  let plain = isPlain ? O_NONBLOCK | (mayBeLinked ? 0 : O_NOFOLLOW) : 0
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | plain)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var found = stat()
  if isPlain && (fstat(descriptor, &found) != 0 || found.st_mode & S_IFMT != S_IFREG) {
    errno = EINVAL
    return nil
  }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress!, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { return nil }
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

/// The folder of `path`, with its slash, and its name, cut to 200 bytes: a name has at most 255, and that of a file beside
/// it needs room for something behind it.
public func placeBeside(_ path: String) -> (folder: String, name: String) {
  let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
  return (String(path[..<slash]), String(decoding: path[slash...].utf8.prefix(200), as: UTF8.self))
}

/// Replaces the file at `path` so that it holds the old bytes or the new ones, never something between: written
/// beside it, then renamed; `durably`: synced too, so that this holds through a power cut. `mode` is for a new
/// file; an old one keeps its own. False with errno.
public func replaceFile(
  _ path: String, with bytes: [UInt8], mode: UInt32 = 0o600, durably: Bool = true, replaces: Bool = true
) -> Bool {
  replaceFile(path, mode: mode, durably: durably, replaces: replaces) { writeAll($0, bytes) }
}

/// The same with what `write` writes into the descriptor that it gets; false with errno when it cannot. A file that is
/// there by then is replaced when it `replaces` it; else errno is EEXIST.
public func replaceFile<Failure: Error>(
  _ path: String, mode: UInt32 = 0o600, durably: Bool = true, replaces: Bool = true,
  write: (Int32) throws(Failure) -> Bool
) throws(Failure) -> Bool {
  // A link is written through: dotfiles are often links into another folder.
  let target = realpath(path, nil).map { resolved in
    defer { free(resolved) }
    return String(cString: resolved)
  }
  let path = target ?? path
  let (folder, name) = placeBeside(path)
  let temporary = "\(folder)\(name).\(getpid()).\(monotonicNanoseconds()).new"
  var old = stat()
  let mode = stat(path, &old) == 0 ? old.st_mode & 0o777 : mode
  let isMade: Bool
  do throws(Failure) {
    isMade = try makeFile(temporary, mode: mode, durably: durably, write: write)
  } catch {
    unlink(temporary)
    throw error
  }
  if isMade && moveFile(temporary, to: path, replaces: replaces) {
    if durably { syncFolder(of: path) }
    return true
  }
  let code = errno
  unlink(temporary)
  errno = code
  return false
}

/// Makes the file at `path` of what `write` writes into the descriptor that it gets, in the place of one that is there;
/// `durably`: synced. False with errno.
public func makeFile<Failure: Error>(
  _ path: String, mode: UInt32, durably: Bool = true, write: (Int32) throws(Failure) -> Bool
) throws(Failure) -> Bool {
  unlink(path)
  let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
  guard descriptor >= 0 else { return false }
  defer {
    let code = errno
    close(descriptor)
    errno = code
  }
  // The mode that was asked for, whatever this process's umask is.
  guard fchmod(descriptor, mode) == 0, try write(descriptor) else { return false }
  return !durably || fsync(descriptor) == 0
}

/// What is written where the file at `path` is: it, or what it leads to as a link, whether that is there or not. nil with
/// errno: ELOOP when links lead in a circle, EACCES where the system follows none, as those of others in /tmp (proc(5),
/// protected_symlinks).
public func linkTarget(_ path: String) -> String? {
  var (path, found) = (path, stat())
  // readlink(2) asks nobody.
  guard stat(path, &found) == 0 || errno == ENOENT || errno == ENOTDIR else { return nil }
  // As many as the kernel follows (path_resolution(7)).
  for _ in 0...40 {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    // No link, or nothing that can be looked at: whoever writes hears why.
    guard count >= 0 else { return path }
    guard let link = String(validating: buffer[..<count], as: UTF8.self) else {
      errno = EILSEQ
      return nil
    }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    path = link.hasPrefix("/") ? link : folder + link
  }
  errno = ELOOP
  return nil
}

/// Gives the file at `path` the name `target`, in the place of a file of that name when it `replaces` it. False with
/// errno: EEXIST when there is one.
public func moveFile(_ path: String, to target: String, replaces: Bool) -> Bool {
  if replaces { return rename(path, target) == 0 }
  if linux_rename_new(path, target) == 0 { return true }
  // File systems of other makers, and of networks.
  guard errno == EINVAL || errno == ENOSYS else { return false }
  guard access(target, F_OK) != 0 else {
    errno = EEXIST
    return false
  }
  return rename(path, target) == 0
}

/// A file in memory for what wants a path where no disk has room. It is there as long as the object.
public final class MemoryFile: Sendable {
  /// Where this process can read it.
  public var path: String { "/proc/self/fd/\(descriptor)" }
  /// Through which it is written, also by another process that gets it.
  public let descriptor: Int32

  /// A file that holds `bytes`; nil with errno when memory or descriptors are used up.
  public init?(_ bytes: [UInt8]) {
    descriptor = linux_memory_file()
    if descriptor < 0 || !writeAll(descriptor, bytes) { return nil }
  }

  deinit { close(descriptor) }
}

/// The size of the file at `path` in bytes; nil with errno when there is none.
public func fileSize(_ path: String) -> Int? {
  var found = stat()
  return stat(path, &found) == 0 ? Int(found.st_size) : nil
}

/// Writes all of `bytes` to `descriptor`, which blocks. False with errno.
public func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
  bytes.withUnsafeBytes { writeAll(descriptor, $0) }
}

/// Writes all of `bytes` to `descriptor`, which blocks. False with errno.
public func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
  var written = 0
  while written < bytes.count {
    let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    written += count
  }
  return true
}

/// Writes what `source` has left to `descriptor`; both block. False with errno.
public func copyAll(from source: Int32, to descriptor: Int32) -> Bool {
  var block = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = block.withUnsafeMutableBytes { readFully(source, $0, upTo: $0.count) }
    guard count > 0 else { return count == 0 }
    guard block.withUnsafeBytes({ writeAll(descriptor, UnsafeRawBufferPointer(rebasing: $0[..<count])) })
    else { return false }
  }
}

/// The names in the folder at `path`, sorted; empty when it cannot be read.
public func listFolder(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// Makes the names in the folder of `path` outlast a power cut: a new file or a rename is only durable when its
/// folder is. False with errno.
@discardableResult
public func syncFolder(of path: String) -> Bool {
  guard let slash = path.lastIndex(of: "/") else { return true }
  let folder = open(String(path[...slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard folder >= 0 else { return false }
  defer { close(folder) }
  return fsync(folder) == 0
}

/// Reads until `count` bytes are there or the file ends. -1 with errno.
public func readFully(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, upTo count: Int) -> Int {
  var total = 0
  while total < count, let start = buffer.baseAddress {
    let more = read(descriptor, start + total, count - total)
    if more < 0 && errno == EINTR { continue }
    if more < 0 { return -1 }
    if more == 0 { break }
    total += more
  }
  return total
}

/// Waits until `descriptor` can be read, or is at its end; -1: however long that takes. False after `milliseconds`.
public func waitForBytes(_ descriptor: Int32, milliseconds: Int32) -> Bool {
  var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  while true {
    let ready = poll(&entry, 1, milliseconds)
    if ready < 0 && errno == EINTR { continue }
    return ready != 0
  }
}
