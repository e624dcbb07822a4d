import CommandLine
import Glibc
import Linux

/// A connection to the daemon. When none answers, it is started first, or nil is returned, as `starting` says.
///
/// The ready pipe tells when the new daemon listens. A lock is held meanwhile, so that of several clients one
/// starts it and the others find it.
func connectToDaemon(_ environment: [String: String], starting: Bool) throws(ClientError) -> Int32? {
  let folder = try runtimeFolderOrFail(environment)
  let socket = folder + "/control.sock"
  if let connection = connectSocket(socket) { return connection }
  guard starting else { return nil }
  guard let lock = FileLock(folder + "/start.lock", waiting: true) else {
    throw .noDaemon("\(folder)/start.lock cannot be locked: \(systemError())")
  }
  return try withExtendedLifetime(lock) { () throws(ClientError) in
    if let connection = connectSocket(socket) { return connection }
    try startDaemon(environment)
    guard let connection = connectSocket(socket) else {
      throw .noDaemon("the daemon started, but does not answer at \(socket): \(systemError())")
    }
    return connection
  }
}

/// How long a daemon may take until it is ready, in milliseconds. It takes about ten.
private let startPatience: Int32 = 30_000
/// How long it may be silent while it ends, in milliseconds: it lets its jobs end for a minute.
private let endPatience: Int32 = 75_000
/// How long one that does not listen may be about to, or may still hold its lock when it has ended, in milliseconds.
private let lockPatience = 5_000

/// Ends the daemon. One that does not listen, or does not end, is killed: that costs nothing that was said.
func stopDaemon(_ environment: [String: String]) throws(ClientError) -> Int32 {
  let path = try runtimeFolderOrFail(environment) + "/daemon.lock"
  for _ in 0..<(lockPatience / 20) {
    if let connection = try connectToDaemon(environment, starting: false) {
      askToEnd(connection)
    } else if FileLock(path, waiting: false) != nil {
      return 0
    }
    usleep(20_000)
  }
  let holder = readFile(path).flatMap { Int32(String(decoding: $0, as: UTF8.self).prefix { $0 != "\n" }) }
  guard let holder, holder > 1, kill(holder, SIGKILL) == 0 else {
    throw .noDaemon("a daemon holds \(path), and does not answer: end the process that `fuser \(path)` tells")
  }
  write(2, "thoth: the daemon, process \(holder), did not answer and was killed. What was recorded is kept\n")
  return 0
}

/// Asks the daemon to end, and waits until it has closed the connection.
private func askToEnd(_ connection: Int32) {
  defer { close(connection) }
  sendRequest(connection, ControlRequest(command: "daemon", options: ["stop": ""]).line)
  var reader = LineReader(connection, patience: endPatience)
  while let line = reader.next() {
    if case .message(let text) = ControlReply(line: line[...]) { write(2, text + "\n") }
  }
}

/// Becomes the daemon, with this terminal as its log.
func runDaemonHere(_ environment: [String: String]) throws(ClientError) -> Int32 {
  let program = try daemonProgram()
  var arguments = [strdup(program), strdup("--foreground"), nil]
  execv(program, &arguments)
  throw .noDaemon("\(program) cannot be run: \(systemError())")
}

private func runtimeFolderOrFail(_ environment: [String: String]) throws(ClientError) -> String {
  do throws(LocationError) {
    return try runtimeFolder(environment: environment)
  } catch {
    throw .notConfigured(error.description)
  }
}

private func daemonProgram() throws(ClientError) -> String {
  let program = executableFolder() + "/thothd"
  guard access(program, X_OK) == 0 else {
    throw .noDaemon("the daemon \(program) is missing: build or install thoth again")
  }
  return program
}

private func startDaemon(_ environment: [String: String]) throws(ClientError) {
  let program = try daemonProgram()
  guard let home = environment["HOME"] else { throw .notConfigured("HOME is not set") }
  let locations = Locations(environment: environment, home: home)
  guard let ready = Pipe() else { throw .noDaemon("no pipe: \(systemError())") }
  var descriptors: [Int32: Int32] = [3: ready.writing]
  let log = openLog(locations)
  if let log { descriptors.merge([1: log, 2: log]) { $1 } }
  let process = startProcess(
    program, ["--ready-descriptor", "3"], environment: environment, descriptors: descriptors, newSession: true
  )
  if let log { close(log) }
  close(ready.writing)
  defer { close(ready.reading) }
  guard process != nil else { throw .noDaemon("\(program) cannot be started: \(systemError())") }
  var reader = LineReader(ready.reading, patience: startPatience)
  guard let answer = reader.next() ?? (reader.isLate ? nil : "it ended at once") else {
    throw .noDaemon(
      "the daemon does not get ready: `thoth daemon --stop` ends it. Its log is \(locations.log)")
  }
  guard answer == "ready" else {
    throw .noDaemon("the daemon did not start: \(answer). Its log is \(locations.log)")
  }
}

/// The log to append to. Nil when there can be none: a disk that is full or read-only keeps nobody from dictating.
private func openLog(_ locations: Locations) -> Int32? {
  try? makeFolder(locations.state)
  let log = open(locations.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
  return log < 0 ? nil : log
}
