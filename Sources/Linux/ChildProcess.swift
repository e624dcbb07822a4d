internal import CLinux
import Glibc

/// A pipe(2), both ends close-on-exec.
public struct Pipe: Sendable {
  /// The end to read from.
  public let reading: Int32
  /// The end to write to.
  public let writing: Int32

  /// A new pipe; nil with errno when descriptors have run out.
  public init?() {
    var ends: [Int32] = [-1, -1]
    guard linux_pipe(&ends) == 0 else { return nil }
    (reading, writing) = (ends[0], ends[1])
  }
}

/// Starts `program` (a path) with `arguments` (without the program's name) and `environment`.
///
/// - Parameters:
///   - descriptors: the child's descriptor → one of ours. All others are closed in the child. Standard input, output and error that are not named are `/dev/null`,
///     unless `inheritsTerminal`.
///   - newSession: whether the child leaves our session, so that a closed terminal does not end it.
/// - Returns: the process id, or nil with errno.
public func startProcess(
  _ program: String, _ arguments: [String], environment: [String: String],
  descriptors: [Int32: Int32] = [:], newSession: Bool = false, inheritsTerminal: Bool = false
) -> Int32? {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  for standard in 0...2 as ClosedRange<Int32> where !inheritsTerminal && descriptors[standard] == nil {
    posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", standard == 0 ? O_RDONLY : O_WRONLY, 0)
  }
  // Moved out of the way first: one of ours may have the number that another is to get.
  let moved = descriptors.mapValues { fcntl($0, F_DUPFD_CLOEXEC, 64) }
  defer { moved.values.forEach { close($0) } }
  for (theirs, ours) in moved { posix_spawn_file_actions_adddup2(&actions, ours, theirs) }
  // What others left open, above all: a daemon must not hold the pipes of whoever started its first client.
  linux_spawn_close_from(&actions, max(2, descriptors.keys.max() ?? 2) + 1)

  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  // Threads of the daemon block signals; a child starts with none blocked and all at their defaults.
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  var defaults = sigset_t()
  sigemptyset(&defaults)
  sigaddset(&defaults, SIGPIPE)
  posix_spawnattr_setsigdefault(&attributes, &defaults)
  let session = newSession ? linux_spawn_setsid : 0
  posix_spawnattr_setflags(
    &attributes, Int16(Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | session))

  var argv = ([program] + arguments).map { strdup($0) } + [nil]
  var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { (argv + envp).forEach { free($0) } }
  var process = pid_t()
  let code = posix_spawn(&process, program, &actions, &attributes, &argv, &envp)
  guard code == 0 else {
    errno = code
    return nil
  }
  return process
}

/// Waits for the end of `process`: its exit code, or 128 + the signal that ended it.
public func waitForProcess(_ process: Int32) -> Int32 {
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
}

/// A process of ours that several threads may end. It is killed when nobody refers to it any more.
public final class ChildProcess: Sendable {
  private let id: Int32
  private let isReaped = Lock(false)

  /// Starts `program` as `startProcess` does; nil with errno.
  public init?(
    _ program: String, _ arguments: [String], environment: [String: String], descriptors: [Int32: Int32]
  ) {
    guard
      let id = startProcess(program, arguments, environment: environment, descriptors: descriptors)
    else { return nil }
    self.id = id
  }

  deinit {
    kill()
    if !isReaped.withLock({ $0 }) { _ = wait() }
  }

  /// Ends it now; when it has ended by itself nothing happens.
  public func kill() { isReaped.withLock { if !$0 { _ = Glibc.kill(id, SIGKILL) } } }

  /// Waits for its end, once: its exit code, or 128 + the signal that ended it.
  public func wait() -> Int32 {
    // Its number stays its own until it is reaped: no other process can be killed in its place.
    var found = siginfo_t()
    while waitid(P_PID, id_t(id), &found, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    return isReaped.withLock { isReaped in
      isReaped = true
      return waitForProcess(id)
    }
  }
}

/// The variables of this process.
public func currentEnvironment() -> [String: String] {
  var table: [String: String] = [:]
  var entry = environ
  while let text = entry.pointee {
    let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 { table[String(parts[0])] = String(parts[1]) }
    entry += 1
  }
  return table
}

/// How many processors this process may use, from 1.
public func processorCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

/// The folder of the running executable.
public func executableFolder() -> String {
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let length = buffer.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress!, $0.count) }
  let path = String(decoding: buffer.prefix(max(0, length)), as: UTF8.self)
  return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
}

/// The working folder of this process; `/` when it is gone.
public func currentFolder() -> String {
  guard let path = getcwd(nil, 0) else { return "/" }
  defer { free(path) }
  return String(cString: path)
}

/// The first of `candidates` that exists.
public func firstExisting(_ candidates: [String]) -> String? { candidates.first { access($0, F_OK) == 0 } }
