import ALSA
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
    let others = "choose another one with --device (`thoth devices` lists them)."
    let isTemporary = [EBUSY, EAGAIN, ECONNREFUSED, EHOSTDOWN, ETIMEDOUT].contains(code)
    let message =
      switch code {
      case ENOENT where ALSAConfiguration.defines(device) == false:
        "There is no microphone called \(device): `thoth devices` lists them."
      case ENOENT, ENODEV, ENXIO:
        "There is no microphone behind \(device): connect one, or \(others)"
      case EBUSY, EAGAIN:
        "The microphone \(device) is in use by another program: close that one, or \(others)"
      case ECONNREFUSED, EHOSTDOWN:
        "The sound server behind \(device) does not answer: start it (`pulseaudio --start`, or "
          + "`systemctl --user start pipewire pipewire-pulse wireplumber`), or \(others)"
      case EACCES, EPERM:
        "The microphone \(device) is not open to you: `sudo usermod -aG audio $USER`, then log in again."
      case ETIMEDOUT:
        "The microphone \(device) gives no sound: restart the sound server or connect it again, or \(others)"
      case EOPNOTSUPP:
        "The microphone \(device) offers no sample format that thoth takes: use plug:\(device)."
      case EINVAL where ALSAConfiguration.defines(device) == nil:
        "ALSA's configuration is broken: mend ~/.asoundrc or /etc/asound.conf (`arecord -L` names the line)."
      default:
        "The microphone \(device) could not be opened (\(systemError(code))): \(others)"
      }
    return DictationError(.device, message, retryable: isTemporary)
  }
}
