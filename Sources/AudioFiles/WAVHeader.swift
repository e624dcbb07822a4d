import DictationTypes
import Glibc

/// The canonical 44-byte header of a WAV file of 16 kHz mono 16-bit PCM
/// (Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991).
public enum WAVHeader {
  /// The bytes before the samples.
  public static let size = 44

  /// The frames in a file of `bytes` bytes.
  public static func frames(bytes: Int) -> Int { max(0, bytes - size) / 2 }

  /// The header of a file with so many frames.
  public static func bytes(frames: Int) -> [UInt8] {
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

  /// Whether a file that begins with the `header` is a recording of ours. One that a power cut interrupted may have
  /// zeros in its place; the lengths may be those of an earlier moment.
  public static func isOurs(_ header: [UInt8]) -> Bool {
    var expected = bytes(frames: 0)
    for lengths in [4..<8, size - 4..<size] { expected.replaceSubrange(lengths, with: header[lengths]) }
    return header == expected || header.allSatisfy { $0 == 0 }
  }

  /// Writes the header into the file `descriptor`. False with errno.
  public static func write(frames: Int, to descriptor: Int32) -> Bool {
    let header = bytes(frames: frames)
    return header.withUnsafeBytes { pwrite(descriptor, $0.baseAddress!, $0.count, 0) } == header.count
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}

/// The WAV file of mono `samples` at 16 kHz, as its bytes.
public func wavFile(_ samples: [Int16]) -> [UInt8] {
  var bytes = WAVHeader.bytes(frames: samples.count)
  samples.withUnsafeBytes { bytes += $0 }
  return bytes
}
