public import Foundation

/// A program that a test started: its output is collected, and it is ended when the object goes.
public final class RunningProcess: @unchecked Sendable {
  // Safe: `collected` is guarded by `condition`; `process` is configured before it runs and then only queried.
  private let process = Process()
  private let condition = NSCondition()
  private var collected: [Int: Data] = [:]
  private var open = 2
  private let input: Pipe
  /// One start at a time: a program that starts meanwhile would inherit pipes that are not its own, and hold
  /// them open.
  private static let starting = NSLock()

  /// Starts `program` (a path, or a name to look up in PATH) with exactly the variables of `environment`.
  public init(
    _ program: String, _ arguments: [String] = [],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    Self.starting.lock()
    defer { Self.starting.unlock() }
    input = Pipe()
    process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
    process.arguments = program.contains("/") ? arguments : [program] + arguments
    process.environment = environment
    process.standardInput = input
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    collect(output, as: 1)
    collect(errors, as: 2)
    try Self.withSignalsUnblocked { try process.run() }
  }

  /// A program inherits the signal mask of the thread that starts it, and Dispatch's threads block everything:
  /// it would not heed SIGTERM.
  private static func withSignalsUnblocked(_ body: () throws -> Void) rethrows {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  deinit { if process.isRunning { process.terminate() } }

  /// The process id.
  public var id: Int32 { process.processIdentifier }

  /// Whether it has not ended yet.
  public var isRunning: Bool { process.isRunning }

  /// What it has written to standard output so far.
  public var output: String { text(1) }

  /// What it has written to standard error so far.
  public var errors: String { text(2) }

  /// Waits until standard output contains `text`. False when the output ended, or `seconds` passed, without it.
  public func waitForOutput(_ text: String, within seconds: Double = 60) -> Bool {
    waitUntil(seconds) { String(decoding: $0[1] ?? Data(), as: UTF8.self).contains(text) }
  }

  /// Writes `text` to its standard input.
  public func send(_ text: String) { input.fileHandleForWriting.write(Data(text.utf8)) }

  /// Closes its standard input.
  public func closeInput() { try? input.fileHandleForWriting.close() }

  /// Sends `signal`.
  public func kill(_ signal: Int32 = SIGTERM) { _ = Foundation.kill(id, signal) }

  /// Ends it with SIGTERM, and waits for that.
  public func end() {
    kill()
    wait()
  }

  /// Waits for its end and for all its output; the exit code, or 128 + the signal that ended it. What has not ended
  /// after `seconds` is killed: one program that hangs would keep all tests from ending.
  @discardableResult
  public func wait(within seconds: Double = 300) -> Int32 {
    let process = process
    let end = DispatchWorkItem { if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) } }
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: end)
    process.waitUntilExit()
    end.cancel()
    _ = waitUntil(10) { _ in false }
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  private func text(_ stream: Int) -> String {
    condition.lock()
    defer { condition.unlock() }
    return String(decoding: collected[stream] ?? Data(), as: UTF8.self)
  }

  private func waitUntil(_ seconds: Double, _ holds: ([Int: Data]) -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while !holds(collected) {
      if open == 0 || !condition.wait(until: deadline) { return holds(collected) }
    }
    return true
  }

  /// Reads on a thread of its own: Foundation's readability handlers miss the end, or tell it twice.
  private func collect(_ pipe: Pipe, as stream: Int) {
    let handle = pipe.fileHandleForReading
    Thread.detachNewThread { [weak self] in
      while true {
        let data = handle.availableData
        self?.add(data, to: stream)
        if data.isEmpty { return }
      }
    }
  }

  private func add(_ data: Data, to stream: Int) {
    condition.lock()
    defer { condition.unlock() }
    if data.isEmpty { open -= 1 } else { collected[stream, default: Data()].append(data) }
    condition.broadcast()
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
