internal import CLoudness
public import DictationTypes

/// Measures how loud a programme is as a whole (EBU R 128, ITU-R BS.1770-4), with libebur128.
public final class LoudnessMeter {
  private var state: UnsafeMutablePointer<ebur128_state>?
  private let channels: Int

  /// A meter for samples of `format`.
  ///
  /// - Throws: kind `internal` when there is no memory for it.
  public init(_ format: AudioFormat) throws(DictationError) {
    channels = format.channels
    // With a histogram what it takes does not grow with the length.
    let mode = Int32(EBUR128_MODE_I.rawValue | EBUR128_MODE_HISTOGRAM.rawValue)
    state = ebur128_init(UInt32(format.channels), UInt(format.sampleRate), mode)
    guard state != nil else {
      throw DictationError(.internalError, "there is no memory for the loudness meter")
    }
  }

  deinit { ebur128_destroy(&state) }

  /// Takes interleaved samples.
  public func add(_ samples: [Float]) {
    _ = samples.withUnsafeBufferPointer {
      ebur128_add_frames_float(state, $0.baseAddress, samples.count / channels)
    }
  }

  /// The integrated loudness of what it took, in LUFS; nil when nothing was louder than -70.
  public var loudness: Double? {
    var value = 0.0
    guard ebur128_loudness_global(state, &value) == 0, value.isFinite else { return nil }
    return value
  }
}
