public import DictationTypes
import Glibc
import Linux

extension SecretSource {
  /// The secret itself. Runs a command where that is the source: do not call it where waiting is not allowed.
  ///
  /// - Parameter environment: the variables to look in, and to run a command with.
  /// - Throws: `DictationError` of kind `config` that names the source, never what it held.
  public func resolve(_ environment: [String: String]) throws(DictationError) -> String {
    let (found, name) = try read(environment)
    let secret = found.prefix { $0 != "\n" && $0 != "\r\n" && $0 != "\r" }
    guard !secret.isEmpty else {
      throw DictationError(.config, "the key is empty: \(name)")
    }
    return String(secret)
  }

  private func read(_ environment: [String: String]) throws(DictationError) -> (
    text: String, name: String
  ) {
    switch self {
    case .environment(let variable):
      guard let text = environment[variable] else {
        throw DictationError(
          .config,
          "the key is in the variable \(variable), which the daemon does not have: "
            + "set it where the desktop starts, or name a file (key.file)"
        )
      }
      return (text, "the variable \(variable)")
    case .file(let path):
      let path = path.hasPrefix("~/") ? (environment["HOME"] ?? "") + path.dropFirst() : path
      return (try readPrivate(path), "the file \(path)")
    case .command(let line):
      return (try output(of: line, environment), "the output of the command \"\(line)\"")
    }
  }

  private func readPrivate(_ path: String) throws(DictationError) -> String {
    var found = stat()
    guard stat(path, &found) == 0, let bytes = readFile(path) else {
      throw DictationError(
        .config, "the key file \(path) cannot be read: \(systemError())")
    }
    guard found.st_mode & 0o077 == 0 else {
      throw DictationError(
        .config, "the key file \(path) is open to others: `chmod 600 \(path)`")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func output(of line: String, _ environment: [String: String]) throws(DictationError)
    -> String
  {
    guard let pipe = Pipe() else {
      throw DictationError(.internalError, "no pipe: \(systemError())")
    }
    defer { close(pipe.reading) }
    let process = startProcess(
      "/bin/sh", ["-c", line], environment: environment, descriptors: [1: pipe.writing],
      newSession: true)
    close(pipe.writing)
    guard let process else {
      throw DictationError(.config, "the key command cannot be run: \(systemError())")
    }
    let (bytes, isWhole) = readToEnd(pipe.reading, within: 30_000)
    // In a session of its own, the command and what it started are one group.
    if !isWhole { kill(-process, SIGKILL) }
    let code = waitForProcess(process)
    guard isWhole, code == 0 else {
      let end = isWhole ? "ended with \(code)" : "took over 30 s"
      throw DictationError(.config, "the key command \"\(line)\" \(end)")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What comes until the end of `descriptor`, which a wallet may hold open while it asks its owner; false when that
/// took longer than `milliseconds`.
private func readToEnd(_ descriptor: Int32, within milliseconds: Int) -> (
  bytes: [UInt8], isWhole: Bool
) {
  let deadline = monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while bytes.count < 65_536 {
    let now = monotonicNanoseconds()
    guard now < deadline else { return (bytes, false) }
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, Int32((deadline - now) / 1_000_000) + 1) > 0 else { continue }
    let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress!, $0.count) }
    if count <= 0 { return (bytes, true) }
    bytes += chunk[..<count]
  }
  return (bytes, true)
}
