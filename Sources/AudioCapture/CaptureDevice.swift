import ALSA
internal import Linux

/// A microphone that can be asked for by name.
public struct CaptureDevice: Sendable, Hashable {
  /// The ALSA name, for `--device`.
  public let name: String
  /// What ALSA says about it, in one line.
  public let description: String
  /// Whether it is the one that is used when none is named.
  public let isDefault: Bool

  /// The name of the default microphone.
  public static let defaultName = "default"

  /// The microphones that can be opened now, or are in use; the default one first.
  ///
  /// Each is opened for a moment, so it waits, but not longer than `milliseconds`: what has not opened by then, as
  /// behind a sound server that hangs, is left out.
  public static func list(within milliseconds: Int = 3_000) -> [CaptureDevice] {
    let candidates = named()
    let opens = Lock<[String: Bool]>([:])
    let answered = WakeEvent()
    for candidate in candidates {
      WorkerThread(name: "thoth-devices") {
        let isMicrophone = CapturePCM.exists(candidate.name)
        opens.withLock { $0[candidate.name] = isMicrophone }
        answered.signal()
      }.detach()
    }
    let deadline = monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    while opens.withLock({ $0.count }) < candidates.count {
      let now = monotonicNanoseconds()
      guard now < deadline else { break }
      answered.wait(milliseconds: Int32((deadline - now) / 1_000_000) + 1)
    }
    let answers = opens.withLock { $0 }
    return candidates.filter { answers[$0.name] == true }
  }

  /// What ALSA's configuration names, the default first. Nothing is opened.
  private static func named() -> [CaptureDevice] {
    var devices = [CaptureDevice(name: defaultName, description: "Default microphone", isDefault: true)]
    for pcm in ALSAConfiguration.capturePCMs() where isWorthNaming(pcm.name) {
      let isDefault = pcm.name == defaultName
      let device = CaptureDevice(name: pcm.name, description: pcm.description, isDefault: isDefault)
      if isDefault { devices[0] = device } else { devices.append(device) }
    }
    return devices
  }

  /// Whether `name` is a microphone of its own, and not one more way to another one: alsa-plugins wraps the default
  /// device in converters, and alsa-lib names each card half a dozen times. Trying JACK writes to standard error.
  private static func isWorthNaming(_ name: String) -> Bool {
    let others = ["null", "samplerate", "speexrate", "lavrate", "speex", "upmix", "vdownmix", "oss", "jack"]
    return !others.contains(name)
      && (!name.contains(":") || name.hasPrefix("hw:") || name.hasPrefix("sysdefault:"))
  }
}
