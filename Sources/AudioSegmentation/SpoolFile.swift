public import DictationTypes
import Glibc
import Linux

/// A recording on its way: a WAV file (16 kHz, mono, 16 bit) that is whole after every `append`, so that a kill at
/// any moment costs nothing that was appended. One thread uses it.
///
/// A thread of its own brings what was written to the disk once a second, so that a power cut costs at most about
/// the last second, and the way of the sound never waits for the disk.
///
/// When the disk refuses, the rest is kept in memory up to `memoryLimit`, and `failure` tells it; every second it
/// is tried again. What is being said is worth more than the order of things.
public final class SpoolFile {
  /// The path.
  public let path: String
  /// How many frames it holds, those in memory too.
  public private(set) var frames = 0
  /// Why the disk holds less than was said, or nil. It changes when the disk takes it again, and when the memory is
  /// full too.
  public private(set) var failure: DictationError?
  /// Whether there is no place left: what is appended now is lost, so the recording has to end.
  public private(set) var isFull = false

  /// The frames that are kept when the disk refuses: ten minutes, 19 MB.
  static let memoryLimit = 600 * AudioFormat.speech.sampleRate
  /// The frames between two syncs, and between two tries when the disk refuses: a second.
  static let syncInterval = AudioFormat.speech.sampleRate

  /// -1 when the file could not be made.
  private let descriptor: Int32
  private let sync: SpoolSync?
  private let memoryLimit: Int
  private var writtenFrames = 0
  private var inMemory: [Int16] = []
  private var framesSinceSync = 0

  /// A new file at `path`, which only its owner can read. When it cannot be made, all of the recording is kept in
  /// memory, and `failure` says so.
  public convenience init(path: String) { self.init(path: path, memoryLimit: Self.memoryLimit) }

  init(path: String, memoryLimit: Int) {
    self.path = path
    self.memoryLimit = memoryLimit
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      sync = nil
      refuse(errno)
      return
    }
    // A daemon with another runtime folder sees by the lock that the recording is not an orphan.
    flock(descriptor, LOCK_EX | LOCK_NB)
    sync = SpoolSync(descriptor, path: path)
    if !writeAll(descriptor, WAVHeader.bytes(frames: 0)) { refuse(errno) }
  }

  deinit {
    sync?.end()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Adds samples at the end.
  public func append(_ samples: UnsafeBufferPointer<Int16>) {
    frames += samples.count
    framesSinceSync += samples.count
    if framesSinceSync >= Self.syncInterval {
      framesSinceSync = 0
      if failure != nil { retry() } else { sync?.request() }
      if let code = sync?.takeFailure() { refuse(code) }
    }
    if inMemory.isEmpty && failure == nil {
      if write(samples) { return }
      refuse(errno)
    }
    keepInMemory(samples)
  }

  /// Tries once more to write what the disk refused, and makes all of it outlast a power cut.
  public func finish() {
    retry()
    sync?.finish()
  }

  /// Whether a recording is being written to the file at `path`.
  public static func isInUse(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// The whole recording as the bytes of a WAV file.
  public func wav() -> [UInt8] {
    let total = writtenFrames + inMemory.count
    var bytes = WAVHeader.bytes(frames: total)
    bytes.reserveCapacity(bytes.count + 2 * total)
    // By the descriptor: it has the audio also when somebody removed the file.
    var written = [UInt8](repeating: 0, count: 2 * writtenFrames)
    var count = 0
    written.withUnsafeMutableBytes { buffer in
      while count < buffer.count {
        let more = pread(
          descriptor, buffer.baseAddress! + count, buffer.count - count, off_t(WAVHeader.size + count))
        if more <= 0 { break }
        count += more
      }
    }
    bytes += written[..<count]
    inMemory.withUnsafeBytes { bytes += $0 }
    return bytes
  }

  /// Makes the header of a file that a killed daemon left agree with its length.
  ///
  /// - Returns: its frames; nil when it is no spool file or cannot be mended.
  public static func repair(_ path: String) -> Int? {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let length = Int(lseek(descriptor, 0, SEEK_END))
    guard length >= WAVHeader.size else { return nil }
    let frames = (length - WAVHeader.size) / 2
    return writeHeader(descriptor, frames: frames) ? frames : nil
  }

  private func write(_ samples: UnsafeBufferPointer<Int16>) -> Bool {
    guard descriptor >= 0 else {
      errno = EBADF
      return false
    }
    let bytes = UnsafeRawBufferPointer(samples)
    let offset = off_t(WAVHeader.size + 2 * writtenFrames)
    guard lseek(descriptor, offset, SEEK_SET) == offset, writeAll(descriptor, bytes) else { return false }
    guard Self.writeHeader(descriptor, frames: writtenFrames + samples.count) else { return false }
    writtenFrames += samples.count
    return true
  }

  private static func writeHeader(_ descriptor: Int32, frames: Int) -> Bool {
    let header = WAVHeader.bytes(frames: frames)
    return header.withUnsafeBytes { pwrite(descriptor, $0.baseAddress!, $0.count, 0) } == header.count
  }

  /// Writes what waits in memory, if the disk takes it now.
  private func retry() {
    guard descriptor >= 0, inMemory.isEmpty || inMemory.withUnsafeBufferPointer(write) else { return }
    inMemory = []
    failure = nil
    isFull = false
    sync?.request()
  }

  private func keepInMemory(_ samples: UnsafeBufferPointer<Int16>) {
    let room = memoryLimit - inMemory.count
    inMemory += samples.prefix(room)
    guard samples.count > room, !isFull else { return }
    isFull = true
    failure = DictationError(
      .storage,
      "\(path) cannot be written, and the memory for recordings is full too: the recording ends here. Free the disk"
    )
  }

  private func refuse(_ code: Int32) {
    failure = DictationError(
      .storage,
      "\(path) cannot be written: \(systemError(code)). The recording goes on in memory; free the disk")
  }
}
