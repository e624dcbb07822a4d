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

/// The file that the daemon holds a lock on as long as it lives.
func daemonLock(_ environment: [String: String]) throws(ClientError) -> String {
  try runtimeFolderOrFail(environment) + "/daemon.lock"
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
  var reader = LineReader(ready.reading)
  let answer = reader.next() ?? "it ended at once"
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
