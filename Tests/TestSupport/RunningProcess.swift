public import Foundation
import Linux

/// A program that a test started: its output is collected, and it is ended when the object goes.
public final class RunningProcess: Sendable {
  /// The process id.
  public let id: Int32
  private let input: Lock<Int32?>
  private let state = ProcessState()

  /// Starts `program` (a path, or a name to look up in PATH) with exactly the variables of `environment`.
  public init(
    _ program: String, _ arguments: [String] = [],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    // A program that has ended does not read; whoever writes to it is not to die of that.
    signal(SIGPIPE, SIG_IGN)
    guard let input = Linux.Pipe(), let output = Linux.Pipe(), let errors = Linux.Pipe() else {
      throw RigError("no pipes for \(program): \(systemError())")
    }
    let isPath = program.contains("/")
    let started = startProcess(
      isPath ? program : "/usr/bin/env", isPath ? arguments : [program] + arguments, environment: environment,
      descriptors: [0: input.reading, 1: output.writing, 2: errors.writing])
    let code = errno
    for descriptor in [input.reading, output.writing, errors.writing] { close(descriptor) }
    guard let started else {
      for descriptor in [input.writing, output.reading, errors.reading] { close(descriptor) }
      throw RigError("\(program) cannot be started: \(systemError(code))")
    }
    id = started
    self.input = Lock(input.writing)
    let state = state
    Thread.detachNewThread { state.collect(output.reading, as: 1) }
    Thread.detachNewThread { state.collect(errors.reading, as: 2) }
    Thread.detachNewThread { state.awaitEnd(of: started) }
  }

  deinit {
    closeInput()
    kill()
  }

  /// Whether it has not ended yet.
  public var isRunning: Bool { state.code == nil }

  /// What it has written to standard output so far.
  public var output: String { state.text(1) }

  /// What it has written to standard error so far.
  public var errors: String { state.text(2) }

  /// Waits until standard output contains `text`. False when the output ended, or `seconds` passed, without it: they
  /// count only when something hangs, and not on a machine that is busy with other tests.
  public func waitForOutput(_ text: String, within seconds: Double = 600) -> Bool {
    state.wait(seconds) { $0.output.contains(text) || $0.open == 0 }
    return output.contains(text)
  }

  /// Writes `text` to its standard input.
  public func send(_ text: String) {
    input.withLock { input in if let input { _ = writeAll(input, Array(text.utf8)) } }
  }

  /// Closes its standard input.
  public func closeInput() {
    input.withLock { input in
      if let input { close(input) }
      input = nil
    }
  }

  /// Sends `signal`, unless it has ended.
  public func kill(_ signal: Int32 = SIGTERM) { state.kill(id, signal) }

  /// Ends it with SIGTERM, and waits for that.
  public func end() {
    kill()
    wait()
  }

  /// Waits for its end and for all its output; the exit code, or 128 + the signal that ended it. What has not ended
  /// after `seconds` is killed: one program that hangs would keep all tests from ending.
  @discardableResult
  public func wait(within seconds: Double = 300) -> Int32 {
    if !state.wait(seconds, until: { $0.code != nil }) {
      kill(SIGKILL)
      state.wait(.infinity) { $0.code != nil }
    }
    // What it has started itself may hold its output open.
    state.wait(10) { $0.open == 0 }
    return state.code ?? 0
  }
}

/// What a process has written and how it ended: for those who wait, and for the threads that read.
private final class ProcessState: @unchecked Sendable {
  /// What may be waited for.
  struct Now {
    var streams: [Int: Data] = [:]
    var open = 2
    var code: Int32?

    var output: String { String(decoding: streams[1] ?? Data(), as: UTF8.self) }
  }

  // Safe: `now` is guarded by `condition`.
  private let condition = NSCondition()
  private var now = Now()

  var code: Int32? { condition.withLock { now.code } }

  func text(_ stream: Int) -> String {
    condition.withLock { String(decoding: now.streams[stream] ?? Data(), as: UTF8.self) }
  }

  /// Waits until `holds`. False when `seconds` passed without it.
  @discardableResult
  func wait(_ seconds: Double, until holds: (Now) -> Bool) -> Bool {
    let deadline = seconds.isFinite ? Date(timeIntervalSinceNow: seconds) : .distantFuture
    return condition.withLock {
      while !holds(now) { if !condition.wait(until: deadline) { return holds(now) } }
      return true
    }
  }

  /// Sends `signal` to `process` while the number is its own.
  func kill(_ process: Int32, _ signal: Int32) {
    condition.withLock { if now.code == nil { _ = Foundation.kill(process, signal) } }
  }

  /// Reads until the end of the stream.
  func collect(_ descriptor: Int32, as stream: Int) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      condition.withLock {
        if count > 0 { now.streams[stream, default: Data()] += buffer[..<count] } else { now.open -= 1 }
        condition.broadcast()
      }
      if count <= 0 { break }
    }
    close(descriptor)
  }

  /// Waits for the end of `process`; its number is given back only under the lock.
  func awaitEnd(of process: Int32) {
    var information = siginfo_t()
    while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    condition.withLock {
      now.code = waitForProcess(process)
      condition.broadcast()
    }
  }
}

/// Runs a program to its end: its exit code and what it wrote.
public func run(
  _ program: String, _ arguments: [String] = [],
  environment: [String: String] = ProcessInfo.processInfo.environment, input: String? = nil
) throws -> (code: Int32, output: String, errors: String) {
  let process = try RunningProcess(program, arguments, environment: environment)
  if let input { process.send(input) }
  process.closeInput()
  let code = process.wait()
  return (code, process.output, process.errors)
}
