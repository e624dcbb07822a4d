import AudioFiles
import DictationTypes
import Glibc
import Linux

/// Why a file in the spool is not taken up.
public enum OrphanProblem: Error, Sendable, Hashable {
  /// It is being recorded, or another daemon has taken it up.
  case inUse
  /// It is something else than a recording of ours: what it is.
  case foreign(String)
  /// It cannot be read, with this error number.
  case unreadable(Int32)
}

/// A recording in the spool whose daemon has gone. It is locked as long as this object lives, so that of several
/// daemons one takes it up.
///
/// It is read only: also what cannot be written any more has its words.
public final class OrphanFile: Sendable {
  /// The path.
  public let path: String
  /// How many whole frames it has, whatever its header says.
  public let frames: Int
  private let header: [UInt8]
  private let descriptor: Int32

  /// Takes the file at `path`.
  ///
  /// - Throws: why not; it has not been changed.
  public init(_ path: String) throws(OrphanProblem) {
    // A pipe in its place must not block, nor a link lead elsewhere.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw errno == ELOOP ? .foreign("a link") : .unreadable(errno) }
    do throws(OrphanProblem) {
      (header, frames) = try Self.examine(descriptor)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Takes the lock and looks what it is.
  private static func examine(_ descriptor: Int32) throws(OrphanProblem) -> (header: [UInt8], frames: Int) {
    var found = stat()
    guard fstat(descriptor, &found) == 0 else { throw .unreadable(errno) }
    guard found.st_mode & S_IFMT == S_IFREG else { throw .foreign("no file") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK ? .inUse : .unreadable(errno)
    }
    // It has grown until now.
    guard fstat(descriptor, &found) == 0, let header = read(descriptor, from: 0, count: WAVHeader.size) else {
      throw .unreadable(errno)
    }
    // What is shorter has no frames, whatever it is.
    guard header.count < WAVHeader.size || WAVHeader.isOurs(header) else {
      throw .foreign("no WAV file of 16 kHz, mono, 16 bit")
    }
    return (header, WAVHeader.frames(bytes: Int(found.st_size)))
  }

  /// Makes the header of the file agree with its length, for other programs. False with errno when that is refused.
  public func mend() -> Bool {
    guard frames > 0, header != WAVHeader.bytes(frames: frames) else { return true }
    let descriptor = open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return WAVHeader.write(frames: frames, to: descriptor)
  }

  /// The recording as the bytes of a WAV file, with a header that is right; nil with errno.
  public func wav() -> [UInt8]? {
    guard let samples = Self.read(descriptor, from: WAVHeader.size, count: 2 * frames) else { return nil }
    return WAVHeader.bytes(frames: samples.count / 2) + samples.prefix(samples.count / 2 * 2)
  }

  /// Up to `count` bytes: fewer where the file ends. Nil with errno.
  private static func read(_ descriptor: Int32, from offset: Int, count: Int) -> [UInt8]? {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let more = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
        if more < 0 && errno == EINTR { continue }
        if more < 0 { code = errno }
        guard more > 0 else { break }
        filled += more
      }
    }
    errno = code
    return code == 0 ? bytes : nil
  }
}
