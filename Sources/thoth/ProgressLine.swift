import Glibc

/// The last line of the terminal, which tells how far a command is until something else is printed.
struct ProgressLine {
  private var isShown = false

  /// Shows `line` in the place of what is shown.
  mutating func show(_ line: String) {
    // Erase to the end of the line (ECMA-48 §8.3.41).
    write(2, "\r\(line)\u{1b}[K")
    isShown = true
  }

  /// Takes it away.
  mutating func clear() {
    if isShown { write(2, "\r\u{1b}[K") }
    isShown = false
  }
}

/// The columns of the terminal at `descriptor`; nil when it is none.
func terminalWidth(_ descriptor: Int32) -> Int? {
  guard isatty(descriptor) == 1 else { return nil }
  var size = winsize()
  // A terminal that does not know its size is 80 wide, as all were once.
  return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
}
