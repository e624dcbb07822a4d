import Glibc

/// Says on Ctrl-C, before this process ends by it, how what was begun can be continued: in a sentence, or as an event for
/// whoever reads those. The daemon sees it go.
func tellOnInterruption(asEvent: Bool) {
  // What may be called in a handler is little (signal-safety(7)), and it knows nothing but its number.
  if asEvent {
    signal(SIGINT) { end(by: $0, telling: interruptedEvent) }
  } else {
    signal(SIGINT) { end(by: $0, telling: interrupted) }
  }
}

private func end(by number: Int32, telling text: StaticString) {
  text.withUTF8Buffer { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  signal(number, SIG_DFL)
  raise(number)
}

private let interrupted: StaticString =
  "\r\u{1b}[Kthoth: interrupted: the same command with --resume goes on\n"

private let interruptedEvent: StaticString = """
  {"exit_code":130,"message":"interrupted: the same command with --resume goes on","type":"transcribe","v":1,\
  "what":"stopped"}

  """

/// The end of a run as the last event of it, where the daemon is not there to tell it.
func stoppedEvent(_ message: String, exitCode: Int32) -> String {
  var text = ""
  for scalar in message.unicodeScalars {
    if scalar == "\"" || scalar == "\\" { text += "\\" }
    text.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar)
  }
  return """
    {"exit_code":\(exitCode),"message":"\(text)","type":"transcribe","v":1,"what":"stopped"}
    """
}
