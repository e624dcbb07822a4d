import CX11
import DictationTypes
import Linux

/// The keys that are down.
enum HeldKeys {
  /// How long a held key is waited for, in nanoseconds.
  static let patience: UInt64 = 1_500_000_000

  /// The keys that are down on any keyboard, and have not been let go of logically.
  static func down(_ connection: Connection) -> Set<UInt8> {
    var bits = [CChar](repeating: 0, count: 32)
    XQueryKeymap(connection.display, &bits)
    return keycodes(bits)
  }

  /// Waits until no key is down, or `patience` has passed.
  static func waitForRelease(_ connection: Connection) throws(DictationError) {
    guard isHeld(connection) else { return }
    // Raw events come also while a window manager, which the key was meant for, has all others.
    connection.input.countReleases(true)
    defer { connection.input.countReleases(false) }
    let deadline = monotonicNanoseconds() + patience
    while isHeld(connection), monotonicNanoseconds() < deadline {
      let (seen, now) = (connection.input.releases, monotonicNanoseconds())
      try connection.wait(nanoseconds: deadline > now ? deadline - now : 0) {
        connection.input.releases != seen
      }
    }
  }

  /// Lets go of `keys`, on whatever keyboard they are down. They stay so, and do not repeat, until they are pressed again.
  static func release(_ keys: Set<UInt8>, _ connection: Connection) {
    guard !keys.isEmpty else { return }
    for key in keys { XTestFakeKeyEvent(connection.display, UInt32(key), False, 0) }
    XSync(connection.display, False)
  }

  /// The keys that are down on the XTEST keyboard, which no finger presses.
  static func downOnTestKeyboard(_ connection: Connection) -> Set<UInt8> {
    var count: Int32 = 0
    guard let devices = XListInputDevices(connection.display, &count) else { return [] }
    defer { XFreeDeviceList(devices) }
    let keyboard = UnsafeBufferPointer(start: devices, count: Int(count)).first {
      $0.name.map { String(cString: $0) } == "Virtual core XTEST keyboard"
    }
    guard let keyboard, let device = XOpenDevice(connection.display, keyboard.id) else { return [] }
    defer { XCloseDevice(connection.display, device) }
    guard let state = XQueryDeviceState(connection.display, device) else { return [] }
    defer { XFreeDeviceState(state) }
    return state.pointee.num_classes > 0 ? keycodes(state.pointee) : []
  }

  private static func keycodes(_ state: XDeviceState) -> Set<UInt8> {
    var next = UnsafeMutableRawPointer(state.data)
    for _ in 0..<state.num_classes {
      guard let record = next else { return [] }
      let header = record.load(as: XInputClass.self)
      if Int32(header.class) == KeyClass {
        let keys = record.load(as: XKeyState.self).keys
        return keycodes(withUnsafeBytes(of: keys) { $0.map { CChar(bitPattern: $0) } })
      }
      next = record + Int(header.length)
    }
    return []
  }

  private static func keycodes(_ bits: [CChar]) -> Set<UInt8> {
    let down = (0..<256).filter { UInt8(bitPattern: bits[$0 / 8]) & (1 << ($0 % 8)) != 0 }
    return Set(down.map { UInt8($0) })
  }

  private static func isHeld(_ connection: Connection) -> Bool { !down(connection).isEmpty }
}
