import DictationTypes

/// The canonical 44-byte header of a WAV file of 16 kHz mono 16-bit PCM
/// (Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991).
public enum WAVHeader {
  /// The bytes before the samples.
  public static let size = 44

  /// The frames in a file of `bytes` bytes.
  public static func frames(bytes: Int) -> Int { max(0, bytes - size) / 2 }

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

/// The WAV file of mono `samples` at 16 kHz, as its bytes.
public func wavFile(_ samples: [Int16]) -> [UInt8] {
  var bytes = WAVHeader.bytes(frames: samples.count)
  samples.withUnsafeBytes { bytes += $0 }
  return bytes
}
