import CALSA
public import DictationTypes
import Glibc
internal import Linux

/// Why a capture ended.
public enum CaptureEnd: Sendable, Hashable {
  /// Somebody stopped it.
  case stopped
  /// The device could not be opened, or gave no sound; nothing was captured.
  case openFailed(DictationError)
  /// The device went away. What was captured before is there.
  case deviceLost(DictationError)
  /// The device delivered nothing more, and did not say why. What was captured before is there.
  case stalled(DictationError)

  /// The failure, unless somebody stopped it.
  public var error: DictationError? {
    switch self {
    case .stopped: nil
    case .openFailed(let error), .deviceLost(let error), .stalled(let error): error
    }
  }

  init(_ state: CaptureState, device: String) {
    self =
      switch state.cause {
      case .stopped: .stopped
      case .openFailed: .openFailed(.device(state.errno, opening: device))
      case .deviceLost:
        .deviceLost(
          DictationError(
            .device,
            "The microphone \(device) went away (\(systemError(state.errno))): what was said until then is kept; "
              + "connect it again, or choose another one with --device (`thoth devices` lists them)."))
      case .stalled:
        .stalled(
          DictationError(
            .device,
            "The microphone \(device) delivers no more sound: what was said until then is kept; "
              + "connect it again or restart the sound server, then record again."))
      }
  }
}

extension DictationError {
  /// The failure to open `device` with error number `code`, as a sentence with the way out.
  static func device(_ code: Int32, opening device: String) -> DictationError {
    switch code {
    case ENOENT, ENODEV, ENXIO:
      if code != ENOENT || ALSAConfiguration.defines(device) {
        return DictationError(
          .device,
          "There is no microphone behind \(device): connect one, "
            + "or choose another one with --device (`thoth devices` lists them).")
      }
      return DictationError(.device, "There is no microphone called \(device): `thoth devices` lists them.")
    case EBUSY, EAGAIN:
      return DictationError(
        .device,
        "The microphone \(device) is in use by another program: close that one, "
          + "or choose `default` or another device (`thoth devices` lists them).", retryable: true)
    case ECONNREFUSED, EHOSTDOWN:
      return DictationError(
        .device,
        "The sound server behind \(device) does not answer: start it "
          + "(`systemctl --user start pipewire wireplumber` or `pulseaudio --start`), "
          + "or choose a device of the hardware (`thoth devices` lists them).", retryable: true)
    case EACCES, EPERM:
      return DictationError(
        .device,
        "The microphone \(device) may not be used by you: join the group with "
          + "`sudo usermod -aG audio $USER` and log in again.")
    case ETIMEDOUT:
      return DictationError(
        .device,
        "The microphone \(device) gives no sound: restart the sound server, "
          + "or choose another device (`thoth devices` lists them).", retryable: true)
    case EOPNOTSUPP:
      return DictationError(
        .device, "The microphone \(device) offers no format that thoth takes: try plug:\(device) or `default`.")
    default:
      return DictationError(
        .device,
        "The microphone \(device) could not be opened (\(systemError(code))): "
          + "choose another one with --device (`thoth devices` lists them).")
    }
  }
}

/// alsa-lib's configuration, as far as error messages need it.
enum ALSAConfiguration {
  /// Whether a PCM of the name of `device` (arguments after a colon left away) is defined.
  static func defines(_ device: String) -> Bool {
    ALSA.prepare()
    var top: OpaquePointer?
    guard snd_config_update_ref(&top) >= 0, let top else { return false }
    defer { snd_config_unref(top) }
    let name = device.prefix { $0 != ":" }
    return snd_config_search(top, "pcm.\(name)", nil) >= 0
  }
}
