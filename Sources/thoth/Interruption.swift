import Glibc

/// Says on Ctrl-C, before this process ends by it, how what was begun can be continued: in a sentence, or as an event for
/// whoever reads those. The daemon sees it go.
func tellOnInterruption(asEvent: Bool) {
  if ignoresInterruption() { return }
  // What may be called in a handler is little (signal-safety(7)), and it knows nothing but its number.
  if asEvent {
    signal(SIGINT) { end(by: $0, telling: interruptedEvent) }
  } else if isatty(2) == 1 {
    signal(SIGINT) { end(by: $0, telling: interruptedBar) }
  } else {
    signal(SIGINT) { end(by: $0, telling: interrupted) }
  }
}

private func end(by number: Int32, telling text: StaticString) {
  text.withUTF8Buffer { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  signal(number, SIG_DFL)
  raise(number)
}

private let interrupted: StaticString = "thoth: interrupted: the same command with --resume goes on\n"

/// The same in the place of a bar.
private let interruptedBar: StaticString =
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

// Safe: both are set before the handler is, by the only thread, and then by the handler alone.
nonisolated(unsafe) private var begun: Int32 = -1
/// Whether Ctrl-C came after `waitOnInterruption`.
nonisolated(unsafe) private(set) var isInterrupted = false

/// How long the daemon may take to end what it was asked for, in seconds.
private let patience: UInt32 = 5

/// On Ctrl-C, tells the daemon at the other end of `connection` that its work is not wanted any more. It closes the
/// connection when nothing is left of it: this process ends then, or when that takes too long, or at the next Ctrl-C.
func waitOnInterruption(_ connection: Int32) {
  if ignoresInterruption() { return }
  (begun, isInterrupted) = (connection, false)
  signal(SIGALRM) { _ in endByInterruption() }
  signal(SIGINT) { _ in
    isInterrupted = true
    shutdown(begun, Int32(SHUT_WR))
    alarm(patience)
    signal(SIGINT, SIG_DFL)
  }
}

/// Whether Ctrl-C is not meant for this process: a shell without job control has what it starts in the background ignore it.
private func ignoresInterruption() -> Bool {
  var old = sigaction()
  sigaction(SIGINT, nil, &old)
  return unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self)
    == unsafeBitCast(SIG_IGN, to: Int.self)
}

/// Ends this process as Ctrl-C does.
func endByInterruption() {
  signal(SIGINT, SIG_DFL)
  raise(SIGINT)
}
