internal import CAV
public import DictationTypes
import Glibc
import Linux

/// Writes one audio file.
public final class AudioWriter {
  /// A part of the file with a name, in frames.
  public struct Chapter: Sendable {
    /// Where it begins.
    public let start: Int
    /// Where it ends.
    public let end: Int
    /// What it is called.
    public let title: String

    /// The chapter `title`.
    public init(start: Int, end: Int, title: String) {
      self.start = start
      self.end = end
      self.title = title
    }
  }

  private let output: MediaOutput
  private let encoder: Encoder
  private let bitrate: Int
  private var context: UnsafeMutablePointer<AVFormatContext>?

  /// Begins a file of `type` on `descriptor`, which stays the caller's and can be sought in.
  ///
  /// - Parameters:
  ///   - bitrate: bits per second, for lossy codecs.
  ///   - tags: what the file says of itself, by libav's names: `title`, `date`, `comment`.
  ///   - chapters: for those types that have them: M4A.
  /// - Throws: kind `config` when this libav has no such encoder, `format` when the encoder does not take the format,
  ///   `storage` when the disk refuses.
  public init(
    _ descriptor: Int32, type: AudioFileType, format: AudioFormat, bitrate: Int, tags: [String: String] = [:],
    chapters: [Chapter] = []
  ) throws(DictationError) {
    av_log_set_level(AV_LOG_QUIET)
    let (container, codec) = Self.names(type)
    output = MediaOutput(descriptor)
    self.bitrate = type.isLossy ? bitrate : 0
    var context: UnsafeMutablePointer<AVFormatContext>?
    guard avformat_alloc_output_context2(&context, nil, container, nil) >= 0, let made = context else {
      throw DictationError(
        .config, "this system's libav cannot write \(container): install Debian's libavformat59")
    }
    self.context = made
    do throws(DictationError) {
      let flags = made.pointee.oformat.pointee.flags
      encoder = try Encoder(codec, format, bitrate: self.bitrate, hasHeader: flags & AVFMT_GLOBALHEADER != 0)
    } catch {
      avformat_free_context(made)
      throw error
    }
    made.pointee.pb = output.context
    made.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
    for (name, text) in tags { av_dict_set(&made.pointee.metadata, name, text, 0) }
    if type == .m4a { add(chapters, format, to: made) }
    try begin(made)
  }

  deinit { avformat_free_context(context) }

  /// Appends interleaved samples, full scale ±1.
  ///
  /// - Throws: kind `storage` when the disk refuses.
  public func write(_ samples: [Float]) throws(DictationError) {
    try encoder.encode(samples) { (packet) throws(DictationError) in try write(packet) }
  }

  /// Completes the file. Nothing may be written behind it.
  ///
  /// - Throws: kind `storage` when the disk refuses.
  public func finish() throws(DictationError) {
    try encoder.finish { (packet) throws(DictationError) in try write(packet) }
    try check(av_write_trailer(context))
  }

  private static func names(_ type: AudioFileType) -> (container: String, codec: String) {
    switch type {
    case .m4a: ("ipod", "aac")
    case .flac: ("flac", "flac")
    case .opus: ("opus", "libopus")
    case .wav: ("wav", "pcm_s16le")
    }
  }

  private func begin(_ context: UnsafeMutablePointer<AVFormatContext>) throws(DictationError) {
    guard let stream = avformat_new_stream(context, nil),
      avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context) >= 0
    else { throw DictationError(.internalError, "there is no memory for the file's header") }
    stream.pointee.time_base = encoder.context!.pointee.time_base
    var options: OpaquePointer?
    // Sizes in WAV have 32 bits.
    av_dict_set(&options, "rf64", "auto", 0)
    defer { av_dict_free(&options) }
    try check(avformat_write_header(context, &options))
  }

  /// The list is the container's from here on.
  private func add(
    _ chapters: [Chapter], _ format: AudioFormat, to context: UnsafeMutablePointer<AVFormatContext>
  ) {
    let size = MemoryLayout<UnsafeMutablePointer<AVChapter>?>.stride
    guard !chapters.isEmpty,
      let list = av_calloc(chapters.count, size)?.assumingMemoryBound(
        to: UnsafeMutablePointer<AVChapter>?.self)
    else { return }
    context.pointee.chapters = list
    for (index, chapter) in chapters.enumerated() {
      guard let made = av_mallocz(MemoryLayout<AVChapter>.size)?.assumingMemoryBound(to: AVChapter.self)
      else {
        return
      }
      made.pointee.id = Int64(index + 1)
      made.pointee.time_base = AVRational(num: 1, den: Int32(format.sampleRate))
      made.pointee.start = Int64(chapter.start)
      made.pointee.end = Int64(chapter.end)
      av_dict_set(&made.pointee.metadata, "title", chapter.title, 0)
      list[index] = made
      context.pointee.nb_chapters += 1
    }
  }

  private func write(_ packet: UnsafeMutablePointer<AVPacket>) throws(DictationError) {
    packet.pointee.stream_index = 0
    av_packet_rescale_ts(
      packet, encoder.context!.pointee.time_base, context!.pointee.streams[0]!.pointee.time_base)
    try check(av_write_frame(context, packet))
  }

  private func check(_ code: Int32) throws(DictationError) {
    guard code < 0 || output.failure != 0 else { return }
    guard output.failure == 0 else {
      throw DictationError(.storage, systemError(output.failure), retryable: true)
    }
    throw DictationError(.internalError, "the file cannot be put together: \(describe(code))")
  }
}
