import Glibc

/// Says on Ctrl-C, before this process ends by it, how what was begun can be continued. The daemon sees it go.
func tellOnInterruption() {
  signal(SIGINT) { number in
    // What may be called here is little (signal-safety(7)).
    interrupted.withUTF8Buffer { _ = Glibc.write(2, $0.baseAddress, $0.count) }
    signal(number, SIG_DFL)
    raise(number)
  }
}

private let interrupted: StaticString =
  "\r\u{1b}[Kthoth: interrupted: the same command with --resume goes on\n"

// Safe: both are set before the handler is, by the only thread, and then by the handler alone.
nonisolated(unsafe) private var begun: Int32 = -1
/// Whether Ctrl-C came after `waitOnInterruption`.
nonisolated(unsafe) private(set) var isInterrupted = false

/// How long the daemon may take to end what it was asked for, in seconds.
private let patience: UInt32 = 5

/// On Ctrl-C, tells the daemon at the other end of `connection` that its work is not wanted any more. It closes the
/// connection when nothing is left of it: this process ends then, or when that takes too long, or at the next Ctrl-C.
func waitOnInterruption(_ connection: Int32) {
  var old = sigaction()
  sigaction(SIGINT, nil, &old)
  // A shell without job control has what it starts in the background ignore Ctrl-C.
  guard
    unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
  else { return }
  (begun, isInterrupted) = (connection, false)
  signal(SIGALRM) { _ in endByInterruption() }
  signal(SIGINT) { _ in
    isInterrupted = true
    shutdown(begun, Int32(SHUT_WR))
    alarm(patience)
    signal(SIGINT, SIG_DFL)
  }
}

/// Ends this process as Ctrl-C does.
func endByInterruption() {
  signal(SIGINT, SIG_DFL)
  raise(SIGINT)
}
