import AudioCapture
import DictationTypes
import TestSupport
import Testing

/// What a device insists on is taken, and every sample of every channel comes out right.
@Suite struct SampleFormatTests {
  private static let formats = [
    "S16_LE", "S16_BE", "S32_LE", "S32_BE", "S24_3LE", "S24_3BE", "S24_LE", "S24_BE", "U16_LE", "U16_BE",
    "U32_LE",
    "U32_BE", "U24_3LE", "U24_LE", "FLOAT_LE", "FLOAT_BE", "FLOAT64_LE", "FLOAT64_BE", "S8", "U8",
  ]

  @Test(arguments: formats, [1, 2]) func everyFormat(_ format: String, channels: Int) throws {
    try compare(format, rate: 16_000, channels: channels)
  }

  @Test(
    arguments: [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000], [1, 2, 4, 6, 8])
  func everyRateAndNumberOfChannels(rate: Int, channels: Int) throws {
    try compare("S32_LE", rate: rate, channels: channels)
  }

  /// Captures a fifth of a second from a device that offers nothing else, and compares it with what it counted.
  private func compare(_ format: String, rate: Int, channels: Int) throws {
    let microphone = try FaultMicrophone(
      .init {
        $0.rates = [rate]
        $0.channels = channels
        $0.formats = [format]
        $0.isPatient = true
      })
    let session = CaptureSession(device: microphone.name)
    let recording = Recording(session) { if $0.frames >= rate / 5 { session.stop() } }
    #expect(recording.format == AudioFormat(sampleRate: rate, channels: channels))
    #expect(recording.frames >= rate / 5)
    let mask: Int16 = format.hasSuffix("8") ? ~255 : ~0
    let wrong = recording.samples.indices.filter { index in
      let (frame, channel) = index.quotientAndRemainder(dividingBy: channels)
      return recording.samples[index] != Int16(truncatingIfNeeded: frame + 1000 * channel) & mask
    }
    #expect(wrong.isEmpty)
  }
}
