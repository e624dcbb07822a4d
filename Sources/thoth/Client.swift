import CommandLine
import Glibc
import Linux

/// Carries out `request`, here or in the daemon, and returns the exit code.
func run(_ request: ControlRequest) -> Int32 {
  let environment = currentEnvironment()
  return exitCode { () throws(ClientError) in
    switch request.command {
    case "daemon" where request.options["foreground"] != nil: try runDaemonHere(environment)
    case "daemon" where request.options["stop"] != nil: try stopDaemon(environment)
    case "engine install": try installEngine(request, environment)
    case "config edit": try editConfiguration(environment)
    default: try ask(request, environment)
    }
  }
}

/// The exit code of `body`; when it fails, why is told.
func exitCode(of body: () throws(ClientError) -> Int32) -> Int32 {
  do throws(ClientError) { return try body() } catch {
    write(2, "thoth: \(error.message)\n")
    return error.exitCode
  }
}

/// Why the client itself cannot go on.
struct ClientError: Error {
  let message: String
  let exitCode: Int32

  static func noDaemon(_ message: String) -> ClientError { ClientError(message: message, exitCode: 8) }
  static func notConfigured(_ message: String) -> ClientError { ClientError(message: message, exitCode: 6) }
}

/// Sends `request` to the daemon, which is started when none answers, and prints the answer.
private func ask(_ request: ControlRequest, _ environment: [String: String]) throws(ClientError) -> Int32 {
  var terminal = ProgressLine()
  let tellsEvents = request.takesMedia && terminalWidth(2) == nil && request.options["quiet"] == nil
  var hasToldEvents = false
  if request.takesMedia { tellOnInterruption(asEvent: tellsEvents) }
  do throws(ClientError) {
    let code = try exchange(request, environment) { reply throws(ClientError) in
      switch reply {
      case .progress(let line): terminal.show(line)
      case .output(let line):
        terminal.clear()
        try printOut(line)
      case .message(let line):
        terminal.clear()
        write(2, line + "\n")
        hasToldEvents = tellsEvents
      case .begun, .exit: break
      }
    }
    terminal.clear()
    if isInterrupted && code == interruptedCode { endByInterruption() }
    return code
  } catch {
    // Whoever reads events gets no sentence in between.
    guard hasToldEvents else { throw error }
    write(2, stoppedEvent(error.message, exitCode: error.exitCode) + "\n")
    return error.exitCode
  }
}

/// Prints a result.
func printOut(_ line: String) throws(ClientError) {
  guard write(1, line + "\n") else {
    throw ClientError(message: "the answer cannot be written: \(systemError())", exitCode: 1)
  }
}

/// The same, with each line of the answer handed to `receive`.
private func exchange(
  _ request: ControlRequest, _ environment: [String: String],
  receive: (ControlReply) throws(ClientError) -> Void
) throws(ClientError) -> Int32 {
  var request = request
  let desktop = ["DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE"]
  request.environment = environment.filter { desktop.contains($0.key) || $0.key.hasPrefix("THOTH_") }
  // Paths on the command line count from here.
  request.environment["PWD"] = currentFolder()
  request.environment[ControlRequest.umask] = currentUmask()
  request.environment[ControlRequest.terminalWidth] = terminalWidth(2).map(String.init)
  if let path = request.inputPath { request.input = try text(of: path) }
  let opened = try OpenedFiles(of: &request)
  // A daemon that was just ending may take the connection, and not the request: that goes to the next one.
  for _ in 0..<2 {
    let connection = try connectToDaemon(environment, starting: true)!
    defer { close(connection) }
    sendRequest(connection, request.line, opened.descriptors)
    if request.makesFile { waitOnInterruption(connection) }
    if let code = try readReplies(connection, receive) { return code }
  }
  throw .noDaemon("the daemon ends as soon as it is asked: its log tells why (`thoth doctor`)")
}

/// What this process leaves out of the modes of files that it makes, in octal digits.
private func currentUmask() -> String {
  let mask = umask(0o077)
  umask(mask)
  return String(mask, radix: 8)
}

