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
  /// How long the track says that it is, in milliseconds; nil: it does not, or only guesses.
  public var toldMs: Int? { input.toldMs ?? demuxer.toldMs }
  /// What could not be decoded, and was left out, in packets.
  public private(set) var damagedPackets = 0

  private let input: MediaInput
  private var demuxer: Demuxer
  private var decoder: Decoder
  private var resampler: Resampler
  /// What is decoded; what has been read of it is before `taken`.
  private var samples: [Float] = []
  private var taken = 0
  /// The frame of `format`'s rate that is read next.
  private var position = 0
  private var isAtEnd = false
  /// Packets in a row that gave nothing: garbage without an end has an end.
  private var failures = 0
  private static let patience = 10_000
  /// Where the first frame that was decoded begins, in frames of the track; nil: there has been none.
  private var origin: Int?
  /// The first frame of the track that is wanted after a jump, and none before it; nil: all that come.
  private var awaited: Int?

  /// Opens what `descriptor` gives, which stays the caller's: a file, or a pipe, which is read as it comes.
  ///
  /// - Parameters:
  ///   - track: the audio track, from 0; nil: the one that players choose.
  ///   - format: what the samples are converted to; nil: they stay as they are.
  ///   - scratchFolder: where an MP4 file that comes through a pipe is kept meanwhile.
  /// - Throws: kind `format` when this is nothing that can be heard, `storage` when it cannot be read.
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
    self.format = format ?? AudioFormat(sampleRate: decoder.sampleRate, channels: max(1, chosen.channels))
    resampler = Resampler(to: self.format)
  }

  /// The next samples, interleaved, full scale ±1, at most `frames` frames; none at the end.
  ///
  /// - Throws: kind `format` when nothing of the track can be decoded, `storage` when the file cannot be read further.
  public func read(_ frames: Int) throws(DictationError) -> [Float] {
    let range = try take(frames)
    return Array(samples[range])
  }

  /// The same as 16-bit samples, rounded to the nearest and clamped: samples that were of 16 bits are what they were.
  public func readInt16(_ frames: Int) throws(DictationError) -> [Int16] {
    let range = try take(frames)
    return samples[range].map { Int16(max(-32_768, min(32_767, ($0 * 32_768).rounded()))) }
  }

  /// Goes to `frame` of `format`'s rate: what is read then is, sample by sample, what is there when the file is read from
  /// its beginning. In FLAC, WAV, MP3 and MP4 files without the way there; in others it is decoded.
  ///
  /// - Throws: kind `format` in what comes through a pipe; else as `read`.
  public func seek(to frame: Int) throws(DictationError) {
    let frame = max(0, frame)
    if frame < position || (canJump && frame - position > format.sampleRate) {
      if try !jump(to: frame) { try reopen() }
    }
    while position < frame, case let range = try take(min(8192, frame - position)), !range.isEmpty {}
  }

  /// Has the next `frames` frames, or what there is, in the range of `samples` that is returned.
  private func take(_ frames: Int) throws(DictationError) -> Range<Int> {
    samples.removeFirst(taken)
    taken = 0
    let wanted = frames * format.channels
    while samples.count < wanted, !isAtEnd { try decodeMore() }
    taken = min(wanted, samples.count)
    position += taken / format.channels
    if taken == 0, frames > 0, let failure = input.failure { throw MediaInput.unreadable(failure) }
    return 0..<taken
  }

  private func decodeMore() throws(DictationError) {
    switch try demuxer.next() {
    case .packet(let packet):
      defer { demuxer.release(packet) }
      if decoder.send(packet) {
        try takeFrames()
      } else {
        try noteDamage()
      }
    case .damaged: try noteDamage()
    case .end: try end()
    }
  }

  private func end() throws(DictationError) {
    isAtEnd = true
    if decoder.send(nil) { try takeFrames() }
    resampler.flush(into: &samples)
    guard position > 0 || !samples.isEmpty || input.failure != nil else {
      throw DictationError(.format, "nothing in its audio track can be decoded: the file is damaged")
    }
  }

  private func takeFrames() throws(DictationError) {
    while true {
      switch decoder.receive() {
      case .frame(let frame):
        failures = 0
        try add(frame)
      case .damaged:
        try noteDamage()
        if isAtEnd { return }
      case .nothing: return
      }
    }
  }

  private func add(_ frame: UnsafeMutablePointer<AVFrame>) throws(DictationError) {
    let place = decoder.place(of: frame)
    if origin == nil { origin = place ?? 0 }
    guard let awaited else { return try resampler.convert(frame, into: &samples) }
    let skipped = awaited - (place ?? .max)
    // Behind it: the jump has gone too far, which `jump` sees.
    guard skipped >= 0 else { return isAtEnd = true }
    guard skipped < frame.pointee.nb_samples else { return }
    self.awaited = nil
    try resampler.convert(frame, skipping: skipped, into: &samples)
  }

  private func noteDamage() throws(DictationError) {
    failures += 1
    // What was cut into by a jump may miss what came before.
    if awaited == nil { damagedPackets += 1 }
    if failures == Self.patience { try end() }
  }
}

/// Seeking.
extension AudioReader {
  /// Containers that say exactly where each packet begins, and find it by that.
  private static let exactContainers: Set<String> = ["flac", "wav", "mp3", "mov,mp4,m4a,3gp,3g2,mj2"]
  /// How much is decoded before what is wanted, in frames of the track: decoders and resampler need what came before. MP3
  /// has bits of a frame in up to 9 before it (ISO/IEC 11172-3 §2.4.3.1), of 1,152 each; HE-AAC needs two of 2,048.
  private static let warmUp = 16_384

  /// Whether there is a way to what is sought that is exact. What Opus decodes depends on all that came before.
  private var canJump: Bool {
    input.isSeekable && Self.exactContainers.contains(information.container) && decoder.sampleRate > 0
      && information.tracks[track].codec != "opus"
  }

  /// Goes to `frame` without decoding all before it. False when that cannot be done exactly; then the place is lost.
  private func jump(to frame: Int) throws(DictationError) -> Bool {
    guard canJump else { return false }
    let rate = decoder.sampleRate
    while origin == nil, !isAtEnd { try decodeMore() }
    // The resampler begins where one of its frames is exactly at one of the track's: its filter is the same then.
    let step = rate / greatestCommonDivisor(rate, format.sampleRate)
    let start = (frame * rate / format.sampleRate - Self.warmUp) / step * step
    guard let origin, start > Self.warmUp, demuxer.seek(to: decoder.time(of: origin + start - Self.warmUp))
    else {
      return false
    }
    decoder.forget()
    begin(at: start / step * (format.sampleRate / (rate / step)))
    awaited = origin + start
    while awaited != nil, !isAtEnd { try decodeMore() }
    return awaited == nil
  }

  /// Begins again at the first frame.
  private func reopen() throws(DictationError) {
    guard input.isSeekable else {
      throw DictationError(.format, "what comes through a pipe cannot be heard again")
    }
    input.rewind()
    demuxer = try Demuxer(input)
    _ = try demuxer.choose(track)
    decoder = try Decoder(demuxer.stream(of: track))
    begin(at: 0)
  }

  private func begin(at frame: Int) {
    resampler = Resampler(to: format)
    samples = []
    taken = 0
    position = frame
    isAtEnd = false
    awaited = nil
    failures = 0
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
