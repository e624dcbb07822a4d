import Configuration
import DictationTypes
import Words
import Foundation
import Library
import Linux
import Requests
import SpeechRecognition
import TestSupport
import TextEnhancement
import TextOutput

@testable import Pipeline

/// A pipeline on a microphone that plays a recording, with its engine and its windows in the test's hand.
final class Bench: Sendable {
  let pipeline: Pipeline
  let storage: Storage
  let hub = EventHub(boot: "test")
  let sink = Windows()
  let client = ClientContext(environment: ["DISPLAY": ":none"])
  let engines: TestEngines
  let folder: TemporaryFolder
  let configuration: ConfigurationStore
  private let requests = RequestManager()
  private let microphone: FaultMicrophone
  private let seen = Lock<[(JobID, PipelineState)]>([])
  private let partials = Lock<[PartialText]>([])
  /// What was told of the language model.
  let enhancements = Lock<[EnhanceNotice]>([])

  /// `sound`: the WAV file that the microphone plays, `speed` times as fast as in life. `guesses`: whether the engine is
  /// asked in pauses for what may be the end.
  init(
    engine behaviour: TestEngines.Behaviour, hasSpeech: Bool = true, started: Bool = true,
    settings: String = "", maintenanceInterval: Duration = .seconds(86_400),
    in folder: TemporaryFolder? = nil,
    spool: Spool? = nil, sound: String? = nil, speed: Double = 5, guesses: Bool = false
  ) async throws {
    let folder = try folder ?? TemporaryFolder()
    self.folder = folder
    let silence = folder.file("silence.wav")
    Self.writeSilence(to: silence)
    microphone = try FaultMicrophone(
      .init { settings in
        settings.file = sound ?? (hasSpeech ? recording("cmd_goforward.wav") : silence)
        settings.speed = speed
        settings.isPatient = true
      })
    let path = try folder.write(
      "[audio]\ndevice = \"\(microphone.name)\"\n\(settings)\n[[engine]]\nurl = \"\(guesses ? "unix:x" : "http://x")\"\n",
      to: "config.toml")
    storage = Storage(
      library: Library(folder: folder.file("data")), spool: spool ?? Spool(folder: folder.file("spool")))
    let engines = TestEngines(behaviour)
    self.engines = engines
    configuration = ConfigurationStore(path: path)
    pipeline = Pipeline(
      configuration: configuration,
      words: DictionaryStore(path: folder.file("dictionary.csv"), uses: folder.file("terms.csv")),
      editor: Editor(
        prompts: PromptLibrary(folder: folder.file("prompts")), requests: requests,
        keys: KeyRing(environment: [:]), runtimeFolder: folder.path),
      storage: storage, hub: hub, engines: engines, sink: sink,
      maintenanceInterval: maintenanceInterval)
    _ = hub.follow(levels: false) { [seen, partials, enhancements] record in
      if case .enhance(let notice) = record.event { enhancements.withLock { $0.append(notice) } }
      if case .partial(let text) = record.event { partials.withLock { $0.append(text) } }
      if case .state(let change) = record.event, let job = record.job {
        seen.withLock { $0.append((job, change.state)) }
      }
    }
    if started { await pipeline.start() }
  }

  deinit { requests.shutDown() }

  /// Records until the microphone has said its words, or as much as `seconds`.
  func record(seconds: Double = 2.5, _ options: RecordOptions = RecordOptions()) async throws -> JobID {
    let id = newJobID()
    try await pipeline.record(id, options, client)
    let path = storage.spool.audioPath(id)
    _ = await eventually { () async in
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      return size ?? 0 > Int(seconds * 32_000) || states(of: id) != [.recording]
    }
    return id
  }

  /// What the library has of `job`, once it has ended and all is stored.
  func stored(_ job: JobID) async throws -> Item? {
    _ = await eventually { () async in
      guard let item = try? await self.item(job) else { return false }
      return item.state.isTerminal && !FileManager.default.fileExists(atPath: storage.spool.audioPath(job))
    }
    return try await item(job)
  }

  private func item(_ job: JobID) async throws -> Item? {
    try await storage.library.items(idPrefix: job.description, includingDeleted: true).first
  }

