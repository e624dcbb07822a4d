internal import CAV
import DictationTypes

/// Brings frames to one layout and rate.
final class Resampler {
  /// Less than this many frames a second is no sound, but a damaged header: it would be hours of it.
  private static let lowestRate = 1000
  private let format: AudioFormat
  private var context: OpaquePointer?
  /// What the frames were that it is set up for.
  private var source: (rate: Int32, channels: Int32, sample: Int32)?

  init(to format: AudioFormat) { self.format = format }

  deinit { swr_free(&context) }

  /// Adds the samples of `frame`, less its first `skipped`, to `samples`, interleaved. One that is of another kind than those
  /// before ends these.
  func convert(
    _ frame: UnsafeMutablePointer<AVFrame>, skipping skipped: Int = 0, into samples: inout [Float]
  ) throws(DictationError) {
    let kind = (frame.pointee.sample_rate, frame.pointee.ch_layout.nb_channels, frame.pointee.format)
    if source == nil || source! != kind {
      flush(into: &samples)
      try prepare(frame)
      source = kind
    }
    let sample = AVSampleFormat(frame.pointee.format)
    let isPlanar = av_sample_fmt_is_planar(sample) != 0
    let channels = Int(kind.1)
    let width = Int(av_get_bytes_per_sample(sample)) * (isPlanar ? 1 : channels)
    let planes = (0..<(isPlanar ? channels : 1)).map { plane in
      UnsafePointer<UInt8>(frame.pointee.extended_data[plane]).map { $0 + skipped * width }
    }
    planes.withUnsafeBufferPointer { planes in
      let input = UnsafeMutablePointer(mutating: planes.baseAddress)
      run(input, frame.pointee.nb_samples - Int32(skipped), into: &samples)
    }
  }

  /// Adds what it still holds.
  func flush(into samples: inout [Float]) { if context != nil { run(nil, 0, into: &samples) } }

  private func prepare(_ frame: UnsafeMutablePointer<AVFrame>) throws(DictationError) {
    guard frame.pointee.sample_rate >= Self.lowestRate else {
      throw DictationError(
        .format, "it says that it has \(frame.pointee.sample_rate) samples a second: it is damaged")
    }
    var output = AVChannelLayout()
    av_channel_layout_default(&output, Int32(format.channels))
    var layout = AVChannelLayout()
    // A file may not say which channel is which.
    if frame.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
      av_channel_layout_default(&layout, frame.pointee.ch_layout.nb_channels)
    } else {
      av_channel_layout_copy(&layout, &frame.pointee.ch_layout)
    }
    defer { av_channel_layout_uninit(&layout) }
    swr_free(&context)
    var code = swr_alloc_set_opts2(
      &context, &output, AV_SAMPLE_FMT_FLT, Int32(format.sampleRate), &layout,
      AVSampleFormat(frame.pointee.format), frame.pointee.sample_rate, 0, nil)
    // Channels that are mixed are no louder together than full scale.
    if let context { av_opt_set_double(UnsafeMutableRawPointer(context), "rematrix_maxval", 1, 0) }
    if code >= 0 { code = swr_init(context) }
    guard code >= 0 else {
      throw formatError(code, "its audio has \(layout.nb_channels) channels that cannot be mixed")
    }
  }

  private func run(
    _ input: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ count: Int32, into samples: inout [Float]
  ) {
    let room = swr_get_out_samples(context, count)
    guard room > 0 else { return }
    samples += [Float](unsafeUninitializedCapacity: Int(room) * format.channels) { buffer, filled in
      var output: UnsafeMutablePointer<UInt8>? = UnsafeMutableRawPointer(buffer.baseAddress!)
        .assumingMemoryBound(to: UInt8.self)
      let made = swr_convert(context, &output, room, input, count)
      filled = max(0, Int(made)) * format.channels
    }
  }
}
