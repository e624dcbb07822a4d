import ALSA
import Configuration
import ControlSocket
import DictationTypes
import Words
import Glibc
import Library
import Linux
import Pipeline
import TextOutput

/// The daemon: the parts, put together once, and ended in reverse order.
enum Daemon {
  /// How long jobs may take to end when the daemon is asked to end, and when it is told to (a logout), in seconds.
  private static let patience = (asked: 60, told: 3)

  /// Runs until it is told to end; the exit code.
  ///
  /// - Parameter arguments: `--ready-descriptor N`: where one line tells that it listens, or why not.
  ///   `--foreground`: messages go to the terminal.
  static func run(arguments: [String]) -> Int32 {
    let ready = ReadyLine(arguments)
    do throws(DictationError) {
      guard let signals = TerminationSignals() else {
        throw DictationError(.internalError, "no signalfd: \(systemError())")
      }
      let environment = currentEnvironment()
      guard let home = environment["HOME"] else { throw DictationError(.config, "HOME is not set") }
      let locations = Locations(environment: environment, home: home)
      Log.keepShort(locations.log)
      let folder = try runtime(environment)
      guard let lock = try takeLock(folder) else {
        let message = "a daemon runs already in \(folder): `thoth daemon --stop` ends it"
        ready.tell(message)
        log(message)
        return ExitCode.notNow.rawValue
      }
      try withExtendedLifetime(lock) { () throws(DictationError) in
        try serve(Parts(locations: locations, folder: folder, environment: environment), signals, ready)
      }
      return 0
    } catch {
      ready.tell(error.message)
      log(error.message)
      return error.exitCode.rawValue
    }
  }

  private static func serve(_ parts: Parts, _ signals: TerminationSignals, _ ready: ReadyLine)
    throws(DictationError)
  {
    try wait { () async throws(DictationError) in await parts.pipeline.start() }
    let stopping = WakeEvent()
    let commands = Commands(
      pipeline: parts.pipeline, storage: parts.storage, engines: parts.engines,
      configuration: parts.configuration, hub: parts.hub,
      doctor: Doctor(locations: parts.locations, display: parts.display),
      hotkeys: Hotkeys(watch: parts.hotkeys, display: parts.display), words: parts.words,
      editor: parts.editor, transcriber: parts.transcriber, exporter: parts.exporter,
      stopDaemon: { stopping.signal() })
    let server = try ControlServer(path: parts.folder + "/control.sock", commands: commands)
    parts.watchConfiguration()
    try wait { () async throws(DictationError) in await parts.pipeline.refreshStandby() }
    ready.tell("ready")
    // Else the first recording would wait for it.
    WorkerThread(name: "alsa") { ALSAConfiguration.prepare() }.detach()
    // What a daemon that was killed while it typed has left of the keyboard. Without a display there is nothing of it.
    if let display = ClientContext(environment: currentEnvironment()).display {
      Task.detached { try? await parts.display.recover(on: display) }
    }
    Task.detached { await parts.exporter.cleanUp() }
    let isAsked = signals.wait(or: stopping)
    let patience = isAsked ? patience.asked : patience.told
    try wait { () async throws(DictationError) in
      async let files: Void = parts.transcriber.shutDown()
      async let exports: Void = parts.exporter.shutDown()
      await parts.pipeline.finish(within: patience)
      _ = await (files, exports)
      await parts.engines.shutDown()
      await parts.storage.library.close()
    }
    parts.configuration.stopWatching()
    parts.words.stopWatching()
    parts.hotkeys.shutDown()
    parts.display.shutDown()
    server.shutDown()
  }

  private static func runtime(_ environment: [String: String]) throws(DictationError) -> String {
    do throws(LocationError) {
      return try runtimeFolder(environment: environment)
    } catch {
      throw DictationError(.config, error.description)
    }
  }

  private static func takeLock(_ folder: String) throws(DictationError) -> FileLock? {
    if let lock = FileLock(folder + "/daemon.lock", waiting: false) {
      lock.write("\(getpid())\n")
      return lock
    }
    if errno == EWOULDBLOCK { return nil }
    throw DictationError(.config, "\(folder)/daemon.lock cannot be locked: \(systemError())")
  }

  /// Runs `body` in a task, and waits for it on this thread, which does nothing else.
  private static func wait(
    _ body: @escaping @Sendable () async throws(DictationError) -> Void
  ) throws(DictationError) {
    let done = WakeEvent()
    let result = Lock<Result<Void, DictationError>>(.success(()))
    Task.detached {
      do throws(DictationError) {
        try await body()
      } catch {
        let error = error
        result.withLock { $0 = .failure(error) }
      }
      done.signal()
    }
    done.wait()
    try result.withLock { $0 }.get()
  }
}

/// What the daemon is made of.
private struct Parts: Sendable {
  let locations: Locations
  let folder: String
  let configuration: ConfigurationStore
  let words: DictionaryStore
  let hub: EventHub
  let engines: Engines
  let editor: Editor
  let storage: Storage
  let display = X11Output()
  let hotkeys = HotkeyWatch()
  let pipeline: Pipeline
  let transcriber: FileTranscriber
  let exporter: Exporter

  init(locations: Locations, folder: String, environment: [String: String]) {
    self.locations = locations
    self.folder = folder
    let hub = EventHub(boot: newJobID().description)
    self.hub = hub
    configuration = ConfigurationStore(path: locations.configurationFile)
    words = DictionaryStore(path: locations.dictionary, uses: locations.termUses)
    engines = Engines(
      locations: locations, runtimeFolder: folder, environment: environment,
      notify: { hub.publish(.engine($0)) })
    editor = Editor(promptFolder: locations.prompts, engines: engines, runtimeFolder: folder)
    storage = Storage(library: Library(folder: locations.data), spool: Spool(folder: locations.spool))
    pipeline = Pipeline(
      configuration: configuration, words: words, editor: editor, storage: storage, hub: hub,
      engines: engines,
      sink: display)
    transcriber = FileTranscriber(pipeline: pipeline, folder: locations.state)
    exporter = Exporter(library: storage.library, hub: hub, folder: locations.state)
  }

  func watchConfiguration() {
    if let problem = words.problem { log(problem.message) }
    words.watch { problem in
      if let problem {
        log(problem.message)
        hub.publish(.config(ConfigNotice(.rejected, message: problem.message)))
      }
    }
    if let problem = configuration.problem { log("\(configuration.path): \(problem)") }
    configuration.watch { [pipeline] notice in
      hub.publish(.config(notice))
      Task { await pipeline.settingsChanged() }
      if notice.what == .rejected { log("\(configuration.path): \(notice.message ?? "")") }
    }
  }
}

/// The pipe on which whoever started the daemon waits.
private struct ReadyLine {
  private let descriptor: Int32?

  init(_ arguments: [String]) {
    let position = arguments.firstIndex(of: "--ready-descriptor").map { $0 + 1 }
    descriptor = position.flatMap { arguments.indices.contains($0) ? Int32(arguments[$0]) : nil }
    if let descriptor { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  }

  /// Says `line`, once.
  func tell(_ line: String) {
    guard let descriptor else { return }
    _ = writeAll(descriptor, Array((line + "\n").utf8))
    close(descriptor)
  }
}
