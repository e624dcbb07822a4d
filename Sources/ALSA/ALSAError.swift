import CALSA
import Glibc

/// A call of alsa-lib that failed.
public struct ALSAError: Error, Sendable, Hashable {
  /// The error number, positive as in errno.
  public let code: Int32
}

/// Throws when `result` is one of alsa-lib's negative error numbers.
func check(_ result: Int32) throws(ALSAError) {
  if result < 0 { throw ALSAError(code: -result) }
}

/// The frames that a read or a write has moved, 0 when the device was not ready; throws as `check`.
func framesMoved(_ result: snd_pcm_sframes_t) throws(ALSAError) -> Int {
  if result >= 0 { return result }
  let code = Int32(-result)
  if code == EAGAIN || code == EINTR { return 0 }
  throw ALSAError(code: code)
}

/// How many frames are between the device and us, on their way through a sound server included.
func framesOnTheirWay(_ pcm: OpaquePointer) -> Int {
  var frames: snd_pcm_sframes_t = 0
  return snd_pcm_delay(pcm, &frames) == 0 ? max(0, frames) : 0
}

/// alsa-lib as a whole: touched once before the first call, so that it writes nothing to standard error.
enum Library {
  private static let silenced: Void = thoth_silence_alsa()

  /// Call it before anything of alsa-lib.
  static func prepare() { silenced }
}
