import AudioPlayback
import CommandLine
public import Configuration
import DictationTypes
public import Words
import Library
import Linux
public import Pipeline

/// Carries out what clients ask, each request in a task of its own.
public struct Commands: Sendable {
  let pipeline: Pipeline
  let storage: Storage
  let engines: Engines
  let configuration: ConfigurationStore
  let hub: EventHub
  let doctor: Doctor
  let hotkeys: Hotkeys
  let words: DictionaryStore
  let editor: Editor
  let transcriber: FileTranscriber
  let exporter: Exporter
  let player = Player()
  let stopDaemon: @Sendable () -> Void

  /// Commands on these parts; `stopDaemon` begins the daemon's end.
  public init(
    pipeline: Pipeline, storage: Storage, engines: Engines, configuration: ConfigurationStore, hub: EventHub,
    doctor: Doctor, hotkeys: Hotkeys, words: DictionaryStore, editor: Editor, transcriber: FileTranscriber,
    exporter: Exporter,
    stopDaemon: @escaping @Sendable () -> Void
  ) {
    self.pipeline = pipeline
    self.storage = storage
    self.engines = engines
    self.configuration = configuration
    self.hub = hub
    self.doctor = doctor
    self.hotkeys = hotkeys
    self.words = words
    self.editor = editor
    self.transcriber = transcriber
    self.exporter = exporter
    self.stopDaemon = stopDaemon
  }

  /// Begins `request`; the answer goes to `connection`.
  func carryOut(_ request: ControlRequest, _ connection: Connection) {
    Task {
      let code = await answer(request, connection)
      if let code { connection.send(.exit(code.rawValue)) }
    }
  }

  /// The exit code; nil when the connection stays open.
  private func answer(_ request: ControlRequest, _ connection: Connection) async -> ExitCode? {
    do throws(CommandFailure) {
      if request.command.hasPrefix("config ") { return try configure(request, connection) }
      if request.command.hasPrefix("engine ") { return try await engine(request, connection) }
      if request.command.hasPrefix("dict ") { return try dictionary(request, connection) }
      if request.command.hasPrefix("history") { return try await history(request, connection) }
      let key = try await hotkeys.key(of: request, whileRecording: pipeline.isRecording)
      switch request.command {
      case "record", "toggle": return try await record(request, connection, key)
      case "stop": return try await stop(request, connection)
      case "cancel": return try await cancel(request, connection)
      case "last": return try await last(request, connection)
      case "undo": return try await undo(request)
      case "enhance": return try await enhance(request, connection)
      case "transcribe": return try await transcribe(request, connection)
      case "export": return try await makeExport(request, connection)
      case "status": return try await status(request, connection)
      case "events": return await follow(request, connection)
      case "devices": return await devices(request, connection)
      case "doctor" where request.has("hotkeys"): return try await bindings(request, connection)
      case "doctor": return await examine(request, connection)
      case "daemon": return daemon(request, connection)
      default: throw request.isUnknown
      }
    } catch {
      connection.send(.message("thoth: \(error.message)"))
      return error.exitCode
    }
  }

  // MARK: - Dictation

  private func record(
    _ request: ControlRequest, _ connection: Connection, _ key: HotkeyQuestion?
  ) async throws(CommandFailure) -> ExitCode {
    if request.has("toggle") || request.command == "toggle", await pipeline.isRecording {
      return try await stop(request, connection)
    }
    var options = RecordOptions()
    options.device = request.options["device"]
    options.language = try request.language()
    options.method = request.method
    options.autoStop = try request.autoStop()
    options.profile = request.options["profile"]
    options.submits = request.has("submit")
    options.enhancement = try request.enhancement()
    let id = newJobID()
    // Without an option, the settings may say so too.
    let configured = try settings(request).outputMethod
    let printsText = (options.method ?? configured) == .stdout
    let follower = request.has("follow") && !printsText ? follow(connection, job: id) : nil
    defer { if let follower { hub.unfollow(follower) } }
    let client = Lock((isAnswered: false, isGone: false))
    // Nobody would know of a microphone that opens later.
    connection.onClose { [pipeline] in
      let isAnswered = client.withLock { client in
        client.isGone = true
        return client.isAnswered
      }
      if !isAnswered { Task { await pipeline.cancel(ifOpening: id) } }
    }
    let held = request.has("hold") ? try await key?.press() : nil
    let warning: String?
    do throws(CommandFailure) {
      warning = try await pipeline.record(id, options, request.client, heldBy: held)
    } catch  where held != nil && error.exitCode == .cancelled {
      // The key was released before the first sound: that was no dictation, and nothing to tell.
      return error.exitCode
    }
    // What a slow display has not told in time.
    if let key { Task { if await key.isRepeat { _ = try? await pipeline.cancel(prefix: id.description) } } }
    let isGone = client.withLock { client in
      client.isAnswered = true
      return client.isGone
    }
    // It went while the recording before this one was still being closed.
    if isGone { _ = try await pipeline.cancel(prefix: id.description) }
    if let warning { connection.send(.message("thoth: \(warning)")) }
    if printsText || follower != nil {
      // Nobody is left to end it who knows of it: what was said until then is transcribed, for `thoth last`.
      connection.onClose { [pipeline] in Task { await pipeline.stop(ifRecording: id, request.client) } }
    }
    if printsText || follower != nil { return await finish(id, connection, printsText: printsText) }
    connection.send(.output(id.description))
    return .done
  }