/// The text of the file at `path`, or of standard input for `-`.
private func text(of path: String) throws(ClientError) -> String {
  let name = path == "-" ? "standard input" : path
  let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw ClientError(message: "\(name) cannot be read: \(systemError())", exitCode: 2)
  }
  defer { if descriptor > 0 { close(descriptor) } }
  var input: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while input.count <= ControlRequest.inputLimit {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else {
      throw ClientError(message: "\(name) cannot be read: \(systemError())", exitCode: 2)
    }
    if count == 0 { break }
    input += chunk[..<count]
  }
  guard input.count <= ControlRequest.inputLimit else {
    throw ClientError(
      message: "\(name) has more than \(ControlRequest.inputLimit / 1000) kB: split it", exitCode: 2)
  }
  guard let text = String(validating: input, as: UTF8.self) else {
    throw ClientError(message: "\(name) is not UTF-8: convert it (`iconv -t UTF-8`)", exitCode: 2)
  }
  return text
}

/// The exit code; nil when the daemon ended without having begun.
private func readReplies(
  _ connection: Int32, _ receive: (ControlReply) throws(ClientError) -> Void
) throws(ClientError) -> Int32? {
  var reader = LineReader(connection)
  var isBegun = false
  while let line = reader.next() {
    isBegun = true
    switch ControlReply(line: line[...]) {
    case .exit(let code): return code
    case .some(let reply): try receive(reply)
    case nil: throw .noDaemon("the daemon is of another version: `thoth daemon --stop` ends it")
    }
  }
  if isInterrupted { return interruptedCode }
  guard isBegun else { return nil }
  throw .noDaemon("the daemon ended before it answered: its log tells why (`thoth doctor`). Audio is kept")
}

/// What a shell tells of a process that Ctrl-C has ended.
private let interruptedCode: Int32 = 128 + SIGINT

private func editConfiguration(_ environment: [String: String]) throws(ClientError) -> Int32 {
  guard let editor = ["VISUAL", "EDITOR"].compactMap({ environment[$0] }).first(where: { !$0.isEmpty }) else {
    throw .notConfigured(
      "neither VISUAL nor EDITOR names an editor: set one, as in `EDITOR=nano thoth config edit`")
  }
  var path = ""
  let code = try exchange(ControlRequest(command: "config edit"), environment) { reply in
    if case .output(let line) = reply { path = line }
    if case .message(let line) = reply { write(2, line + "\n") }
  }
  guard code == 0 else { return code }
  // Through a shell, as the variable may hold options too; the path is an argument and never part of the script.
  guard
    let process = startProcess(
      "/bin/sh", ["-c", "exec \(editor) \"$1\"", "sh", path], environment: environment, inheritsTerminal: true
    )
  else { throw .notConfigured("the editor cannot be started: \(systemError())") }
  let ended = waitForProcess(process)
  guard ended == 0 else { throw .notConfigured("the editor \"\(editor)\" ended with \(ended)") }
  return try ask(ControlRequest(command: "config check"), environment)
}

private func installEngine(
  _ request: ControlRequest, _ environment: [String: String]
) throws(ClientError) -> Int32 {
  guard let application = engineApplication(environment) else {
    throw .notConfigured(
      "the engine application is not beside this program: set THOTH_ENGINE_APP to its folder")
  }
  guard let home = environment["HOME"] else { throw .notConfigured("HOME is not set") }
  let engine = Locations(environment: environment, home: home).engine
  var arguments = ["\(application)/install.py", "--into", engine]
  if let model = request.options["model"] { arguments += ["--model", model] }
  guard
    let process = startProcess(
      "/usr/bin/python3", arguments, environment: environment, inheritsTerminal: true)
  else {
    throw .notConfigured(
      "python3 cannot be started: \(systemError()). `sudo apt install python3-venv` installs it")
  }
  let code = waitForProcess(process)
  // An engine that runs has the old model in memory; it starts again when it is needed.
  if code == 0, try connectToDaemon(environment, starting: false) != nil {
    _ = try exchange(ControlRequest(command: "engine stop"), environment) { _ in }
  }
  return code
}
