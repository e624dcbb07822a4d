import CX11
import DictationTypes
import Linux

/// Presses the keys that move the cursor and delete, in a window that has the focus.
struct EditingKeys {
  /// How many presses are sent before the focus is looked at and the window is waited for.
  private static let chunk = 32

  private let connection: Connection
  private let target: OutputTarget
  private var barrier: PingBarrier
  private let deadline: UInt64

  /// Keys for `target`, for at most `seconds`. Call `end` when done.
  init(for target: OutputTarget, seconds: UInt64, _ connection: Connection) {
    self.connection = connection
    self.target = target
    barrier = PingBarrier(target.topLevel, connection)
    deadline = monotonicNanoseconds() + seconds * 1_000_000_000
  }

  /// Stops listening for answers.
  func end() { barrier.end() }

  /// Presses the key with the symbol `symbol` so many `times`, with these modifiers' keys held, and waits until the
  /// window has handled that, if it can tell.
  mutating func press(_ symbol: Int32, times: Int = 1, holding modifiers: [Int32] = [])
    throws(DictationError)
  {
    var left = times
    while left > 0 {
      guard connection.hasFocus(target) else {
        try connection.checkJob()
        throw DictationError(.output, "the focus moved to another window while the text was taken back")
      }
      // A lock screen leaves the focus where it is.
      if try connection.isKeyboardTaken() {
        throw DictationError(.output, "\(Connection.keyboardIsTaken), while the text was taken back")
      }
      guard monotonicNanoseconds() < deadline else {
        throw DictationError(.output, "\(target.label) is too slow to take the text back")
      }
      for modifier in modifiers { try send(modifier, isDown: true) }
      for _ in 0..<min(left, Self.chunk) {
        try send(symbol, isDown: true)
        try send(symbol, isDown: false)
      }
      for modifier in modifiers.reversed() { try send(modifier, isDown: false) }
      XSync(connection.display, False)
      try connection.checkJob()
      _ = try barrier.waitIfSupported()
      left -= Self.chunk
    }
  }

  private func send(_ symbol: Int32, isDown: Bool) throws(DictationError) {
    let key = XKeysymToKeycode(connection.display, KeySym(symbol))
    guard key != 0 else {
      throw DictationError(.output, "the keyboard map lacks a key that takes text back (see xmodmap -pke)")
    }
    XTestFakeKeyEvent(connection.display, UInt32(key), isDown ? True : False, 0)
  }
}
