internal import CAV
public import DictationTypes
import Glibc

/// Decodes one audio track of a file.
public final class AudioReader {
  /// What the file says of itself.
  public let information: MediaInformation
  /// The number of the track that is decoded, among the audio tracks, from 0.
  public let track: Int
  /// The layout of the samples that are read.
  public let format: AudioFormat
  /// What could not be decoded, and was left out, in packets.
  public private(set) var damagedPackets = 0

  private let input: MediaInput
  private let demuxer: Demuxer
  private let decoder: Decoder
  private var resampler: Resampler
  /// What is decoded and has not been read.
  private var samples: [Float] = []
  private var isAtEnd = false
  /// Where reading is to go on, in frames of `format`, until the first frame from there has come; nil: where it is.
  private var target: Int?
  /// Samples that come before it.
  private var surplus = 0
  /// Packets in a row that gave nothing: a file without an end of garbage has an end.
  private var failures = 0
  private static let patience = 10_000

  /// Opens what `descriptor` gives, which stays the caller's: a file, or a pipe, which is read as it comes.
  ///
  /// - Parameters:
  ///   - track: the audio track, from 0; nil: the one that players choose.
  ///   - format: what the samples are converted to; nil: they stay as they are.
  ///   - scratchFolder: where an MP4 file that comes through a pipe is kept meanwhile.
  /// - Throws: kind `format` when this is nothing that can be heard.
  public init(
    _ descriptor: Int32, track: Int? = nil, as format: AudioFormat? = nil, scratchFolder: String
  ) throws(DictationError) {
    av_log_set_level(AV_LOG_QUIET)
    input = try MediaInput(descriptor, scratchFolder: scratchFolder)
    demuxer = try Demuxer(input)
    information = demuxer.information
    let chosen = try demuxer.choose(track)
    self.track = chosen.index
    decoder = try Decoder(demuxer.stream(of: chosen.index))
    self.format = format ?? AudioFormat(sampleRate: chosen.sampleRate, channels: max(1, chosen.channels))
    resampler = Resampler(to: self.format)
  }

  /// The next samples, interleaved, full scale ±1, at most `frames` frames; none at the end.
  ///
  /// - Throws: kind `format` when nothing of the track can be decoded.
  public func read(_ frames: Int) throws(DictationError) -> [Float] {
    let wanted = frames * format.channels
    while samples.count < wanted, !isAtEnd { try decodeMore() }
    let count = min(wanted, samples.count)
    defer { samples.removeFirst(count) }
    return Array(samples[..<count])
  }

  /// The same as 16-bit samples, rounded to the nearest and clamped: samples that were of 16 bits are what they were.
  public func readInt16(_ frames: Int) throws(DictationError) -> [Int16] {
    try read(frames).map { Int16(max(-32_768, min(32_767, ($0 * 32_768).rounded()))) }
  }

  /// Goes to `frame` of the track, counted at the rate of `format`: exact where that is the track's own, else to the nearest
  /// one.
  ///
  /// - Throws: kind `format` where there is no way to it.
  public func seek(to frame: Int) throws(DictationError) {
    guard demuxer.seek(to: frame, rate: format.sampleRate) else {
      throw DictationError(.format, "its audio track cannot be sought in: the file is damaged")
    }
    decoder.reset()
    resampler = Resampler(to: format)
    (samples, isAtEnd, target, surplus) = ([], false, frame, 0)
  }

  private func decodeMore() throws(DictationError) {
    switch demuxer.next() {
    case .packet(let packet):
      defer { demuxer.release(packet) }
      if decoder.send(packet) {
        try takeFrames()
      } else {
        try noteDamage()
      }
    case .damaged: try noteDamage()
    case .end:
      isAtEnd = true
      _ = decoder.send(nil)
      try takeFrames()
      append(resampler.flush())
      guard !resampler.isUnused else {
        throw DictationError(.format, "nothing in its audio track can be decoded: the file is damaged")
      }
    }
  }

  private func takeFrames() throws(DictationError) {
    while true {
      switch decoder.receive() {
      case .frame(let frame):
        failures = 0
        if let target {
          surplus = max(0, target - demuxer.position(of: frame, rate: format.sampleRate)) * format.channels
          self.target = nil
        }
        append(try resampler.convert(frame))
      case .damaged: try noteDamage()
      case .nothing: return
      }
    }
  }

  private func append(_ converted: [Float]) {
    let dropped = min(surplus, converted.count)
    surplus -= dropped
    samples += converted.dropFirst(dropped)
  }

  private func noteDamage() throws(DictationError) {
    damagedPackets += 1
    failures += 1
    guard failures < Self.patience else {
      throw DictationError(.format, "its audio track cannot be decoded: the file is damaged")
    }
  }
}
