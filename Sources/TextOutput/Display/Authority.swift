import CX11
import Glibc
import Linux

/// Opens displays with the client's authority file rather than the daemon's.
enum Authority {
  /// libX11 has one authorization for the whole process: it is set, used and forgotten under this lock. Its value
  /// means nothing; a `Void` would have the address of the mutex beside it, which the thread sanitizer reports.
  private static let opening = Lock(false)

  /// The connection to the display of `address`, or nil when the server cannot be reached or refuses.
  static func open(_ address: DisplayAddress) -> OpaquePointer? {
    let cookie = self.cookie(of: address)
    return opening.withLock { _ in
      if var (name, data) = cookie { XSetAuthorization(&name, Int32(name.count), &data, Int32(data.count)) }
      defer { XSetAuthorization(nil, 0, nil, 0) }
      // The bit pattern travels, since a pointer to a C handle cannot be sent out of the lock.
      return UInt(bitPattern: XOpenDisplay(address.display))
    }.pointer
  }

  /// The first MIT-MAGIC-COOKIE-1 for this display in the authority file. Without one libX11 looks by itself.
  static func cookie(of address: DisplayAddress) -> (name: [CChar], data: [CChar])? {
    let home = getenv("HOME").map { String(cString: $0) } ?? ""
    guard let file = fopen(address.xauthority ?? "\(home)/.Xauthority", "re") else { return nil }
    defer { fclose(file) }
    let number = displayNumber(address.display)
    while let entry = XauReadAuth(file) {
      defer { XauDisposeAuth(entry) }
      let fits = entry.pointee
      guard bytes(fits.name, fits.name_length) == Array("MIT-MAGIC-COOKIE-1".utf8CString.dropLast()),
        fits.number_length == 0 || bytes(fits.number, fits.number_length) == number,
        fits.family == UInt16(FamilyWild)
          || fits.family == UInt16(FamilyLocal) && bytes(fits.address, fits.address_length) == hostName()
      else { continue }
      return (bytes(fits.name, fits.name_length), bytes(fits.data, fits.data_length))
    }
    return nil
  }

  /// The digits between the last colon and a point: `localhost:10.0` is display 10.
  private static func displayNumber(_ display: String) -> [CChar] {
    let number = display.split(separator: ":", omittingEmptySubsequences: false).last?.prefix { $0 != "." }
    return (number ?? "").utf8.map { CChar(bitPattern: $0) }
  }

  private static func hostName() -> [CChar] {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return Array(name.prefix { $0 != 0 })
  }

  private static func bytes(_ start: UnsafeMutablePointer<CChar>?, _ length: UInt16) -> [CChar] {
    Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(length)))
  }
}

extension UInt {
  fileprivate var pointer: OpaquePointer? { OpaquePointer(bitPattern: self) }
}
