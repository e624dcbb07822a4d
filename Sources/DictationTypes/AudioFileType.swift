/// The kinds of audio files that exports make. The raw values are the endings of their names.
public enum AudioFileType: String, Sendable, Codable, CaseIterable {
  /// AAC-LC in MP4 (ISO/IEC 14496-3).
  case m4a
  /// FLAC, 16 bit (RFC 9639).
  case flac
  /// Opus in Ogg (RFC 7845).
  case opus
  /// PCM, 16 bit, in WAV; longer than 4 GiB it is RF64 (EBU Tech 3306).
  case wav

  /// The one that the ending of `path` names; nil: none. Ogg files are made of Opus.
  public init?(path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    self.init(rawValue: ending == "ogg" ? "opus" : ending)
  }

  /// Whether what comes out is not bit for bit what went in.
  public var isLossy: Bool { self == .m4a || self == .opus }

  /// The lowest rate that it takes and that is not below `rate`, else the highest; in hertz.
  public func sampleRate(for rate: Int) -> Int {
    let rates =
      switch self {
      // ISO/IEC 14496-3, table 1.18.
      case .m4a:
        [7350, 8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000]
      // RFC 6716 §2, table 1.
      case .opus: [8000, 12_000, 16_000, 24_000, 48_000]
      case .flac, .wav: [rate]
      }
    return rates.first { $0 >= rate } ?? rates[rates.count - 1]
  }
}
