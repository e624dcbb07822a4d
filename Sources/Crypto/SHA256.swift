internal import CCrypto

/// A SHA-256 (FIPS 180-4) of bytes that come in pieces.
public final class SHA256 {
  private let context: OpaquePointer

  /// Of no bytes yet. Nil when libcrypto has no SHA-256.
  public init?() {
    keepCryptoUntilTheEnd()
    guard let context = EVP_MD_CTX_new() else { return nil }
    self.context = context
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { return nil }
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes in the next bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// The digest of all bytes, 64 hexadecimal digits. Call it once.
  public func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
