import AudioFiles
import CCrypto
import DictationTypes
import Glibc

/// The SHA-256 (FIPS 180-4) of the file at `path`, 64 hexadecimal digits, and its size. It is read in pieces of
/// 1 MiB.
///
/// - Throws: kind `storage` when it cannot be read.
func sha256(ofFile path: String) throws(DictationError) -> (digits: String, bytes: Int) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw fileError(path, "read") }
  defer { close(descriptor) }
  let context = EVP_MD_CTX_new()
  defer { EVP_MD_CTX_free(context) }
  guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
    throw DictationError(.internalError, "SHA-256 is missing in libcrypto")
  }
  var size = 0
  var piece = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = read(descriptor, &piece, piece.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw fileError(path, "read") }
    if count == 0 { break }
    EVP_DigestUpdate(context, piece, count)
    size += count
  }
  var digest = [UInt8](repeating: 0, count: 32)
  EVP_DigestFinal_ex(context, &digest, nil)
  let digits = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  return (digits, size)
}
