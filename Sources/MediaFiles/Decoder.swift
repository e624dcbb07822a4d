internal import CAV
import DictationTypes

/// Makes frames of the packets of one track.
final class Decoder {
  /// What comes of what was sent.
  enum Received {
    case frame(UnsafeMutablePointer<AVFrame>)
    case damaged
    /// More has to be sent first; or it is the end.
    case nothing
  }

  /// Frames per second, in hertz; 0 where the first packet tells.
  var sampleRate: Int { Int(context?.pointee.sample_rate ?? 0) }

  private var context: UnsafeMutablePointer<AVCodecContext>?
  private var frame: UnsafeMutablePointer<AVFrame>?

  init(_ stream: UnsafeMutablePointer<AVStream>) throws(DictationError) {
    let parameters = stream.pointee.codecpar
    let name = String(cString: avcodec_get_name(parameters!.pointee.codec_id))
    guard let codec = avcodec_find_decoder(parameters!.pointee.codec_id) else {
      throw DictationError(.format, "its audio is \(name), which this system's libav cannot decode")
    }
    context = avcodec_alloc_context3(codec)
    avcodec_parameters_to_context(context, parameters)
    // What the encoder has put before and behind the sound is left out by these times.
    context?.pointee.pkt_timebase = stream.pointee.time_base
    context?.pointee.thread_count = 1
    let code = avcodec_open2(context, codec, nil)
    guard code >= 0 else {
      avcodec_free_context(&context)
      throw formatError(code, "its audio (\(name)) cannot be decoded: \(describe(code))")
    }
    frame = av_frame_alloc()
  }

  deinit {
    av_frame_free(&frame)
    avcodec_free_context(&context)
  }

  /// Sends a packet; nil: it was the last one. False when it is damaged. All frames have to be received before the next.
  func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> Bool { avcodec_send_packet(context, packet) >= 0 }

  /// The next frame; it is valid until the next call.
  func receive() -> Received {
    let code = avcodec_receive_frame(context, frame)
    if code >= 0, let frame { return .frame(frame) }
    return code == av_error_try_again || code == av_error_end_of_file ? .nothing : .damaged
  }

  /// Forgets what was sent: what comes next is from another place.
  func forget() { avcodec_flush_buffers(context) }

  /// Where `frame` begins, in frames of the track; nil: it does not say.
  func place(of frame: UnsafeMutablePointer<AVFrame>) -> Int? {
    let time = frame.pointee.best_effort_timestamp
    guard let context, time != av_no_timestamp, frame.pointee.sample_rate > 0 else { return nil }
    let frameTime = AVRational(num: 1, den: frame.pointee.sample_rate)
    return Int(av_rescale_q(time, context.pointee.pkt_timebase, frameTime))
  }

  /// The time of the track's frame number `place`, in its time base.
  func time(of place: Int) -> Int64 {
    guard let context else { return 0 }
    return av_rescale_q(
      Int64(place), AVRational(num: 1, den: context.pointee.sample_rate), context.pointee.pkt_timebase)
  }
}
