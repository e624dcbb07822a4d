import Foundation

/// Writes 16-bit WAV files for the microphones and players of tests.
public enum WaveFile {
  /// Writes interleaved `samples` to `path`.
  public static func write(_ samples: [Int16], rate: Int, channels: Int = 1, to path: String) throws {
    var data = Data("RIFF".utf8)
    func append(_ value: Int, bytes: Int) {
      for byte in 0..<bytes { data.append(UInt8(value >> (8 * byte) & 255)) }
    }
    append(36 + 2 * samples.count, bytes: 4)
    data.append(Data("WAVEfmt ".utf8))
    append(16, bytes: 4)
    append(1, bytes: 2)
    append(channels, bytes: 2)
    append(rate, bytes: 4)
    append(2 * channels * rate, bytes: 4)
    append(2 * channels, bytes: 2)
    append(16, bytes: 2)
    data.append(Data("data".utf8))
    append(2 * samples.count, bytes: 4)
    samples.withUnsafeBytes { data.append(contentsOf: $0) }
    try data.write(to: URL(fileURLWithPath: path))
  }
}
