import AudioFiles
import Glibc
import Linux
import Synchronization

/// The thread that writes a recording to its file, and everything that may wait for the disk but the syncs.
final class SpoolDisk {
  private let path: String
  private let shared: SpoolShared
  private var descriptor: Int32 = -1
  private var sync: SpoolSync?
  /// Whether something was written since the last sync was asked for.
  private var isDirty = false
  private var nextSync = monotonicNanoseconds() + SpoolDisk.interval
  /// When the disk, which has refused, is asked again.
  private var nextTry: UInt64 = 0

  /// Between two syncs, and between two tries when the disk refuses, in nanoseconds.
  private static let interval: UInt64 = 1_000_000_000
  /// The bytes of one write at most: two seconds.
  private static let pieceSize = 65_536

  init(_ path: String, _ shared: SpoolShared) {
    self.path = path
    self.shared = shared
  }

  func run() {
    while true {
      let isLast = shared.isEnding.load(ordering: .acquiring)
      let isWritten = write(isLast: isLast)
      if isLast { break }
      let now = monotonicNanoseconds()
      if isDirty && now >= nextSync {
        (isDirty, nextSync) = (false, now + Self.interval)
        sync?.request()
      }
      shared.wake.wait(milliseconds: isWritten && !isDirty ? -1 : Int32(Self.interval / 1_000_000))
    }
    sync?.finish()
    shared.isDone.signal()
  }

  /// Writes what the file has not got; false when the disk refuses.
  private func write(isLast: Bool) -> Bool {
    guard isLast || monotonicNanoseconds() >= nextTry else { return false }
    while let (offset, piece) = next() {
      guard prepare(), put(piece, at: offset) else {
        let code = errno
        nextTry = monotonicNanoseconds() + Self.interval
        shared.content.withLock { $0.refusal = code }
        return false
      }
      isDirty = true
      shared.content.withLock { content in
        // A sync that failed meanwhile has moved it back.
        if content.written == offset { content.written += piece.count }
        content.lastProgress = monotonicNanoseconds()
        if content.isWritten { content.refusal = nil }
      }
    }
    return true
  }

  /// The next bytes that the file has not got, and where they begin.
  private func next() -> (offset: Int, bytes: [UInt8])? {
    shared.content.withLock { content in
      if content.isWritten { return nil }
      return (content.written, Array(content.bytes[content.written...].prefix(Self.pieceSize)))
    }
  }

  /// Makes the file when there is none yet. False with errno.
  private func prepare() -> Bool {
    guard descriptor < 0 else { return true }
    if let slash = path.lastIndex(of: "/") { try? makeFolder(String(path[..<slash])) }
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    shared.descriptor.store(descriptor, ordering: .releasing)
    flock(descriptor, LOCK_EX | LOCK_NB)
    sync = SpoolSync(descriptor, path: path, shared)
    return true
  }

  /// Puts `bytes` in their place; the file is whole afterwards. False with errno.
  private func put(_ bytes: [UInt8], at offset: Int) -> Bool {
    guard lseek(descriptor, off_t(offset), SEEK_SET) == offset, writeAll(descriptor, bytes) else {
      return false
    }
    return WAVHeader.write(frames: WAVHeader.frames(bytes: offset + bytes.count), to: descriptor)
  }
}

/// close(2), unless there is no file.
func closeFile(_ descriptor: Int32) { if descriptor >= 0 { close(descriptor) } }
