public import DictationTypes
import Glibc
import Linux

/// Reads the frames of a 16-bit PCM WAV file one piece after the other.
public final class WAVFile {
  /// The layout of its samples.
  public let format: AudioFormat
  /// How many frames it says it has; a file that was cut short has fewer.
  public let frames: Int
  private let path: String
  private let descriptor: Int32
  private var left: Int

  /// Opens the file at `path`.
  ///
  /// - Throws: kind `missingAsset` when there is none, `format` when it is something else.
  public init(_ path: String) throws(DictationError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw DictationError(.missingAsset, "the audio \(path) is gone") }
      throw fileError(path, "read")
    }
    guard let found = Self.header(descriptor) else {
      close(descriptor)
      throw DictationError(.format, "\(path) is no WAV file of 16-bit samples")
    }
    self.descriptor = descriptor
    format = found.format
    frames = found.bytes / (2 * found.format.channels)
    left = frames * found.format.channels
  }

  deinit { close(descriptor) }

  /// The next samples, whole frames, at most `count`; none at the end.
  public func read(_ count: Int) throws(DictationError) -> [Int16] {
    let wanted = min(left, count - count % format.channels)
    guard wanted > 0 else { return [] }
    var failure: Int32 = 0
    let samples = [Int16](unsafeUninitializedCapacity: wanted) { buffer, filled in
      let read = readFully(descriptor, UnsafeMutableRawBufferPointer(buffer), upTo: 2 * wanted)
      if read < 0 { failure = errno }
      filled = max(0, read) / (2 * format.channels) * format.channels
    }
    guard failure == 0 else { throw fileError(path, "read", code: failure) }
    left = samples.count < wanted ? 0 : left - samples.count
    return samples
  }

  /// The format and the size of the samples; the descriptor stands at the first one then.
  private static func header(_ descriptor: Int32) -> (format: AudioFormat, bytes: Int)? {
    guard let riff = bytes(descriptor, 12), riff[..<4] == Array("RIFF".utf8)[...],
      riff[8...] == Array("WAVE".utf8)[...]
    else { return nil }
    var format: AudioFormat?
    while let chunk = bytes(descriptor, 8) {
      let size = Int(number(chunk[4..<8]))
      switch String(decoding: chunk[..<4], as: UTF8.self) {
      case "fmt ":
        guard (16...128).contains(size), let body = bytes(descriptor, size + size % 2) else { return nil }
        // 1 is PCM; 0xfffe names the encoding further on, and 16 bits are PCM in practice.
        let isPCM = [1, 0xfffe].contains(number(body[0..<2])) && number(body[14..<16]) == 16
        let (channels, rate) = (Int(number(body[2..<4])), Int(number(body[4..<8])))
        guard isPCM, (1...8).contains(channels), (1...655_350).contains(rate) else { return nil }
        format = AudioFormat(sampleRate: rate, channels: channels)
      case "data": return format.map { ($0, size) }
      default: lseek(descriptor, off_t(size + size % 2), SEEK_CUR)
      }
    }
    return nil
  }

  private static func bytes(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return bytes.withUnsafeMutableBytes { readFully(descriptor, $0, upTo: count) } == count ? bytes : nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
