internal import CAV
import DictationTypes

/// Makes packets of samples.
final class Encoder {
  /// What the container asks for the codec's parameters.
  private(set) var context: UnsafeMutablePointer<AVCodecContext>?
  private var frame = av_frame_alloc()
  private var packet = av_packet_alloc()
  private let channels: Int
  /// How many frames the codec takes at a time.
  private let capacity: Int
  /// How many of them are there.
  private var filled = 0
  private var position: Int64 = 0

  /// An encoder of `name` for `format` at `bitrate` bits per second; 0 for what loses nothing. `hasHeader`: the container keeps what the decoder is to know.
  init(_ name: String, _ format: AudioFormat, bitrate: Int, hasHeader: Bool) throws(DictationError) {
    channels = format.channels
    guard let codec = avcodec_find_encoder_by_name(name), let context = avcodec_alloc_context3(codec) else {
      throw DictationError(
        .config, "this system's libav has no encoder \(name): install Debian's libavcodec59")
    }
    self.context = context
    context.pointee.sample_rate = Int32(format.sampleRate)
    av_channel_layout_default(&context.pointee.ch_layout, Int32(format.channels))
    context.pointee.time_base = AVRational(num: 1, den: Int32(format.sampleRate))
    context.pointee.bit_rate = Int64(bitrate)
    context.pointee.thread_count = 1
    context.pointee.sample_fmt =
      switch name {
      case "aac": AV_SAMPLE_FMT_FLTP
      case "libopus": AV_SAMPLE_FMT_FLT
      default: AV_SAMPLE_FMT_S16
      }
    if hasHeader { context.pointee.flags |= Int32(bitPattern: UInt32(AV_CODEC_FLAG_GLOBAL_HEADER)) }
    let code = avcodec_open2(context, codec, nil)
    // PCM has no size of its own.
    capacity = context.pointee.frame_size > 0 ? Int(context.pointee.frame_size) : 4096
    guard code >= 0 else {
      throw DictationError(
        .format,
        "\(name) takes no \(format.channels) channels at \(format.sampleRate) Hz with \(bitrate) bits a second: \(describe(code))"
      )
    }
    try prepareFrame(context)
  }

  deinit {
    av_packet_free(&packet)
    av_frame_free(&frame)
    avcodec_free_context(&context)
  }

  /// Takes interleaved samples; each packet that they give goes to `write`.
  func encode(
    _ samples: [Float], _ write: (UnsafeMutablePointer<AVPacket>) throws(DictationError) -> Void
  ) throws(DictationError) {
    let count = samples.count / channels
    var taken = 0
    while taken < count {
      let part = min(capacity - filled, count - taken)
      fill(samples, from: taken, part)
      filled += part
      taken += part
      if filled == capacity { try flush(write) }
    }
  }

  /// The last packets.
  func finish(_ write: (UnsafeMutablePointer<AVPacket>) throws(DictationError) -> Void) throws(DictationError)
  {
    if filled > 0 { try flush(write) }
    try send(nil, write)
  }

  private func prepareFrame(_ context: UnsafeMutablePointer<AVCodecContext>) throws(DictationError) {
    guard let frame else { throw DictationError(.internalError, "there is no memory for the encoder") }
    frame.pointee.format = context.pointee.sample_fmt.rawValue
    frame.pointee.sample_rate = context.pointee.sample_rate
    av_channel_layout_copy(&frame.pointee.ch_layout, &context.pointee.ch_layout)
    frame.pointee.nb_samples = Int32(capacity)
    guard av_frame_get_buffer(frame, 0) >= 0 else {
      throw DictationError(.internalError, "there is no memory for the encoder")
    }
  }

  private func fill(_ samples: [Float], from start: Int, _ count: Int) {
    guard let frame, let context else { return }
    let data = frame.pointee.extended_data!
    samples.withUnsafeBufferPointer { samples in
      let source = UnsafeBufferPointer(rebasing: samples[(start * channels)..<((start + count) * channels)])
      switch context.pointee.sample_fmt {
      case AV_SAMPLE_FMT_FLTP:
        for channel in 0..<channels {
          let target = UnsafeMutableRawPointer(data[channel]!).assumingMemoryBound(to: Float.self) + filled
          for index in 0..<count { target[index] = source[index * channels + channel] }
        }
      case AV_SAMPLE_FMT_FLT:
        let target = UnsafeMutableRawPointer(data[0]!).assumingMemoryBound(to: Float.self) + filled * channels
        target.update(from: source.baseAddress!, count: source.count)
      default:
        let target = UnsafeMutableRawPointer(data[0]!).assumingMemoryBound(to: Int16.self) + filled * channels
        // Rounded without dither: what was of 16 bits stays what it was.
        for index in 0..<source.count {
          target[index] = Int16(max(-32_768, min(32_767, (source[index] * 32_768).rounded())))
        }
      }
    }
  }

  private func flush(_ write: (UnsafeMutablePointer<AVPacket>) throws(DictationError) -> Void)
    throws(DictationError)
  {
    frame?.pointee.nb_samples = Int32(filled)
    frame?.pointee.pts = position
    position += Int64(filled)
    filled = 0
    try send(frame, write)
    // The encoder may still read the old one.
    frame?.pointee.nb_samples = Int32(capacity)
    guard av_frame_make_writable(frame) >= 0 else {
      throw DictationError(.internalError, "there is no memory for the encoder")
    }
  }

  private func send(
    _ frame: UnsafeMutablePointer<AVFrame>?,
    _ write: (UnsafeMutablePointer<AVPacket>) throws(DictationError) -> Void
  ) throws(DictationError) {
    let code = avcodec_send_frame(context, frame)
    guard code >= 0 else { throw DictationError(.internalError, "the encoder failed: \(describe(code))") }
    while avcodec_receive_packet(context, packet) >= 0, let packet {
      defer { av_packet_unref(packet) }
      try write(packet)
    }
  }
}
