import CALSA
public import DictationTypes
import Glibc

/// What a device and thoth agreed on.
public struct HardwareParameters: Sendable {
  /// The rate and the channels.
  public let format: AudioFormat
  /// What a sample looks like on its way from the device.
  public let sampleFormat: SampleFormat
  /// Frames between two wake-ups.
  public let periodFrames: Int
  /// Frames that the device keeps for a reader that is late.
  public let bufferFrames: Int

  /// The wake-up rate: fine enough that a stop is felt at once, coarse enough to cost nothing.
  private static let periodsPerSecond = 100
  /// How late the capture thread may be before audio is lost, in milliseconds, if the device has room for that much.
  private static let captureBuffer = 1_000
  /// The same before what is played is torn. A sound server may take all of it before the first of it is heard.
  private static let playbackBuffer = 200
  /// The rates asked for, in this order; then whatever is nearest to the last one. What engines take comes first,
  /// except from a PCM that converts rates itself.
  private static let rates: [UInt32] = [16_000, 48_000, 44_100]
  /// A rate of no device. A PCM that takes it converts rates itself: a sound server. Asked for 16 kHz, PulseAudio
  /// converts with a short filter and wakes up unevenly (0 to 17 ms apart); at 48 kHz, the common rate of sound
  /// servers, the samples came unchanged and 5 to 12 ms apart.
  private static let oddRate: UInt32 = 12_345

  /// Negotiates with an open device, and sets the parameters. For capture ALSA's own resampling is off: plug devices
  /// then say what the device behind them insists on, which the better resampler of AudioProcessing takes. For
  /// playback the device has to take 16-bit samples `of` a format: what is no plug device may refuse (EINVAL,
  /// EOPNOTSUPP).
  init(_ pcm: OpaquePointer, of wanted: AudioFormat? = nil) throws(ALSAError) {
    var allocated: OpaquePointer?
    try check(snd_pcm_hw_params_malloc(&allocated))
    let parameters = allocated!
    defer { snd_pcm_hw_params_free(parameters) }
    try check(snd_pcm_hw_params_any(pcm, parameters))
    try check(snd_pcm_hw_params_set_rate_resample(pcm, parameters, wanted == nil ? 0 : 1))
    try check(snd_pcm_hw_params_set_access(pcm, parameters, SND_PCM_ACCESS_RW_INTERLEAVED))
    if let wanted {
      sampleFormat = try Self.setSampleFormat(pcm, parameters, among: [.signed16])
      try check(snd_pcm_hw_params_set_channels(pcm, parameters, UInt32(wanted.channels)))
      try check(snd_pcm_hw_params_set_rate(pcm, parameters, UInt32(wanted.sampleRate), 0))
      format = wanted
    } else {
      sampleFormat = try Self.setSampleFormat(pcm, parameters, among: SampleFormat.all)
      let channels = try Self.setChannels(pcm, parameters)
      let rate = try Self.setRate(pcm, parameters)
      format = AudioFormat(sampleRate: Int(rate), channels: Int(channels))
    }

    var direction: Int32 = 0
    var period = snd_pcm_uframes_t(format.sampleRate / Self.periodsPerSecond)
    let milliseconds = wanted == nil ? Self.captureBuffer : Self.playbackBuffer
    var buffer = snd_pcm_uframes_t(format.frames(milliseconds: milliseconds))
    try check(snd_pcm_hw_params_set_period_size_near(pcm, parameters, &period, &direction))
    try check(snd_pcm_hw_params_set_buffer_size_near(pcm, parameters, &buffer))
    try check(snd_pcm_hw_params(pcm, parameters))
    try check(snd_pcm_hw_params_get_period_size(parameters, &period, &direction))
    try check(snd_pcm_hw_params_get_buffer_size(parameters, &buffer))
    periodFrames = Int(period)
    bufferFrames = Int(buffer)
  }

  /// Has the device wake its thread up when a period is there, or has room.
  func setWakeUp(of pcm: OpaquePointer) throws(ALSAError) {
    var allocated: OpaquePointer?
    try check(snd_pcm_sw_params_malloc(&allocated))
    let parameters = allocated!
    defer { snd_pcm_sw_params_free(parameters) }
    try check(snd_pcm_sw_params_current(pcm, parameters))
    try check(snd_pcm_sw_params_set_avail_min(pcm, parameters, snd_pcm_uframes_t(periodFrames)))
    try check(snd_pcm_sw_params(pcm, parameters))
  }

  private static func setSampleFormat(
    _ pcm: OpaquePointer, _ parameters: OpaquePointer, among formats: [SampleFormat]
  ) throws(ALSAError) -> SampleFormat {
    for format in formats where snd_pcm_hw_params_test_format(pcm, parameters, format.alsa) == 0 {
      try check(snd_pcm_hw_params_set_format(pcm, parameters, format.alsa))
      return format
    }
    throw ALSAError(code: EOPNOTSUPP)
  }

  private static func setChannels(
    _ pcm: OpaquePointer, _ parameters: OpaquePointer
  ) throws(ALSAError) -> UInt32 {
    var channels: UInt32 = 1
    try check(snd_pcm_hw_params_set_channels_near(pcm, parameters, &channels))
    return channels
  }

  private static func setRate(_ pcm: OpaquePointer, _ parameters: OpaquePointer) throws(ALSAError) -> UInt32 {
    let isServer = snd_pcm_hw_params_test_rate(pcm, parameters, oddRate, 0) == 0
    for rate in rates.dropFirst(isServer ? 1 : 0)
    where snd_pcm_hw_params_test_rate(pcm, parameters, rate, 0) == 0 {
      try check(snd_pcm_hw_params_set_rate(pcm, parameters, rate, 0))
      return rate
    }
    var rate = rates.last!
    var direction: Int32 = 0
    try check(snd_pcm_hw_params_set_rate_near(pcm, parameters, &rate, &direction))
    return rate
  }
}
