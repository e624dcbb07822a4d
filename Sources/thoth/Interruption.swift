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