  /// Leaves a recording in the spool, as a daemon does that is killed.
  func leave(_ name: String = "cmd_goforward.wav") throws -> JobID {
    let left = newJobID()
    try FileManager.default.createDirectory(atPath: storage.spool.folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: recording(name), toPath: storage.spool.audioPath(left))
    return left
  }

  /// What has been told before the end, in its order.
  var partialTexts: [PartialText] { partials.withLock { $0 } }

  func states(of job: JobID) -> [PipelineState] { seen.withLock { $0.filter { $0.0 == job }.map(\.1) } }

  func allStates() -> [JobID: [PipelineState]] {
    seen.withLock { Dictionary(grouping: $0, by: \.0).mapValues { $0.map(\.1) } }
  }

  private static func writeSilence(to path: String) {
    var wav = FileManager.default.contents(atPath: recording("cmd_goforward.wav"))!
    for index in 44..<wav.count { wav[index] = 0 }
    _ = FileManager.default.createFile(atPath: path, contents: wav)
  }
}

/// Engines that answer as the test decides.
final class TestEngines: EngineProvider {
  enum Behaviour: Sendable {
    case answering(String)
    /// Called with the number of the request, from 1.
    case custom(@Sendable (Int) async throws(DictationError) -> String)
    /// Called with the request.
    case hearing(@Sendable (TranscriptionRequest) async throws(DictationError) -> String)
  }

  let behaviour: Lock<Behaviour>
  let asked = Lock<[TranscriptionRequest]>([])
  /// How many guesses have not been answered.
  let guesses = Lock(0)

  /// How often it was asked.
  var calls: Int { asked.withLock { $0.count } }
  /// What it was asked, in its order.
  var requests: [TranscriptionRequest] { asked.withLock { $0 } }

  init(_ behaviour: Behaviour) { self.behaviour = Lock(behaviour) }

  func answer(_ text: String) { behaviour.withLock { $0 = .answering(text) } }

  func begin(_ pool: [EngineConfiguration]) async {}
  func finish(_ pool: [EngineConfiguration]) async {}

  func transcribe(
    _ request: TranscriptionRequest, with pool: [EngineConfiguration]
  ) async throws(DictationError) -> Transcript {
    let number = asked.withLock { asked in
      asked.append(request)
      return asked.count
    }
    let isGuess = request.priority == .speculative
    if isGuess { guesses.withLock { $0 += 1 } }
    defer { if isGuess { guesses.withLock { $0 -= 1 } } }
    let text: String
    switch behaviour.withLock({ $0 }) {
    case .answering(let answer): text = answer
    case .custom(let answer): text = try await answer(number)
    case .hearing(let answer): text = try await answer(request)
    }
    return Transcript(text: text, language: request.language, engine: "test", model: "none")
  }
}

/// Where the texts go.
final class Windows: TextSink {
  let insertions = Lock<[Insertion]>([])
  let clipboard = Lock("")
  /// What has the focus.
  let focused = Lock<OutputTarget?>(nil)
  /// Why no window is to have a text; nil: they may.
  let reservation = Lock<String?>(nil)
  let failure = Lock<DictationError?>(nil)
  /// What is on the clipboard of others, and selected.
  let contexts = Lock<[ContextSource: String]>([:])

  var texts: [String] { insertions.withLock { $0.map(\.text) } }

  func focusedWindow(on display: DisplayAddress) async throws(DictationError) -> OutputTarget? {
    focused.withLock { $0 }
  }

  func insert(
    _ insertion: Insertion, on display: DisplayAddress
  ) async throws(DictationError) -> InsertionOutcome {
    if let failure = failure.withLock({ $0 }) { throw failure }
    if let reason = reservation.withLock({ $0 }) { return .held(reason) }
    insertions.withLock { $0.append(insertion) }
    return .inserted(OutputReport(method: .type, chars: insertion.text.unicodeScalars.count))
  }

  func context(_ source: ContextSource, on display: DisplayAddress) async throws(DictationError) -> String? {
    contexts.withLock { $0[source] }
  }

  func undo(on display: DisplayAddress) async throws(DictationError) -> UndoOutcome { .refused("nothing") }

  func setClipboard(_ text: String, on display: DisplayAddress) async throws(DictationError) -> OutputReport {
    clipboard.withLock { $0 = text }
    return OutputReport(method: .clipboard, chars: text.unicodeScalars.count)
  }
}
