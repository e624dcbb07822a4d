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
    guard !secret.isEmpty else { throw DictationError(.config, "the engine's key is empty: \(name)") }
    return String(secret)
  }

  private func read(_ environment: [String: String]) throws(DictationError) -> (text: String, name: String) {
    switch self {
    case .environment(let variable):
      guard let text = environment[variable] else {
        throw DictationError(
          .config,
          "the engine's key is in the variable \(variable), which the daemon does not have: "
            + "set it where the desktop starts, or name a file (`thoth config set engine.key.file PATH`)")
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
      throw DictationError(.config, "the engine's key file \(path) cannot be read: \(systemError())")
    }
    guard found.st_mode & 0o077 == 0 else {
      throw DictationError(.config, "the engine's key file \(path) is open to others: `chmod 600 \(path)`")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func output(of line: String, _ environment: [String: String]) throws(DictationError) -> String {
    guard let pipe = Pipe() else { throw DictationError(.internalError, "no pipe: \(systemError())") }
    defer { close(pipe.reading) }
    let process = startProcess(
      "/bin/sh", ["-c", line], environment: environment, descriptors: [1: pipe.writing])
    close(pipe.writing)
    guard let process else {
      throw DictationError(.config, "the key command cannot be run: \(systemError())")
    }
    var entry = pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0)
    // A wallet may ask its owner first.
    let isAnswered = poll(&entry, 1, 30_000) > 0
    if !isAnswered { kill(process, SIGKILL) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count =
      isAnswered ? bytes.withUnsafeMutableBytes { Glibc.read(pipe.reading, $0.baseAddress!, $0.count) } : 0
    let code = waitForProcess(process)
    guard isAnswered, code == 0 else {
      throw DictationError(
        .config, "the key command \"\(line)\" \(isAnswered ? "ended with \(code)" : "took over 30 s")")
    }
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }
}
