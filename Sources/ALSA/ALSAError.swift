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

/// alsa-lib as a whole: touched once before the first call, so that it writes nothing to standard error.
enum Library {
  private static let silenced: Void = thoth_silence_alsa()

  /// Call it before anything of alsa-lib.
  static func prepare() { silenced }
}
