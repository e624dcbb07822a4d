import AudioFiles
import Crypto
import DictationTypes
import Glibc

/// The SHA-256 of the file at `path`, 64 hexadecimal digits, and its size. It is read in pieces of 1 MiB.
///
/// - Throws: kind `storage` when it cannot be read.
func sha256(ofFile path: String) throws(DictationError) -> (digits: String, bytes: Int) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw fileError(path, "read") }
  defer { close(descriptor) }
  guard let digest = SHA256() else { throw DictationError(.internalError, "SHA-256 is missing in libcrypto") }
  var size = 0
  var piece = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = read(descriptor, &piece, piece.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw fileError(path, "read") }
    if count == 0 { return (digest.finish(), size) }
    piece.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    size += count
  }
}
