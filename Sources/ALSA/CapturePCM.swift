import CALSA
import Glibc

/// An open ALSA capture device, in non-blocking mode. It belongs to the thread that opened it.
public final class CapturePCM {
  /// What was agreed with the device.
  public let parameters: HardwareParameters
  /// The microphone's name as shown to users.
  public let name: String
  private let pcm: OpaquePointer
  private let descriptors: PollDescriptors

  /// Recoveries in a row without a frame between them: a device that fails again and again is lost.
  private var recoveries = 0
  private static let mostRecoveries = 5

  /// Opens and configures `device`, any ALSA PCM name. It waits as long as a sound server makes it wait.
  public init(_ device: String) throws(ALSAError) {
    Library.prepare()
    var opened: OpaquePointer?
    try check(openCapture(device, &opened))
    pcm = opened!
    do throws(ALSAError) {
      // ALSA's null device delivers silence as fast as it is read: no microphone, and no end to it.
      if snd_pcm_type(pcm) == SND_PCM_TYPE_NULL { throw ALSAError(code: ENODEV) }
      parameters = try HardwareParameters(pcm)
      try parameters.setWakeUp(of: pcm)
    } catch {
      snd_pcm_close(opened)
      throw error
    }
    name = Self.cardName(pcm) ?? device
    descriptors = PollDescriptors(pcm)
  }

  deinit {
    stop()
    snd_pcm_close(pcm)
  }

  /// Prepares and starts the device.
  public func start() throws(ALSAError) {
    try check(snd_pcm_prepare(pcm))
    try check(snd_pcm_start(pcm))
  }

  /// Stops the device; frames that were not read are gone.
  public func stop() { snd_pcm_drop(pcm) }

  /// Waits in poll(2) until the device has a period, or until `interrupt` is readable: then it returns true.
  public func wait(orFor interrupt: Int32) -> Bool { descriptors.wait(orFor: interrupt) }

  /// Reads at most `frames` frames that are there already. 0 when there are none.
  public func read(into buffer: UnsafeMutableRawPointer, frames: Int) throws(ALSAError) -> Int {
    let moved = try framesMoved(snd_pcm_readi(pcm, buffer, snd_pcm_uframes_t(frames)))
    if moved > 0 { recoveries = 0 }
    return moved
  }

  /// How many frames have been captured and not been read, on their way through a sound server included.
  public var delay: Int { framesOnTheirWay(pcm) }

  /// Makes the device run again after a failed read. Throws when it is lost.
  ///
  /// Not `snd_pcm_recover`: that waits for ever for a device that stays suspended.
  public func recover(from failure: ALSAError) throws(ALSAError) {
    recoveries += 1
    guard failure.code == EPIPE || failure.code == ESTRPIPE, recoveries <= Self.mostRecoveries else {
      throw failure
    }
    if failure.code == ESTRPIPE, recoveries == 1, resume() { return }
    try start()
  }

  /// Resumes after a suspend of the system, within a second. False when the device has to be prepared instead.
  private func resume() -> Bool {
    for _ in 0..<20 {
      let result = snd_pcm_resume(pcm)
      guard result == -EAGAIN else { return result == 0 && snd_pcm_state(pcm) == SND_PCM_STATE_RUNNING }
      poll(nil, 0, 50)
    }
    return false
  }

  /// Whether the PCM called `device` can be opened for capture, or is in use by somebody who has.
  public static func exists(_ device: String) -> Bool {
    Library.prepare()
    var pcm: OpaquePointer?
    let result = openCapture(device, &pcm)
    if result == 0 { snd_pcm_close(pcm) }
    return result == 0 || result == -EBUSY
  }

  /// The name of the sound card, when the device is on one and says so.
  private static func cardName(_ pcm: OpaquePointer) -> String? {
    var allocated: OpaquePointer?
    guard snd_pcm_info_malloc(&allocated) == 0, let info = allocated else { return nil }
    defer { snd_pcm_info_free(info) }
    guard snd_pcm_info(pcm, info) == 0 else { return nil }
    let card = snd_pcm_info_get_card(info)
    var name: UnsafeMutablePointer<CChar>?
    guard card >= 0, snd_card_get_name(card, &name) == 0, let name else { return nil }
    defer { free(name) }
    return String(cString: name)
  }
}
