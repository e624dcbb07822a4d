import CALSA
import Glibc

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
  /// Each one is opened for a moment, so call it neither while recording nor from an actor.
  public static func list() -> [CaptureDevice] {
    ALSA.prepare()
    var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    guard snd_device_name_hint(-1, "pcm", &hints) == 0, let hints else { return [] }
    defer { snd_device_name_free_hint(hints) }
    var found: [CaptureDevice] = []
    var next = hints
    while let hint = next.pointee {
      if let device = CaptureDevice(hint) { found.append(device) }
      next += 1
    }
    if !found.contains(where: \.isDefault), isMicrophone(defaultName) {
      found.append(CaptureDevice(name: defaultName, description: "Default microphone", isDefault: true))
    }
    return found.filter(\.isDefault) + found.filter { !$0.isDefault }
  }

  private init(name: String, description: String, isDefault: Bool) {
    self.name = name
    self.description = description
    self.isDefault = isDefault
  }

  /// The device behind one of ALSA's hints, unless it is no microphone.
  private init?(_ hint: UnsafeMutableRawPointer) {
    guard let name = Self.text(hint, "NAME"), Self.text(hint, "IOID") != "Output",
      Self.isWorthNaming(name), Self.isMicrophone(name)
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
