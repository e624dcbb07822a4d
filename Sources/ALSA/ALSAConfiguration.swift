import CALSA
import Glibc

/// alsa-lib's configuration: what is defined in it. Nothing is opened.
public enum ALSAConfiguration {
  /// Whether a PCM of the name of `device` (arguments after a colon left away) is defined; nil when the
  /// configuration cannot be read.
  public static func defines(_ device: String) -> Bool? {
    Library.prepare()
    var top: OpaquePointer?
    guard snd_config_update_ref(&top) >= 0, let top else { return nil }
    defer { snd_config_unref(top) }
    let name = device.prefix { $0 != ":" }
    return snd_config_search(top, "pcm.\(name)", nil) >= 0
  }

  /// The PCMs that are not for playback alone, in ALSA's order, with every name that it has for them.
  public static func capturePCMs() -> [NamedPCM] {
    Library.prepare()
    var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    guard snd_device_name_hint(-1, "pcm", &hints) == 0, let hints else { return [] }
    defer { snd_device_name_free_hint(hints) }
    var found: [NamedPCM] = []
    var next = hints
    while let hint = next.pointee {
      next += 1
      guard let name = text(hint, "NAME"), text(hint, "IOID") != "Output" else { continue }
      let lines = text(hint, "DESC")?.split(separator: "\n").joined(separator: ", ")
      found.append(NamedPCM(name: name, description: lines ?? name))
    }
    return found
  }

  private static func text(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
    guard let value = snd_device_name_get_hint(hint, key) else { return nil }
    defer { free(value) }
    return String(cString: value)
  }
}

/// A PCM that ALSA's configuration names.
public struct NamedPCM: Sendable, Hashable {
  /// What `CapturePCM` opens it by.
  public let name: String
  /// What ALSA says about it, in one line.
  public let description: String
}