  private func stop(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure)
    -> ExitCode
  {
    let id = try await pipeline.stop(
      method: request.method, submits: request.has("submit"), enhancement: try request.enhancement(),
      request.client)
    // Whoever moves the focus after this command has ended does not change where the text goes.
    await pipeline.noteTarget(ofStopped: id)
    let printsText = request.method == .stdout
    guard request.has("wait") || printsText else { return .done }
    return await finish(id, connection, printsText: printsText)
  }

  private func cancel(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure)
    -> ExitCode
  {
    if request.has("all") {
      _ = await pipeline.cancelAll()
      _ = await exporter.cancelAll()
      await transcriber.cancelAll()
      return .done
    }
    let prefix = request.arguments.first?.lowercased()
    if prefix != nil, try await cancelFiles(prefix) { return .done }
    do throws(CommandFailure) { _ = try await pipeline.cancel(prefix: prefix) } catch {
      // What is being said goes first.
      guard prefix == nil, try await cancelFiles(nil) else { throw error }
    }
    return .done
  }

  /// Ends the export, or the run over files, whose id begins with `prefix`, or the newest one. False when there is none.
  private func cancelFiles(_ prefix: String?) async throws(CommandFailure) -> Bool {
    if try await exporter.cancel(prefix: prefix) != nil { return true }
    return try await transcriber.cancel(prefix: prefix) != nil
  }

  private func last(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure)
    -> ExitCode
  {
    if request.has("type"), request.has("copy") {
      throw CommandFailure(.usage, "--type and --copy exclude each other")
    }
    if request.has("type") { try await pipeline.repeatLast(nil, request.client) }
    if request.has("copy") { try await pipeline.repeatLast(.clipboard, request.client) }
    if request.has("type") || request.has("copy") { return .done }
    let item = try await pipeline.last()
    connection.send(.output(request.has("json") ? json(ItemLine(item)) : item.result?.text ?? ""))
    return .done
  }

  /// Waits for the job's end and says how it was.
  private func finish(_ job: JobID, _ connection: Connection, printsText: Bool) async -> ExitCode {
    guard let outcome = await pipeline.outcome(of: job) else { return .done }
    if printsText, outcome.state == .completed, let text = outcome.text { connection.send(.output(text)) }
    return tell(outcome, connection)
  }

  /// Says how a job ended, unless it ended well.
  func tell(_ outcome: Outcome, _ connection: Connection) -> ExitCode {
    switch outcome.state {
    case .discarded: connection.send(.message("thoth: \(outcome.error?.message ?? "no speech was heard")"))
    case .cancelled: connection.send(.message("thoth: cancelled"))
    case .failed: connection.send(.message("thoth: \(outcome.error?.message ?? "it failed")"))
    case .completed: if let warning = outcome.warning { connection.send(.message("thoth: \(warning)")) }
    default:
      connection.send(
        .message("thoth: the daemon ended first. The recording is kept, and transcribed at its next start"))
    }
    return outcome.exitCode
  }

  /// The settings in force for whoever asks.
  func settings(_ request: ControlRequest) throws(CommandFailure) -> Configuration {
    do throws(ConfigurationProblem) {
      return try configuration.current.overridden(by: request.environment)
    } catch {
      throw CommandFailure(.notConfigured, error.message)
    }
  }

  // MARK: - Doctor, daemon

  private func examine(_ request: ControlRequest, _ connection: Connection) async -> ExitCode {
    let isInUse = await pipeline.isMicrophoneInUse
    let checkup = Doctor.Checkup(
      isMicrophoneInUse: isInUse, verifies: request.has("verify"), fixes: request.has("fix"))
    let findings = await doctor.examine(configuration, engines, editor, storage, request.client, checkup)
    if request.has("json") {
      connection.send(.output(json(findings)))
    } else {
      for finding in findings { connection.send(.output(finding.line)) }
    }
    return findings.allSatisfy(\.ok) ? .done : .notConfigured
  }

  private func daemon(_ request: ControlRequest, _ connection: Connection) -> ExitCode? {
    guard request.has("stop") else { return .done }
    // The connection stays open until the process is gone: that is the answer.
    stopDaemon()
    return nil
  }
}

extension ControlRequest {
  /// What to say to a client that is newer than this daemon.
  var isUnknown: CommandFailure {
    CommandFailure(.usage, "the daemon knows no command \"\(command)\": restart it")
  }

  func has(_ option: String) -> Bool { options[option] != nil }

  var client: ClientContext { ClientContext(environment: environment) }

  var method: OutputMethod? { options["output"].flatMap(OutputMethod.init) }

  /// What the options say of the language model.
  func enhancement() throws(CommandFailure) -> EnhancementChoice {
    if has("enhance"), has("no-enhance") {
      throw CommandFailure(.usage, "--enhance and --no-enhance exclude each other")
    }
    return options["enhance"].map { .prompt($0) } ?? (has("no-enhance") ? .never : .asConfigured)
  }

  /// How long nobody speaks until a recording ends by itself, in milliseconds; 0: it does not.
  func autoStop() throws(CommandFailure) -> Int? {
    guard let text = options["auto-stop"] else { return nil }
    do throws(ConfigurationProblem) {
      return try autoStopTime(text)
    } catch {
      throw CommandFailure(.usage, "--auto-stop: \(error.message)")
    }
  }

  /// The language of the options: an ISO 639 code or `auto`.
  func language() throws(CommandFailure) -> String? {
    guard let text = options["language"] else { return nil }
    guard text == "auto" || (2...3).contains(text.count) && text.allSatisfy({ $0.isASCII && $0.isLowercase })
    else {
      throw CommandFailure(.usage, "\"\(text)\" is no language: give a code such as en or de, or auto")
    }
    return text
  }
}
