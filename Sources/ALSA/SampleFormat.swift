import CALSA

/// A sample format that thoth takes from a device, and its way to 16 bits.
///
/// Wider integers give their upper 16 bits, as in ALSA's own linear converter: what was 16 bits in a wider
/// container comes out exact.
public struct SampleFormat: Sendable {
  /// How a sample is encoded.
  private enum Encoding {
    /// What `Int16` is in memory.
    case native
    /// An integer: the positions of its two upper bytes, the lower of which 8-bit samples lack, and what turns an
    /// unsigned one into a signed one.
    case integer(upper: Int, lower: Int?, flip: UInt16)
    case float32(isSwapped: Bool)
    case float64(isSwapped: Bool)
  }

  /// ALSA's number of the format.
  let alsa: snd_pcm_format_t
  /// Bytes in one sample.
  public let bytes: Int
  private let encoding: Encoding

  /// 16 bits, as they are in memory.
  static let signed16 = SampleFormat(SND_PCM_FORMAT_S16_LE, bytes: 2, .native)
  /// All of them, in the order in which they are asked for: what costs nothing first, what holds less than 16 bits
  /// last.
  static let all: [SampleFormat] =
    [signed16]
    + [
      SND_PCM_FORMAT_S16_BE, SND_PCM_FORMAT_S32_LE, SND_PCM_FORMAT_S32_BE, SND_PCM_FORMAT_S24_3LE,
      SND_PCM_FORMAT_S24_3BE, SND_PCM_FORMAT_S24_LE, SND_PCM_FORMAT_S24_BE, SND_PCM_FORMAT_U16_LE,
      SND_PCM_FORMAT_U16_BE, SND_PCM_FORMAT_U32_LE, SND_PCM_FORMAT_U32_BE, SND_PCM_FORMAT_U24_3LE,
      SND_PCM_FORMAT_U24_LE,
    ].map { SampleFormat(integer: $0) }
    + [
      SampleFormat(SND_PCM_FORMAT_FLOAT_LE, bytes: 4, .float32(isSwapped: false)),
      SampleFormat(SND_PCM_FORMAT_FLOAT_BE, bytes: 4, .float32(isSwapped: true)),
      SampleFormat(SND_PCM_FORMAT_FLOAT64_LE, bytes: 8, .float64(isSwapped: false)),
      SampleFormat(SND_PCM_FORMAT_FLOAT64_BE, bytes: 8, .float64(isSwapped: true)),
      SampleFormat(integer: SND_PCM_FORMAT_S8), SampleFormat(integer: SND_PCM_FORMAT_U8),
    ]

  private init(_ alsa: snd_pcm_format_t, bytes: Int, _ encoding: Encoding) {
    self.alsa = alsa
    self.bytes = bytes
    self.encoding = encoding
  }

  /// A linear format, as alsa-lib describes it: the value stands in the lower bytes of its container.
  private init(integer alsa: snd_pcm_format_t) {
    let bytes = Int(snd_pcm_format_physical_width(alsa)) / 8
    let width = Int(snd_pcm_format_width(alsa)) / 8
    let isBigEndian = snd_pcm_format_big_endian(alsa) == 1
    let upper = isBigEndian ? bytes - width : width - 1
    let lower = isBigEndian ? upper + 1 : upper - 1
    let flip: UInt16 = snd_pcm_format_unsigned(alsa) == 1 ? 0x8000 : 0
    self.init(alsa, bytes: bytes, .integer(upper: upper, lower: width > 1 ? lower : nil, flip: flip))
  }

  /// Converts `target.count` samples. `source` is aligned for them and holds at least as many.
  public func convert(_ source: UnsafeRawPointer, into target: UnsafeMutableBufferPointer<Int16>) {
    switch encoding {
    case .native:
      UnsafeMutableRawBufferPointer(target).copyMemory(from: .init(start: source, count: target.count * 2))
    case .integer(let upper, let lower, let flip):
      let samples = source.assumingMemoryBound(to: UInt8.self)
      for index in target.indices {
        let start = index * bytes
        let low = lower.map { UInt16(samples[start + $0]) } ?? 0
        target[index] = Int16(bitPattern: (UInt16(samples[start + upper]) << 8 | low) ^ flip)
      }
    case .float32(let isSwapped):
      let samples = source.assumingMemoryBound(to: UInt32.self)
      for index in target.indices {
        let bits = isSwapped ? samples[index].byteSwapped : samples[index]
        target[index] = Self.quantized(Double(Float(bitPattern: bits)))
      }
    case .float64(let isSwapped):
      let samples = source.assumingMemoryBound(to: UInt64.self)
      for index in target.indices {
        let bits = isSwapped ? samples[index].byteSwapped : samples[index]
        target[index] = Self.quantized(Double(bitPattern: bits))
      }
    }
  }

  /// Full scale is 1.0. What lies outside is clipped; what is no number is silence.
  private static func quantized(_ sample: Double) -> Int16 {
    let scaled = (sample * 32_768).rounded()
    return scaled.isNaN ? 0 : Int16(max(-32_768, min(32_767, scaled)))
  }
}
