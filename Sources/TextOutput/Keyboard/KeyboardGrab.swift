import CX11
import DictationTypes
import Linux

extension Connection {
  /// Why no key reaches the window, as the beginning of a sentence.
  static let keyboardIsTaken =
    "another program has grabbed the keyboard (a lock screen, a password prompt or a menu)"

  /// Whether another program has grabbed the keyboard and keeps it: a lock screen, a password prompt, a menu. It would
  /// get what is typed. A grab that ends within half a second, as that of a hotkey that was just released, is waited for.
  func isKeyboardTaken() throws(DictationError) -> Bool {
    let deadline = monotonicNanoseconds() + 500_000_000
    while isKeyboardGrabbed {
      if monotonicNanoseconds() >= deadline { return true }
      // Nobody is told when another's grab ends.
      try wait(nanoseconds: 10_000_000) { false }
    }
    return false
  }

  /// Whether another program has grabbed the keyboard.
  ///
  /// The server looks for another's grab before it looks whether the window can be seen, and ours never can: so this
  /// grab is never granted, and no application loses the focus by it.
  private var isKeyboardGrabbed: Bool {
    let status = XGrabKeyboard(display, window, False, GrabModeAsync, GrabModeAsync, UInt(CurrentTime))
    if status == GrabSuccess { XUngrabKeyboard(display, UInt(CurrentTime)) }
    return status == AlreadyGrabbed
  }
}
