import CX11
import Linux

/// Keeps libX11's errors from ending the process, which is what it does by itself.
enum ProtocolErrors {
  /// The code of the last protocol error of each display, by the address of its handle.
  private static let last = Lock<[UInt: UInt8]>([:])

  /// Installs the handlers, once for the process: it is a C library's global state.
  static let install: Void = {
    XSetErrorHandler { display, event in
      if let display, let event { ProtocolErrors.note(event.pointee.error_code, display) }
      return 0
    }
    XSetIOErrorHandler { _ in 0 }
  }()

  /// Whether the server carries out what `body` asks for. Waits for the server.
  static func succeeds(_ display: OpaquePointer, _ body: () -> Void) -> Bool {
    // An error of an earlier request may still be on its way.
    XSync(display, False)
    _ = take(display)
    body()
    XSync(display, False)
    return take(display) == nil
  }

  /// The last error of `display`, which is then forgotten.
  static func take(_ display: OpaquePointer) -> UInt8? {
    last.withLock { $0.removeValue(forKey: UInt(bitPattern: display)) }
  }

  private static func note(_ code: UInt8, _ display: OpaquePointer) {
    last.withLock { $0[UInt(bitPattern: display)] = code }
  }
}
