public import DictationTypes
import Glibc
import Linux

/// A recording on its way: a WAV file (16 kHz, mono, 16 bit) that is whole after every `append`, so that a kill at
/// any moment costs nothing that was appended. One thread uses it.
///
/// When the disk refuses, the rest is kept in memory up to `memoryLimit`, and `failure` tells it: what is being
/// said is worth more than the order of things.
public final class SpoolFile {
  /// The path.
  public let path: String
  /// How many frames it holds, those in memory too.
  public private(set) var frames = 0
  /// Why the disk holds less than was said, or nil.
  public private(set) var failure: DictationError?

  /// The bytes before the samples in the WAV file.
  public static let headerSize = WAVHeader.size
  /// The frames that are kept when the disk refuses: ten minutes, 19 MB.
  static let memoryLimit = 600 * AudioFormat.speech.sampleRate

  private let descriptor: Int32
  private var writtenFrames = 0
  private var inMemory: [Int16] = []

  /// A new file at `path`, which only its owner can read.
  ///
  /// - Throws: `DictationError` of kind `storage`.
  public init(path: String) throws(DictationError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DictationError(
        .storage, "\(path) cannot be made: \(systemError()). Free the disk, or mend its owner")
    }
    // A daemon with another runtime folder sees by the lock that the recording is not an orphan.
    flock(descriptor, LOCK_EX | LOCK_NB)
    if !writeAll(descriptor, WAVHeader.bytes(frames: 0)) { refuse() }
  }

  deinit { close(descriptor) }

  /// Adds samples at the end.
  public func append(_ samples: UnsafeBufferPointer<Int16>) {
    frames += samples.count
    if failure == nil {
      if write(samples) { return }
      refuse()
    }
    inMemory += samples.prefix(max(0, Self.memoryLimit - inMemory.count))
  }

  /// Tries once more to write what the disk refused, and makes all of it outlast a power cut.
  public func finish() {
    if !inMemory.isEmpty && inMemory.withUnsafeBufferPointer(write) { inMemory = [] }
    fdatasync(descriptor)
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

  private func refuse() {
    failure = DictationError(
      .storage, "\(path) cannot be written: \(systemError()). The recording goes on in memory; free the disk")
  }
}

/// The canonical 44-byte header of a WAV file of 16 kHz mono 16-bit PCM
/// (Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991).
enum WAVHeader {
  static let size = 44

  static func bytes(frames: Int) -> [UInt8] {
    let format = AudioFormat.speech
    let blockAlign = 2 * format.channels
    let data = frames * blockAlign
    var bytes = Array("RIFF".utf8)
    append(UInt32(clamping: data + size - 8), to: &bytes)
    bytes += Array("WAVEfmt ".utf8)
    append(UInt32(16), to: &bytes)
    append(UInt16(1), to: &bytes)
    append(UInt16(format.channels), to: &bytes)
    append(UInt32(format.sampleRate), to: &bytes)
    append(UInt32(format.sampleRate * blockAlign), to: &bytes)
    append(UInt16(blockAlign), to: &bytes)
    append(UInt16(16), to: &bytes)
    bytes += Array("data".utf8)
    append(UInt32(clamping: data), to: &bytes)
    return bytes
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
