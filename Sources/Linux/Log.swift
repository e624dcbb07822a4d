import Glibc

/// The daemon's log: its standard error. Nothing that was said goes there.
///
/// Lines are written by a thread that is there as long as there are any: nobody waits long for a disk that hangs.
public enum Log {
  /// The size at which the file is cut, in bytes.
  static let limit = 1 << 20
  /// How long whoever writes a line waits until it is written, in milliseconds.
  private static let patience: Int32 = 100
  /// How many lines wait for a disk that hangs; what comes then is dropped.
  private static let capacity = 1000

  private struct State {
    var path: String?
    var waiting: [String] = []
    var isWriting = false
  }

  private static let state = Lock(State())

  /// Has the file at `path` cut as soon as it is too long, if that is where standard error goes: what it held is
  /// kept as `path.1`, in place of what that held.
  public static func keepShort(_ path: String) {
    state.withLock { $0.path = path }
    cutIfLong(path)
  }

  /// Writes one line with the time.
  static func write(_ message: String) {
    let line = message.split(separator: "\n").joined(separator: " ")
    let isFirst = state.withLock { state in
      if state.waiting.count < capacity {
        state.waiting.append("\(timestamp(unixMilliseconds())) thothd: \(line)\n")
      }
      defer { state.isWriting = true }
      return !state.isWriting
    }
    guard isFirst else { return }
    let done = WakeEvent()
    WorkerThread(name: "log") {
      writeWaiting()
      done.signal()
    }.detach()
    done.wait(milliseconds: patience)
  }

  private static func writeWaiting() {
    while true {
      let (lines, path) = state.withLock { state in
        defer { (state.waiting, state.isWriting) = ([], !state.waiting.isEmpty) }
        return (state.waiting, state.path)
      }
      if lines.isEmpty { return }
      _ = writeAll(2, Array(lines.joined().utf8))
      if let path { cutIfLong(path) }
    }
  }

  /// The file stays the same one, as child processes write into it too.
  private static func cutIfLong(_ path: String) {
    var (open, named) = (stat(), stat())
    guard fstat(2, &open) == 0, open.st_mode & S_IFMT == S_IFREG, open.st_size > limit,
      stat(path, &named) == 0, (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino),
      let bytes = readFile(path), replaceFile(path + ".1", with: bytes, durably: false)
    else { return }
    ftruncate(2, 0)
  }
}

/// Writes a line to the daemon's log.
public func log(_ message: String) { Log.write(message) }

/// A time in milliseconds since 1970 in the form of RFC 3339, UTC.
public func timestamp(_ unixMilliseconds: UInt64) -> String {
  var seconds = time_t(unixMilliseconds / 1000)
  var parts = tm()
  gmtime_r(&seconds, &parts)
  func digits(_ value: some BinaryInteger, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
  let date = [digits(parts.tm_year + 1900, 4), digits(parts.tm_mon + 1, 2), digits(parts.tm_mday, 2)]
  let time = [digits(parts.tm_hour, 2), digits(parts.tm_min, 2), digits(parts.tm_sec, 2)]
  return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "."
    + digits(unixMilliseconds % 1000, 3) + "Z"
}
