import CX11

/// The value of a window's property.
struct Property: Equatable {
  /// Its type.
  var type: Atom
  /// The size of an item on the wire, in bits: 8, 16 or 32.
  var format: Int32
  /// How many items there are.
  var count: Int
  /// The items in libX11's layout, where a 32-bit item is a C long.
  var bytes: [UInt8]

  /// `text` as a property of `type`.
  init(_ text: [UInt8], type: Atom) {
    self.init(type: type, format: 8, count: text.count, bytes: text)
  }

  /// 32-bit `items` as a property of `type`.
  init(_ items: [UInt], type: Atom) {
    self.init(type: type, format: 32, count: items.count, bytes: items.withUnsafeBytes { Array($0) })
  }

  init(type: Atom, format: Int32, count: Int, bytes: [UInt8]) {
    self.type = type
    self.format = format
    self.count = count
    self.bytes = bytes
  }

  /// The items of a 32-bit property; empty for others. libX11 takes them for signed, and those from 2^31 on come with
  /// 32 ones before them.
  var items: [UInt] {
    guard format == 32 else { return [] }
    return bytes.withUnsafeBytes { raw in
      (0..<count).map {
        let item = raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<UInt>.size, as: UInt.self)
        return UInt(UInt32(truncatingIfNeeded: item))
      }
    }
  }
}

extension Connection {
  /// The property `name` of `window`, or nil; deleted afterwards when `delete` is set. What is longer than `limit`
  /// bytes (none has 1 GiB) is cut off somewhere behind them.
  func property(
    _ name: Atom, of window: Window, delete: Bool = false, limit: Int = 1 << 30
  ) -> Property? {
    var (type, format, count, rest): (Atom, Int32, UInt, UInt) = (0, 0, 0, 0)
    var start: UnsafeMutablePointer<UInt8>?
    // The length is in 4-byte units.
    let status = XGetWindowProperty(
      display, window, name, 0, limit / 4 + 1, delete ? True : False, UInt(AnyPropertyType), &type, &format,
      &count,
      &rest, &start)
    guard status == Success, let start else { return nil }
    defer { XFree(start) }
    // The server deletes only what was read to its end.
    if delete, rest > 0 { XDeleteProperty(display, window, name) }
    guard type != UInt(None) else { return nil }
    let size = format == 32 ? MemoryLayout<Int>.size : Int(format) / 8
    let bytes = Array(UnsafeBufferPointer(start: start, count: Int(count) * size))
    return Property(type: type, format: format, count: Int(count), bytes: bytes)
  }

  /// Sets the property `name` of `window`.
  func setProperty(_ name: Atom, of window: Window, to value: Property) {
    XChangeProperty(
      display, window, name, value.type, value.format, PropModeReplace, value.bytes, Int32(value.count))
  }
}
