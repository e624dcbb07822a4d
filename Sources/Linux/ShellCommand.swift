internal import CLinux
import Glibc

/// A line for the shell that is given a text on standard input, and may take its time.
public struct ShellCommand {
  /// How it came to its end.
  public enum End: Sendable, Hashable {
    /// It ended by itself with this exit code, or 128 + the signal that ended it. `tookAll`: it read all of its input,
    /// as far as can be told: a pipe holds what is short, read or not.
    case ended(code: Int32, tookAll: Bool)
    /// It was killed, with all that it had started: the time was over.
    case late
    /// It was killed, with all that it had started: it was not wanted any more.
    case cancelled
  }

  /// Runs `line` in a session of its own with `input` to read, and waits for its end: at most `milliseconds`, and only
  /// until `cancellation` is signalled. What it leaves running in the background is not waited for. Standard output is
  /// `/dev/null`. SIGPIPE has to be ignored.
  ///
  /// - Returns: its end, and the first line that it has written to standard error, of at most 4,096 bytes; nil with errno
  ///   when it cannot be started.
  public static func run(
    _ line: String, input: [UInt8], environment: [String: String], within milliseconds: Int,
    cancellation: WakeEvent
  ) -> (end: End, complaint: [UInt8])? {
    guard let pipe = Pipe() else { return nil }
    guard let errors = Pipe() else {
      for descriptor in [pipe.reading, pipe.writing] { close(descriptor) }
      return nil
    }
    let process = startProcess(
      "/bin/sh", ["-c", line], environment: environment, descriptors: [0: pipe.reading, 2: errors.writing],
      newSession: true)
    let code = errno
    for descriptor in [pipe.reading, errors.writing] { close(descriptor) }
    for descriptor in [pipe.writing, errors.reading] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    defer { close(errors.reading) }
    guard let process else {
      close(pipe.writing)
      errno = code
      return nil
    }
    let ending = linux_process_descriptor(process)
    guard ending >= 0 else {
      let code = errno
      close(pipe.writing)
      _ = Glibc.kill(-process, SIGKILL)
      _ = waitForProcess(process)
      errno = code
      return nil
    }
    defer { close(ending) }
    var command = ShellCommand(
      process: process, ending: ending, input: pipe.writing, errors: errors.reading, rest: input[...])
    let end = command.end(within: milliseconds, cancellation)
    command.closeInput()
    return (end, Array(command.complaints.prefix { $0 != 0x0A }))
  }

  private let process: Int32
  /// Readable when it has ended.
  private let ending: Int32
  /// The ends of its standard input and error; nil when they are closed, or there will be no more.
  private var input: Int32?
  private var errors: Int32?
  /// What of the text it has not been given yet.
  private var rest: ArraySlice<UInt8>
  private var complaints: [UInt8] = []

  private mutating func end(within milliseconds: Int, _ cancellation: WakeEvent) -> End {
    let deadline = monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    while true {
      if rest.isEmpty { closeInput() }
      // A negative descriptor is passed over.
      var entries = [
        pollfd(fd: ending, events: Int16(POLLIN), revents: 0),
        pollfd(fd: cancellation.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: input ?? -1, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: errors ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      let now = monotonicNanoseconds()
      guard now < deadline else { return kill(.late) }
      _ = poll(&entries, nfds_t(entries.count), Int32((deadline - now) / 1_000_000) + 1)
      if entries[3].revents != 0 { readErrors() }
      if entries[0].revents != 0 { return .ended(code: waitForProcess(process), tookAll: rest.isEmpty) }
      if entries[1].revents != 0 { return kill(.cancelled) }
      if entries[2].revents != 0 { feed() }
    }
  }

  private func kill(_ end: End) -> End {
    // In a session of its own, the command and what it started are one group.
    _ = Glibc.kill(-process, SIGKILL)
    _ = waitForProcess(process)
    return end
  }

  /// Writes what there is room for.
  private mutating func feed() {
    guard let input else { return }
    let count = rest.withUnsafeBytes { write(input, $0.baseAddress!, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno != EAGAIN && errno != EINTR {
      // Nobody reads it any more.
      closeInput()
    }
  }

  /// Reads what there is: all of it, so that nobody waits for room. The first of it is kept.
  private mutating func readErrors() {
    guard let errors else { return }
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = chunk.withUnsafeMutableBytes { read(errors, $0.baseAddress!, $0.count) }
    if count > 0 {
      complaints += chunk[..<min(count, 4096 - complaints.count)]
    } else if count == 0 || errno != EAGAIN && errno != EINTR {
      self.errors = nil
    }
  }

  private mutating func closeInput() {
    if let input { close(input) }
    input = nil
  }
}
