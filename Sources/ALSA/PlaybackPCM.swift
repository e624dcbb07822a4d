import CALSA
public import DictationTypes
import Glibc

/// An open ALSA playback device, in non-blocking mode. It belongs to the thread that opened it.
public final class PlaybackPCM {
  /// What was agreed with the device.
  public let parameters: HardwareParameters
  private let pcm: OpaquePointer
  private let descriptors: PollDescriptors

  /// Recoveries in a row without a frame between them: a device that fails again and again is lost.
  private var recoveries = 0
  private static let mostRecoveries = 5

  /// Opens `device`, any ALSA PCM name, for 16-bit samples of `format`. It waits as long as a sound server makes it
  /// wait.
  public init(_ device: String, _ format: AudioFormat) throws(ALSAError) {
    Library.prepare()
    var opened: OpaquePointer?
    try check(snd_pcm_open(&opened, device, SND_PCM_STREAM_PLAYBACK, Int32(SND_PCM_NONBLOCK)))
    pcm = opened!
    do throws(ALSAError) {
      // ALSA's null device takes all and is never heard.
      if snd_pcm_type(pcm) == SND_PCM_TYPE_NULL { throw ALSAError(code: ENODEV) }
      parameters = try HardwareParameters(pcm, of: format)
      try parameters.setWakeUp(of: pcm)
    } catch {
      snd_pcm_close(opened)
      throw error
    }
    descriptors = PollDescriptors(pcm)
  }

  /// Closes the device; what has not been heard is dropped.
  deinit {
    snd_pcm_drop(pcm)
    snd_pcm_close(pcm)
  }

  /// Waits in poll(2) until the device has room for a period, or until `interrupt` is readable: then it returns true.
  public func wait(orFor interrupt: Int32) -> Bool { descriptors.wait(orFor: interrupt) }

  /// Writes as many of the interleaved samples of `frames` as there is room for; the first ones start the device.
  /// Returns how many frames that were.
  public func write(_ samples: UnsafePointer<Int16>, frames: Int) throws(ALSAError) -> Int {
    let moved = try framesMoved(snd_pcm_writei(pcm, samples, snd_pcm_uframes_t(frames)))
    if moved > 0 { recoveries = 0 }
    return moved
  }

  /// How many frames have been written and not been heard yet, those on their way through a sound server included.
  public var delay: Int { framesOnTheirWay(pcm) }

  /// Makes the device take frames again after a failed write. Throws when it is lost.
  public func recover(from failure: ALSAError) throws(ALSAError) {
    recoveries += 1
    guard failure.code == EPIPE || failure.code == ESTRPIPE, recoveries <= Self.mostRecoveries else {
      throw failure
    }
    // Also after a suspend of the system: what was to be heard before it is of no use after it.
    try check(snd_pcm_prepare(pcm))
  }
}
