import Crypto
import Glibc
import Testing

@Suite struct EndingTests {
  /// Without `keepCryptoUntilTheEnd` libcrypto is freed under the thread.
  @Test func aThreadMayUseItWhileTheProcessEnds() async {
    await #expect(processExitsWith: .success) {
      // Handlers run in the reverse order of their coming: this one leaves the threads some time after libcrypto's.
      atexit { usleep(300_000) }
      for _ in 0..<4 {
        var thread = pthread_t()
        pthread_create(&thread, nil, { _ in while true { _ = SHA256()?.finish() } }, nil)
      }
      usleep(50_000)
      exit(0)
    }
  }

  @Test func thePiecesMakeTheStandardsDigest() throws {
    let digest = try #require(SHA256())
    for piece in ["a", "", "bc"] { Array(piece.utf8).withUnsafeBytes { digest.update($0) } }
    // FIPS 180-4's example of one block.
    #expect(digest.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
