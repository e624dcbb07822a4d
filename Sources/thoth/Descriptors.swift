import Glibc
import Linux

/// Writes all of `text`; false when the other end is closed.
@discardableResult
func write(_ descriptor: Int32, _ text: String) -> Bool {
  writeAll(descriptor, Array(text.utf8))
}

/// Sends `line` to the daemon, and copies of `descriptors` with its beginning. Whether that was of use is told by what it
/// answers: one that takes no more clients says so and does not read.
func sendRequest(_ connection: Int32, _ line: String, _ descriptors: [Int32] = []) {
  var rest = Array(line.utf8)[...]
  while !rest.isEmpty {
    // No signal: where the daemon is gone, there is the next one.
    let count = rest.withUnsafeBytes {
      send(connection, $0, with: rest.startIndex == 0 ? descriptors : [])
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}

/// Reads a descriptor line by line.
struct LineReader {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var searched = 0
  private let patience: Int32
  /// Whether the end is that nothing came in time.
  private(set) var isLate = false

  /// Reads `descriptor`, and waits for what comes next at most `patience` milliseconds; -1: as long as it takes.
  init(_ descriptor: Int32, patience: Int32 = -1) {
    self.descriptor = descriptor
    self.patience = patience
  }

  /// The next line without its newline; nil at the end.
  mutating func next() -> String? {
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer {
          buffer.removeFirst(end + 1)
          searched = 0
        }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      searched = buffer.count
      guard fill() else { return nil }
    }
  }

  private mutating func fill() -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while patience >= 0 {
      let ready = poll(&entry, 1, patience)
      if ready < 0 && errno == EINTR { continue }
      isLate = ready == 0
      if isLate { return false }
      break
    }
    return withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { chunk in
      var count = read(descriptor, chunk.baseAddress!, chunk.count)
      while count < 0 && errno == EINTR { count = read(descriptor, chunk.baseAddress!, chunk.count) }
      guard count > 0 else { return false }
      buffer += chunk[..<count]
      return true
    }
  }
}
