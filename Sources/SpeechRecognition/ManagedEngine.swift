public import DictationTypes
import Glibc
import Linux

/// The embedded engine as a child process: started when needed, started again when it dies, unloaded when it has
/// had nothing to do, and gone with us however we end (it watches a pipe whose other end we hold).
public actor ManagedEngine {
  /// What to start.
  public struct Program: Sendable, Hashable {
    /// The name of the engine's configuration section.
    public var name: String
    /// The folder of the application.
    public var application: String
    /// The folder that `engine install` made.
    public var home: String
    /// The socket it is to listen on.
    public var socketPath: String
    /// The model to load.
    public var model: String
    /// How long it stays loaded without work, in seconds.
    public var idleUnload: Int

    /// An engine called `name`.
    public init(
      name: String, application: String, home: String, socketPath: String, model: String, idleUnload: Int
    ) {
      self.name = name
      self.application = application
      self.home = home
      self.socketPath = socketPath
      self.model = model
      self.idleUnload = idleUnload
    }
  }

  /// What it is doing.
  public enum Status: Sendable, Hashable {
    /// Not running; it will be started when needed.
    case stopped
    /// It loads its model.
    case starting
    /// It answers, as process `id`.
    case ready(id: Int32)
    /// It could not be started.
    case failed(DictationError)
  }

  /// What it is doing.
  public private(set) var status = Status.stopped
  /// What to start. A change takes effect at the next start.
  public private(set) var program: Program

  private let environment: [String: String]
  private let notify: @Sendable (EngineNotice) -> Void
  private var waiters: [Int: CheckedContinuation<DictationError?, Never>] = [:]
  private var lastWaiter = 0
  private var run = 0
  private var process: (id: Int32, lifeline: Int32)?
  private var exitWaiters: [CheckedContinuation<Void, Never>] = []
  private var isWanted = false
  private var attempts = 0
  private var uses = 0
  private var idleTimer: Task<Void, Never>?

  private var isAskedToEnd = false

  private static let maximumAttempts = 4
  /// How long it may take to start, and to end, in seconds.
  private static let patience = (start: 60, end: 2)
  /// Two hours of 16 kHz mono 16-bit audio, in bytes.
  private static let maximumBody = "230400000"

  /// A supervisor that has started nothing. `environment` is the engine's; `notify` gets what readers of
  /// events should know.
  public init(
    _ program: Program, environment: [String: String], notify: @escaping @Sendable (EngineNotice) -> Void
  ) {
    self.program = program
    self.environment = environment
    self.notify = notify
  }

  /// Has it started in the background, and counts as one use until `finish`.
  public func begin() {
    uses += 1
    idleTimer?.cancel()
    want()
  }

  /// Ends one use; after the last one the time until unloading begins.
  public func finish() {
    uses -= 1
    guard uses == 0, program.idleUnload > 0 else { return }
    let seconds = program.idleUnload
    idleTimer?.cancel()
    idleTimer = Task { [weak self] in
      guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
      await self?.unload()
    }
  }

  /// Waits until it answers, starting it when necessary. Cancelling the task ends the wait, not the start.
  ///
  /// - Throws: `DictationError` of kind `config` when it is not installed, `server` when it does not start, or
  ///   `cancelled`.
  public func ready() async throws(DictationError) {
    if case .ready = status { return }
    want()
    if case .failed(let error) = status { throw error }
    if case .ready = status { return }
    lastWaiter += 1
    let number = lastWaiter
    let error: DictationError? = await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if Task.isCancelled { return waiter.resume(returning: Self.cancellation) }
        waiters[number] = waiter
      }
    } onCancel: {
      Task { await self.cancel(number) }
    }
    if let error { throw error }
  }

  private static let cancellation = DictationError(.cancelled, "cancelled")

  private func cancel(_ waiter: Int) {
    waiters.removeValue(forKey: waiter)?.resume(returning: Self.cancellation)
  }

  /// Replaces what to start, unless a job uses it. A running engine that is another one now is ended; another
  /// model is no reason: the engine takes the model with each request.
  public func configure(_ program: Program) async {
    guard program != self.program, uses == 0 else { return }
    let isOther =
      (program.application, program.home, program.socketPath)
      != (self.program.application, self.program.home, self.program.socketPath)
    self.program = program
    if isOther { await stop() }
  }

  /// Whether a job needs it.
  public var isInUse: Bool { uses > 0 }

  /// Ends it, and waits until it has ended.
  public func stop() async {
    isWanted = false
    idleTimer?.cancel()
    status = .stopped
    resume(DictationError(.server, "the engine \"\(program.name)\" was stopped", retryable: true))
    guard let process else { return }
    isAskedToEnd = true
    kill(process.id, SIGTERM)
    end(run: run, after: Self.patience.end)
    await withCheckedContinuation { exitWaiters.append($0) }
  }

  /// It failed a request: whether it hangs or has just died, it is ended, and started again when it is needed.
  public func giveUp() {
    guard let process, case .ready = status else { return }
    status = .starting
    kill(process.id, SIGKILL)
  }

  private func unload() async {
    guard uses == 0, case .ready = status else { return }
    notify(EngineNotice(.unloaded, engine: program.name, reason: "it had nothing to do"))
    await stop()
  }

  private func want() {
    isWanted = true
    attempts = 0
    if process == nil && status != .starting { start() }
  }

  /// Starts the process, and a thread that waits for its first line and then for its end.
  private func start() {
    let python = "\(program.home)/venv/bin/python"
    guard access(python, X_OK) == 0 else {
      return fail(
        DictationError(.config, "the speech engine is not installed: `thoth engine install` installs it"))
    }
    guard let ready = Pipe(), let lifeline = Pipe() else {
      return fail(DictationError(.internalError, "no pipe: \(systemError())"))
    }
    let arguments = [
      "\(program.application)/server.py", "--models", "\(program.home)/models", "--model", program.model,
      "--uds", program.socketPath, "--ready-fd", "3", "--lifeline-fd", "4", "--max-body", Self.maximumBody,
    ]
    let id = startProcess(
      python, arguments, environment: environment,
      descriptors: [2: 2, 3: ready.writing, 4: lifeline.reading], newSession: true)
    let code = errno
    close(ready.writing)
    close(lifeline.reading)
    guard let id else {
      close(ready.reading)
      close(lifeline.writing)
      return fail(DictationError(.server, "\(python) cannot be started: \(systemError(code))"))
    }
    run += 1
    process = (id, lifeline.writing)
    isAskedToEnd = false
    status = .starting
    watch(id, ready.reading, run: run)
    end(run: run, after: Self.patience.start)
  }

  /// Kills the process of `run` when, after so many seconds, it neither answers nor has ended.
  private func end(run: Int, after seconds: Int) {
    Task { [weak self] in
      try? await Task.sleep(for: .seconds(seconds))
      await self?.killUnlessReady(run: run)
    }
  }

  private func killUnlessReady(run: Int) {
    if case .ready = status { return }
    if run == self.run, let process { kill(process.id, SIGKILL) }
  }

  private func watch(_ id: Int32, _ ready: Int32, run: Int) {
    let thread = WorkerThread(name: "engine-watch") { [self] in
      let line = readLine(ready)
      close(ready)
      Task { await told(line, run: run) }
      let code = waitForProcess(id)
      Task { await ended(code, line: line, run: run) }
    }
    thread.detach()
  }

  private func told(_ line: String, run: Int) {
    guard run == self.run, case .starting = status, let process, line == "ready" else { return }
    attempts = 0
    status = .ready(id: process.id)
    notify(EngineNotice(.ready, engine: program.name))
    resume(nil)
  }

  /// The process has ended: asked to, or by itself. Then it is started again after a pause that doubles.
  private func ended(_ code: Int32, line: String, run: Int) {
    guard run == self.run, let process else { return }
    close(process.lifeline)
    self.process = nil
    defer {
      exitWaiters.forEach { $0.resume() }
      exitWaiters = []
    }
    guard isWanted else { return }
    // Ended by us, and needed again meanwhile.
    if isAskedToEnd { return start() }
    if case .ready = status, uses == 0, waiters.isEmpty {
      (isWanted, status) = (false, .stopped)
      return
    }
    let sentence = line.hasPrefix("error: ") ? String(line.dropFirst(7)) : "it ended with \(code)"
    // By the engine's exit codes, 2 and 6 are mistakes in the settings: another try would end the same.
    let isMisconfigured = code == 2 || code == 6
    attempts += 1
    guard !isMisconfigured, attempts < Self.maximumAttempts, uses > 0 || !waiters.isEmpty else {
      isWanted = false
      let kind = isMisconfigured ? ErrorKind.config : .server
      return fail(DictationError(kind, "the engine \"\(program.name)\" does not start: \(sentence)"))
    }
    let delay = 250 << (attempts - 1)
    status = .starting
    notify(
      EngineNotice(.retry, engine: program.name, attempt: attempts, delayMs: delay, reason: sentence))
    Task { [weak self] in
      try? await Task.sleep(for: .milliseconds(delay))
      await self?.startAgain(run: run)
    }
  }

  private func startAgain(run: Int) {
    if run == self.run && isWanted && process == nil { start() }
  }

  private func fail(_ error: DictationError) {
    status = .failed(error)
    resume(error)
  }

  private func resume(_ error: DictationError?) {
    waiters.values.forEach { $0.resume(returning: error) }
    waiters = [:]
  }
}

/// The first line of a pipe, or what came before its end.
private func readLine(_ descriptor: Int32) -> String {
  var line: [UInt8] = []
  var byte: UInt8 = 0
  while line.count < 4096 {
    let count = read(descriptor, &byte, 1)
    if count < 0 && errno == EINTR { continue }
    if count != 1 || byte == UInt8(ascii: "\n") { break }
    line.append(byte)
  }
  return String(decoding: line, as: UTF8.self)
}
