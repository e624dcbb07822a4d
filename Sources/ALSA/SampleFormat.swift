import CALSA

/// A sample format that thoth takes from a device, and its way to 16 bits.
///
/// Wider integers give their upper 16 bits, as in ALSA's own linear converter: what was 16 bits in a wider
/// container comes out exact.
public enum SampleFormat: Sendable, CaseIterable {
  // In the order in which they are asked for.
  /// 16 bits.
  case signed16
  /// 32 bits.
  case signed32
  /// 24 bits in 3 bytes.
  case signed24Packed
  /// 24 bits, the lower ones of 4 bytes.
  case signed24
  /// 32 bits, floating-point, full scale 1.
  case float32
  /// 8 bits around 128.
  case unsigned8

  /// ALSA's number of the format.
  var alsa: snd_pcm_format_t {
    switch self {
    case .signed16: SND_PCM_FORMAT_S16_LE
    case .signed32: SND_PCM_FORMAT_S32_LE
    case .signed24Packed: SND_PCM_FORMAT_S24_3LE
    case .signed24: SND_PCM_FORMAT_S24_LE
    case .float32: SND_PCM_FORMAT_FLOAT_LE
    case .unsigned8: SND_PCM_FORMAT_U8
    }
  }

  /// Bytes in one sample.
  public var bytes: Int {
    switch self {
    case .signed16: 2
    case .signed24Packed: 3
    case .signed32, .signed24, .float32: 4
    case .unsigned8: 1
    }
  }

  /// Converts `target.count` samples. `source` is aligned for them and holds at least as many.
  public func convert(_ source: UnsafeRawPointer, into target: UnsafeMutableBufferPointer<Int16>) {
    switch self {
    case .signed16:
      UnsafeMutableRawBufferPointer(target).copyMemory(from: .init(start: source, count: target.count * 2))
    case .signed32:
      let samples = source.assumingMemoryBound(to: Int32.self)
      for index in target.indices { target[index] = Int16(truncatingIfNeeded: samples[index] >> 16) }
    case .signed24:
      let samples = source.assumingMemoryBound(to: Int32.self)
      for index in target.indices { target[index] = Int16(truncatingIfNeeded: samples[index] >> 8) }
    case .signed24Packed:
      let bytes = source.assumingMemoryBound(to: UInt8.self)
      for index in target.indices {
        target[index] = Int16(bitPattern: UInt16(bytes[3 * index + 1]) | UInt16(bytes[3 * index + 2]) << 8)
      }
    case .float32:
      let samples = source.assumingMemoryBound(to: Float.self)
      for index in target.indices { target[index] = Self.quantized(samples[index]) }
    case .unsigned8:
      let samples = source.assumingMemoryBound(to: UInt8.self)
      for index in target.indices { target[index] = (Int16(samples[index]) - 128) << 8 }
    }
  }

  /// Full scale is 1.0. What lies outside is clipped; what is no number is silence.
  private static func quantized(_ sample: Float) -> Int16 {
    let scaled = (sample * 32_768).rounded()
    return scaled.isNaN ? 0 : Int16(max(-32_768, min(32_767, scaled)))
  }
}
