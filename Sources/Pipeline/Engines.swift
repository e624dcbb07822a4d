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
  let requests: RequestManager
  private let notify: @Sendable (EngineNotice) -> Void
  private let plainModels = PlainModels()
  private var managed: ManagedEngine?
  let keys: KeyRing
  private var load = EngineLoad()
  /// How often the managed engine was begun for a recording, and not finished, by what it was configured as.
  private var begun: [EngineConfiguration: Int] = [:]
  /// The engines that were passed over since a recording began: that is told once in each.
  private var passedOver: Set<String> = []

  /// How long curl surely keeps an idle connection, in nanoseconds (CURLOPT_MAXAGE_CONN is 118 s by default).
  private static let connectionLife: UInt64 = 100_000_000_000

  /// Engines for this user. `environment` is the daemon's.
  public init(
    locations: Locations, runtimeFolder: String, environment: [String: String],
    notify: @escaping @Sendable (EngineNotice) -> Void
  ) {
    self.locations = locations
    self.runtimeFolder = runtimeFolder
    self.environment = environment
    self.notify = notify
    keys = KeyRing(environment: environment)
    requests = RequestManager { notify(EngineNotice($0)) }
  }

  /// Has the first engine ready: a managed one is started in the background, to one elsewhere a connection is made.
  /// Those behind it are started when they are needed.
  public func begin(_ pool: [EngineConfiguration]) async {
    passedOver = []
    guard let first = pool.first else { return }
    if first.isManaged {
      guard let process = try? await process(first) else { return }
      begun[first, default: 0] += 1
      await process.begin()
    } else if !first.isOnThisMachine, let url = load.ordered(first).first {
      warm(first, url)
    }
  }

  /// Lets a managed engine unload after a while.
  public func finish(_ pool: [EngineConfiguration]) async {
    // Where it could not be begun there is nothing to finish.
    guard let first = pool.first, let count = begun[first] else { return }
    begun[first] = count > 1 ? count - 1 : nil
    await managed?.finish()
  }

  /// Asks the engines of `pool`, those that are not known to fail first, until one answers.
  public func transcribe(
    _ request: TranscriptionRequest, with pool: [EngineConfiguration]
  ) async throws(DictationError) -> Transcript {
    let attempts = pool.flatMap { engine in
      load.ordered(engine).map { EngineAttempt(engine: engine, url: $0) }
    }
    let order = FailOver.order(attempts) { isAvailable(address(of: $0)) }
    if let first = order.first, first.engine.name != pool[0].name, passedOver.insert(pool[0].name).inserted {
      notify(
        EngineNotice(.failover, engine: first.engine.name, reason: "\"\(pool[0].name)\" has failed lately"))
    }
    let failOver = FailOver(
      attempts: order, deadline: request.deadline,
      ask: { (attempt, isLast) async throws(DictationError) in
        try await self.ask(attempt, request, isLast: isLast)
      },
      notify: notify)
    return try await failOver.run()
  }

  /// Whether requests to `address` are let through: the one place where its health is asked for.
  private func isAvailable(_ address: ServerAddress) -> Bool {
    requests.isAvailable(HTTPRequest(url: address.base, socketPath: address.socketPath, timeout: 0).host)
  }

  /// Asks one engine at one address, and remembers how that went.
  private func ask(
    _ attempt: EngineAttempt, _ request: TranscriptionRequest, isLast: Bool
  ) async throws(DictationError) -> Transcript {
    var request = request
    request.language = request.language ?? attempt.engine.language
    if request.language == "auto" { request.language = nil }
    load[attempt].begin()
    // How long a process takes to start says nothing about the answers after the first.
    let isStarting = attempt.engine.isManaged ? await !isReady : false
    let start = monotonicNanoseconds()
    do throws(DictationError) {
      let transcript =
        attempt.engine.isManaged
        ? try await askManaged(attempt, request) : try await askWithKey(attempt, request, isLast: isLast)
      load[attempt].end(nil)
      if !isStarting { load[attempt].note(milliseconds: Int((monotonicNanoseconds() - start) / 1_000_000)) }
      return transcript
    } catch {
      load[attempt].end(error)
      throw error
    }
  }

  /// Asks with the engine's key. One that is refused is looked up anew: it may have been changed.
  private func askWithKey(
    _ attempt: EngineAttempt, _ request: TranscriptionRequest, isLast: Bool
  ) async throws(DictationError) -> Transcript {
    let key = try await keys.key(at: attempt.engine.key)
    do throws(DictationError) {
      return try await client(attempt, request, key, retries: isLast ? 2 : 0).transcribe(request)
    } catch {
      guard error.kind == .auth, let source = attempt.engine.key else { throw error }
      keys.forget(key, at: source)
      let fresh = try await keys.key(at: source)
      guard fresh != key else { throw error }
      return try await client(attempt, request, fresh, retries: 0).transcribe(request)
    }
  }

  /// Asks the engine that is a process of ours. If it dies under the request it is started again and asked once more.
  private func askManaged(
    _ attempt: EngineAttempt, _ request: TranscriptionRequest
  ) async throws(DictationError) -> Transcript {
    let process = try await process(attempt.engine)
    await process.begin()
    do throws(DictationError) {
      let transcript = try await askTwice(attempt, request, process)
      await process.finish()
      return transcript
    } catch {
      await process.finish()
      throw error
    }
  }

  private func askTwice(
    _ attempt: EngineAttempt, _ request: TranscriptionRequest, _ process: ManagedEngine
  ) async throws(DictationError) -> Transcript {
    // What is tried again is the whole engine: another try at a process that is gone would only take time.
    let client = client(attempt, request, try await keys.key(at: attempt.engine.key), retries: 0)
    var start = monotonicNanoseconds()
    do throws(DictationError) {
      try await process.ready()
      start = monotonicNanoseconds()
      return try await client.transcribe(request)
    } catch {
      // Who asks may have no time left before the engine has had its own; or others had its turn.
      let hadItsTime =
        !error.hadToWait
        && request.deadline.map { $0 >= start + UInt64(client.timeout) * 1_000_000_000 } ?? true
      // A connection that broke may be the first sign of its death.
      if error.kind == .network || error.kind == .timeout && hadItsTime { await process.giveUp() }
      guard error.kind == .network, !Task.isCancelled else { throw error }
      try await process.ready()
      return try await client.transcribe(request)
    }
  }

  private func client(
    _ attempt: EngineAttempt, _ request: TranscriptionRequest, _ key: String?, retries: Int
  ) -> OpenAIEngine {
    let engine = attempt.engine
    let address = address(of: attempt)
    var settings = OpenAIEngine.Settings(name: engine.name, address: address, model: engine.model)
    // A longer recording may take longer.
    settings.timeout = engine.timeout + request.duration / 1000
    settings.retries = retries
    settings.isManaged = engine.isManaged
    settings.isOnThisMachine = engine.isOnThisMachine
    settings.maxUpload = engine.maxUpload
    settings.key = key
    switch engine.upload {
    case .wav: settings.upload = .wav
    case .flac: settings.upload = .flac
    // The documentation of whisper.cpp's server names WAV alone.
    case .auto: settings.upload = engine.isOnThisMachine || address.dialect == .whisperCpp ? .wav : .flac
    }
    return OpenAIEngine(settings, requests: requests, plainModels: plainModels)
  }

  private func address(of attempt: EngineAttempt) -> ServerAddress {
    ServerAddress(attempt.url, runtimeFolder: runtimeFolder)
  }

  /// Makes a connection to an engine elsewhere, unless there is one, so that names, TCP and TLS cost nothing later.
  private func warm(_ engine: EngineConfiguration, _ url: String) {
    let now = monotonicNanoseconds()
    if let lastUse = load[engine, url].lastUse, now - lastUse < Self.connectionLife { return }
    load[engine, url].lastUse = now
    Task { _ = try? await probe(engine, url) }
  }

  /// The status that the engine at `url` answers without being given work.
  private func probe(_ engine: EngineConfiguration, _ url: String) async throws(DictationError) -> Int {
    let address = ServerAddress(url, runtimeFolder: runtimeFolder)
    var request = HTTPRequest(url: address.probe, socketPath: address.socketPath, timeout: 10_000)
    if let key = try await keys.key(at: engine.key) { request.headers.append("Authorization: Bearer \(key)") }
    let deadline = monotonicNanoseconds() + 10_000_000_000
    return try await requests.send(request, RequestOrder(.live, deadline: deadline, retries: 0)).status
  }

  /// A short recording of speech, to ask engines with (scripts/engine/sample.wav); nil: the application is missing.
  public nonisolated var sampleRecording: String? {
    engineApplication(environment).map { $0 + "/sample.wav" }
  }

  /// What has been seen of the requests to `engine`, one entry an address.
  public func figures(of engine: EngineConfiguration) -> [AddressFigures] {
    engine.urls.map { load[engine, $0] }
  }

  /// Starts a managed engine and waits until it answers.
  public func start(_ engine: EngineConfiguration) async throws(DictationError) {
    guard engine.isManaged else {
      throw DictationError(
        .config, "the engine \"\(engine.name)\" at \(withoutUser(engine.url)) is not thoth's to start")
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
    for url in engine.urls {
      let status = try await probe(engine, url)
      guard status != 401 && status != 403 else {
        let hint = "`thoth config set engine.\(engine.name).key.file PATH`"
        throw DictationError(.auth, "\(withoutUser(url)) refuses the key (\(status)): set it with \(hint)")
      }
    }
    let verb = engine.urls.count == 1 ? "answers" : "answer"
    return engine.urls.map(withoutUser).joined(separator: " and ") + " \(verb)"
      + (engine.key == nil ? ", no key is set" : ", the key is taken")
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

  private var isReady: Bool {
    get async { if case .ready = await managed?.status { true } else { false } }
  }

  /// Ends everything.
  public func shutDown() async {
    await managed?.stop()
    requests.shutDown()
  }

  private func process(_ engine: EngineConfiguration) async throws(DictationError) -> ManagedEngine {
    guard let application = engineApplication(environment) else {
      throw DictationError(
        .config, "the engine application is not beside this program: set THOTH_ENGINE_APP to its folder")
    }
    guard let socket = ServerAddress(engine.url, runtimeFolder: runtimeFolder).socketPath else {
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
}
