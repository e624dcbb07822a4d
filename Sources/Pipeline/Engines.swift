public import Configuration
public import DictationTypes
public import Linux
internal import Requests
public import SpeechRecognition

/// Where the pipeline gets engines from.
public protocol EngineProvider: Sendable {
  /// A recording begins that will need an engine of `pool`: time to have it ready. Each call is followed by one of
  /// `finish`.
  func begin(_ pool: [EngineConfiguration]) async
  /// What is said in `request`, by the first engine of `pool` that can tell. Cancelling the task ends the work.
  ///
  /// - Throws: `DictationError` as `TranscriptionEngine` does; with several engines, that of the last one.
  func transcribe(
    _ request: TranscriptionRequest, with pool: [EngineConfiguration]
  ) async throws(DictationError) -> Transcript
  /// The job that `begin` was called for is over.
  func finish(_ pool: [EngineConfiguration]) async
}

/// The configured engines: web addresses, and the embedded one as a child process.
public actor Engines: EngineProvider {
  private let locations: Locations
  private let runtimeFolder: String
  private let environment: [String: String]
  private let notify: @Sendable (EngineNotice) -> Void
  let requests: RequestManager
  private var managed: ManagedEngine?
  private var keys: [SecretSource: String] = [:]

  /// Engines for this user. `environment` is the daemon's.
  public init(
    locations: Locations, runtimeFolder: String, environment: [String: String],
    notify: @escaping @Sendable (EngineNotice) -> Void
  ) {
    self.locations = locations
    self.runtimeFolder = runtimeFolder
    self.environment = environment
    self.notify = notify
    requests = RequestManager { notify(EngineNotice($0)) }
  }

  /// Starts a managed engine in the background.
  public func begin(_ pool: [EngineConfiguration]) async {
    for engine in pool where engine.isManaged {
      if let process = try? await process(engine) { await process.begin() }
    }
  }

  /// Asks the first engine of `pool`.
  public func transcribe(
    _ request: TranscriptionRequest, with pool: [EngineConfiguration]
  ) async throws(DictationError) -> Transcript {
    var engine = pool[0]
    // A longer recording may take longer.
    engine.timeout += request.duration / 1000
    var request = request
    request.language = request.language ?? engine.language
    if request.language == "auto" { request.language = nil }
    do throws(DictationError) {
      return try await ready(engine).transcribe(request)
    } catch {
      await failed(engine, error)
      guard error.kind == .network, engine.isManaged, !Task.isCancelled else { throw error }
      // Our own engine died under the request: it is started again, and asked once more.
      return try await ready(engine).transcribe(request)
    }
  }

  /// The engine with its key; a managed one answers already.
  private func ready(_ engine: EngineConfiguration) async throws(DictationError) -> any TranscriptionEngine {
    if engine.isManaged { try await process(engine).ready() }
    return OpenAIEngine(
      name: engine.name, address: EngineAddress(engine.url, runtimeFolder: runtimeFolder),
      model: engine.model,
      timeout: engine.timeout, isDetailed: engine.isManaged, key: try await key(of: engine),
      requests: requests
    )
  }

  /// Lets a managed engine unload after a while.
  public func finish(_ pool: [EngineConfiguration]) async {
    for engine in pool where engine.isManaged { await managed?.finish() }
  }

  /// Starts a managed engine and waits until it answers.
  public func start(_ engine: EngineConfiguration) async throws(DictationError) {
    guard engine.isManaged else {
      throw DictationError(.config, "the engine \"\(engine.name)\" at \(engine.url) is not thoth's to start")
    }
    let process = try await process(engine)
    await process.begin()
    do throws(DictationError) {
      try await process.ready()
      await process.finish()
    } catch {
      await process.finish()
      throw error
    }
  }

  /// Whether `engine` can be used now, in a sentence. A managed one is started for it.
  public func examine(_ engine: EngineConfiguration) async throws(DictationError) -> String {
    if engine.isManaged {
      try await start(engine)
      return "model \(engine.model) is ready"
    }
    var request = HTTPRequest(
      url: EngineAddress(engine.url, runtimeFolder: runtimeFolder).base + "/models", timeout: 10_000)
    request.socketPath = EngineAddress(engine.url, runtimeFolder: runtimeFolder).socketPath
    if let key = try await key(of: engine) { request.headers.append("Authorization: Bearer \(key)") }
    let deadline = monotonicNanoseconds() + UInt64(request.timeout) * 1_000_000
    let status = try await requests.send(request, RequestOrder(.live, deadline: deadline, retries: 0)).status
    guard status != 401 && status != 403 else {
      let hint = "`thoth config set engine.\(engine.name).key.file PATH`"
      throw DictationError(.auth, "\(engine.url) refuses the key (\(status)): set it with \(hint)")
    }
    return "\(engine.url) answers" + (engine.key == nil ? ", no key is set" : ", the key is taken")
  }

  /// Ends the managed engine, if it runs.
  ///
  /// - Throws: `CommandFailure` 3 while a job needs it.
  public func stop() async throws(CommandFailure) {
    if await managed?.isInUse == true {
      throw CommandFailure(.notNow, "the engine is at work: `thoth cancel --all` ends the jobs that need it")
    }
    await managed?.stop()
  }

  /// What the managed engine is doing.
  public func status() async -> ManagedEngine.Status { await managed?.status ?? .stopped }

  /// Ends everything.
  public func shutDown() async {
    await managed?.stop()
    requests.shutDown()
  }

  /// Learns that `engine` failed: a key that was refused is looked up again the next time, a managed engine that
  /// hangs or died is replaced.
  private func failed(_ engine: EngineConfiguration, _ error: DictationError) async {
    if error.kind == .auth, let source = engine.key { keys[source] = nil }
    // A connection that broke may be the first sign of its death.
    if [.timeout, .network].contains(error.kind) && engine.isManaged { await managed?.giveUp() }
  }

  private func process(_ engine: EngineConfiguration) async throws(DictationError) -> ManagedEngine {
    guard let application = engineApplication(environment) else {
      throw DictationError(
        .config, "the engine application is not beside this program: set THOTH_ENGINE_APP to its folder")
    }
    guard let socket = EngineAddress(engine.url, runtimeFolder: runtimeFolder).socketPath else {
      throw DictationError(
        .config, "the engine \"\(engine.name)\" is managed and has to be at a unix: address")
    }
    let program = ManagedEngine.Program(
      name: engine.name, application: application, home: locations.engine, socketPath: socket,
      model: engine.model, idleUnload: engine.idleUnload)
    if let managed {
      await managed.configure(program)
      return managed
    }
    let made = ManagedEngine(program, environment: environment, notify: notify)
    managed = made
    return made
  }

  /// The engine's key. A command is run once, off the actor: it may ask its owner.
  private func key(of engine: EngineConfiguration) async throws(DictationError) -> String? {
    guard let source = engine.key else { return nil }
    if let known = keys[source] { return known }
    let environment = environment
    let looked = await withCheckedContinuation { continuation in
      WorkerThread(name: "key") {
        continuation.resume(
          returning: Result { () throws(DictationError) in try source.resolve(environment) })
      }.detach()
    }
    let key = try looked.get()
    keys[source] = key
    return key
  }
}
