internal import CSoxr
public import DictationTypes

/// Brings what a device delivers to what engines take, piece by piece: 16 kHz mono.
///
/// Channels are averaged, then the rate is converted by libsoxr at its quality HQ (made for 16-bit sound:
/// pass band to 0.91 of the Nyquist frequency, 20 bits of precision), without dither; what exceeds full scale is
/// clipped. 16 kHz mono passes bit by bit. In all, `n` frames become `round(n × 16000 / rate)` samples.
///
/// The resampler holds back some milliseconds of its input until `flush`. An object belongs to one thread at a time.
public final class SpeechConverter {
  private let format: AudioFormat
  /// Nil when the rate is right already.
  private let resampler: soxr_t?
  private var mono: [Float] = []

  /// A converter from `format`.
  public init(from format: AudioFormat) throws(DictationError) {
    self.format = format
    let target = AudioFormat.speech.sampleRate
    guard format.sampleRate != target else {
      resampler = nil
      return
    }
    var failure: soxr_error_t?
    var types = soxr_io_spec(SOXR_FLOAT32_I, SOXR_INT16_I)
    types.flags |= UInt(SOXR_NO_DITHER)
    var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
    resampler = soxr_create(Double(format.sampleRate), Double(target), 1, &failure, &types, &quality, nil)
    if let failure {
      throw DictationError(
        .device,
        "The microphone's rate of \(format.sampleRate) Hz cannot be converted (\(String(cString: failure))): "
          + "choose another device (`thoth devices` lists them).")
    }
  }

  deinit { soxr_delete(resampler) }

  /// Converts whole interleaved frames, and appends what is ready to `output`.
  public func convert(_ frames: UnsafeBufferPointer<Int16>, into output: inout [Int16]) {
    if frames.isEmpty { return }
    if resampler != nil {
      mixDown(frames)
      mono.withUnsafeBufferPointer { resample($0, into: &output) }
    } else if format.channels == 1 {
      output.append(contentsOf: frames)
    } else {
      mixDown(frames)
      output.append(contentsOf: mono.lazy.map { Int16(($0 * 32_768).rounded()) })
    }
  }

  /// Appends the samples that the resampler held back. Nothing can be converted after it.
  public func flush(into output: inout [Int16]) {
    if resampler != nil { resample(UnsafeBufferPointer(start: nil, count: 0), into: &output) }
  }

  /// The average of each frame's samples, full scale 1.
  private func mixDown(_ frames: UnsafeBufferPointer<Int16>) {
    let channels = format.channels
    let scale = 1 / (32_768 * Float(channels))
    mono.removeAll(keepingCapacity: true)
    for start in stride(from: 0, to: frames.count, by: channels) {
      var sum: Int32 = 0
      for channel in 0..<channels { sum += Int32(frames[start + channel]) }
      mono.append(Float(sum) * scale)
    }
  }

  /// Feeds `input`, or ends it when there is none, and appends what comes out.
  private func resample(_ input: UnsafeBufferPointer<Float>, into output: inout [Int16]) {
    var rest = input
    repeat {
      let produced = withUnsafeTemporaryAllocation(of: Int16.self, capacity: 4096) { piece in
        var taken = 0
        var made = 0
        soxr_process(resampler, rest.baseAddress, rest.count, &taken, piece.baseAddress, piece.count, &made)
        rest = UnsafeBufferPointer(rebasing: rest.dropFirst(taken))
        output.append(contentsOf: piece.prefix(made))
        return made
      }
      if rest.isEmpty, produced < 4096 { return }
    } while true
  }
}
