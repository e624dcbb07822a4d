internal import CCrypto

/// Has libcrypto stay usable until the process has ended. Call it before anything that uses libcrypto, curl included.
///
/// By itself it frees all it has when `exit` is called, while other threads still use it, and they crash then
/// (OPENSSL_init_crypto(3), `OPENSSL_INIT_NO_ATEXIT`; only the first call in a process decides).
public func keepCryptoUntilTheEnd() { _ = isKept }

private let isKept = OPENSSL_init_crypto(thoth_init_no_atexit, nil) == 1
