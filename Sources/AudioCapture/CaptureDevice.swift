import CALSA
import Glibc
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
        let isMicrophone = isMicrophone(candidate.name)
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
    ALSA.prepare()
    var devices = [CaptureDevice(name: defaultName, description: "Default microphone", isDefault: true)]
    var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    guard snd_device_name_hint(-1, "pcm", &hints) == 0, let hints else { return devices }
    defer { snd_device_name_free_hint(hints) }
    var next = hints
    while let hint = next.pointee {
      next += 1
      guard let device = CaptureDevice(hint) else { continue }
      if device.isDefault { devices[0] = device } else { devices.append(device) }
    }
    return devices
  }

  private init(name: String, description: String, isDefault: Bool) {
    self.name = name
    self.description = description
    self.isDefault = isDefault
  }

  /// What one of ALSA's hints names, unless it is no microphone.
  private init?(_ hint: UnsafeMutableRawPointer) {
    guard let name = Self.text(hint, "NAME"), Self.text(hint, "IOID") != "Output", Self.isWorthNaming(name)
    else { return nil }
    let lines = Self.text(hint, "DESC")?.split(separator: "\n").joined(separator: ", ")
    self.init(name: name, description: lines ?? name, isDefault: name == Self.defaultName)
  }

  /// Whether `name` is a microphone of its own, and not one more way to another one: alsa-plugins wraps the default
  /// device in converters, and alsa-lib names each card half a dozen times. Trying JACK writes to standard error.
  private static func isWorthNaming(_ name: String) -> Bool {
    let others = ["null", "samplerate", "speexrate", "lavrate", "speex", "upmix", "vdownmix", "oss", "jack"]
    return !others.contains(name)
      && (!name.contains(":") || name.hasPrefix("hw:") || name.hasPrefix("sysdefault:"))
  }

  /// Whether `name` can be opened for capture, or is in use by somebody who has.
  private static func isMicrophone(_ name: String) -> Bool {
    var pcm: OpaquePointer?
    let result = snd_pcm_open(&pcm, name, SND_PCM_STREAM_CAPTURE, Int32(SND_PCM_NONBLOCK))
    if result == 0 { snd_pcm_close(pcm) }
    return result == 0 || result == -EBUSY
  }

  private static func text(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
    guard let value = snd_device_name_get_hint(hint, key) else { return nil }
    defer { free(value) }
    return String(cString: value)
  }
}
