import Configuration
import DictationTypes
import Foundation
import Linux
import Requests
import SpeechRecognition
import TestSupport
import Testing

@testable import Pipeline

/// The pool against real server processes.
@Suite struct EnginesTests {
  private let folder: TemporaryFolder
  private let notices = Lock<[EngineNotice]>([])

  init() throws { folder = try TemporaryFolder() }

  private func engines(_ environment: [String: String] = [:]) -> Engines {
    let home = folder.file("home")
    let locations = Locations(environment: ["XDG_DATA_HOME": folder.file("data")], home: home)
    return Engines(
      locations: locations, runtimeFolder: folder.path, environment: environment,
      notify: { [notices] notice in notices.withLock { $0.append(notice) } })
  }

  private func engine(_ name: String, _ urls: String..., key: SecretSource? = nil) -> EngineConfiguration {
    var engine = EngineConfiguration()
    (engine.name, engine.urls, engine.key, engine.model) = (name, urls, key, "whisper-1")
    return engine
  }

  /// Two seconds of silence.
  private let request = TranscriptionRequest(samples: [Int16](repeating: 0, count: 32_000))

  @Test(arguments: ["401", "404", "413", "429", "500", "html", "empty", "close", "302"])
  func theNextEngineTakesTheFailedOnesPlace(mode: String) async throws {
    let server = try FaultServer()
    let pool = [engine("first", server.url(mode)), engine("second", server.url("ok"))]
    let transcript = try await engines().transcribe(request, with: pool)
    #expect(transcript.text == "all is well" && transcript.engine == "second")
    #expect(notices.withLock { $0 }.map(\.what) == [.failover])
  }

  @Test func anEngineThatKeepsFailingIsNotAskedFirst() async throws {
    let server = try FaultServer()
    let engines = engines()
    let pool = [engine("first", "http://127.0.0.1:1/v1"), engine("second", server.url("ok"))]
    var isKnown = false
    // Five failures open its breaker, and the clock closes it for a try.
    for _ in 0..<50 where !isKnown {
      #expect(try await engines.transcribe(request, with: pool).engine == "second")
      isKnown = notices.withLock { $0.contains { $0.reason == "\"first\" has failed lately" } }
    }
    #expect(isKnown)
    #expect(notices.withLock { $0.contains { $0.what == .breakerOpen && $0.engine == "first" } })
    // That is told once in each recording, however many segments it has.
    for _ in 0..<5 { _ = try await engines.transcribe(request, with: pool) }
    #expect(passedOver == 1)
    await engines.begin(pool)
    for _ in 0..<50 where passedOver == 1 { _ = try await engines.transcribe(request, with: pool) }
    #expect(passedOver == 2)
  }

  private var passedOver: Int {
    notices.withLock { $0.count { $0.reason == "\"first\" has failed lately" } }
  }

  @Test func onlyWhatWasBegunIsFinished() async throws {
    let engines = engines(["THOTH_ENGINE_APP": rig("../../scripts/engine")])
    let good = [EngineConfiguration()]
    var elsewhere = EngineConfiguration()
    (elsewhere.url, elsewhere.isManaged) = ("http://127.0.0.1:1/v1", true)
    await engines.begin(good)
    await engines.begin([elsewhere])
    await engines.finish([elsewhere])
    await #expect(throws: CommandFailure.self) { try await engines.stop() }
    await engines.finish(good)
    try await engines.stop()
  }

  @Test func anEngineThatIsNotInstalledIsPassedOver() async throws {
    let server = try FaultServer()
    var embedded = EngineConfiguration()
    embedded.name = "embedded"
    let environment = ["THOTH_ENGINE_APP": rig("../../scripts/engine")]
    let transcript = try await engines(environment).transcribe(
      request, with: [embedded, engine("second", server.url("ok"))])
    #expect(transcript.engine == "second")
    #expect(notices.withLock { $0 }.first?.reason?.contains("thoth engine install") == true)
  }

  @Test func anEngineIsNotEndedForWhatItWasNotAsked() async throws {
    let programs = folder.file("data/thoth/engine/venv/bin")
    try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: "\(programs)/python", withDestinationPath: "/usr/bin/python3")
    let engines = engines(["THOTH_ENGINE_APP": rig("slowengine")])
    var embedded = EngineConfiguration()
    (embedded.name, embedded.timeout) = ("embedded", 1)
    // Files leave a permit for what is live: the second one waits, and has three seconds for that.
    var (long, short) = (TranscriptionRequest(samples: [Int16](repeating: 0, count: 300 * 16_000)), request)
    (long.priority, short.priority) = (.file, .file)
    let asking = Task { [long, embedded] in try await engines.transcribe(long, with: [embedded]) }
    let isAsked = await waits { [folder] in eventually { folder.read("asked") != nil } }
    #expect(isAsked)
    let before = await engines.status()
    do {
      _ = try await engines.transcribe(short, with: [embedded])
      Issue.record("it was asked")
    } catch {
      #expect(error.kind == .timeout && error.message.contains("other requests kept"))
    }
    #expect(await engines.status() == before)
    try folder.write("", to: "go")
    #expect(try await asking.value.text == "all is well")
    #expect(await engines.status() == before)
    await engines.shutDown()
  }

  @Test func silenceIsAnAnswer() async throws {
    let server = try FaultServer()
    let pool = [engine("first", server.url("no-speech")), engine("second", server.url("ok"))]
    #expect(try await engines().transcribe(request, with: pool).text.isEmpty)
  }

  @Test func severalAddressesShareTheLoad() async throws {
    let (stuck, quick) = (try FaultServer(), try FaultServer())
    let engines = engines()
    let pool = [engine("team", stuck.url("never"), quick.url("ok"))]
    let waiting = Task { [request] in try await engines.transcribe(request, with: pool) }
    #expect(await waits { stuck.waitFor("never") })
    for _ in 0..<3 { #expect(try await engines.transcribe(request, with: pool).text == "all is well") }
    let figures = await engines.figures(of: pool[0])
    #expect(figures.map(\.inFlight) == [1, 0] && figures.map(\.answers) == [0, 3])
    #expect(figures[0].latency == nil && figures[1].latency != nil)
    waiting.cancel()
    await #expect(throws: DictationError.self) { try await waiting.value }
    #expect(await waits { stuck.waitFor("gone") })
  }

  @Test func anAddressThatFailsIsPassedOver() async throws {
    let server = try FaultServer()
    let engines = engines()
    let pool = [engine("team", "http://127.0.0.1:1/v1", server.url("ok"))]
    #expect(try await engines.transcribe(request, with: pool).text == "all is well")
    let figures = await engines.figures(of: pool[0])
    #expect(figures.map(\.failures) == [1, 0])
    #expect(figures[0].lastFailure?.kind == .network)
  }

  @Test func theDeadlineBoundsTheWholePool() async throws {
    let server = try FaultServer()
    var request = request
    request.deadline = monotonicNanoseconds() + 300_000_000
    let pool = [engine("first", server.url("never")), engine("second", server.url("never"))]
    let error = await #expect(throws: DictationError.self) {
      try await engines().transcribe(request, with: pool)
    }
    #expect(error?.kind == .timeout)
  }

  @Test func eachEngineHasAKeyOfItsOwn() async throws {
    let server = try FaultServer()
    try folder.write("from file\nsecond line\n", to: "key")
    chmod(folder.file("key"), 0o600)
    let engines = engines(["SPEECH_KEY": "from variable", "PATH": "/usr/bin:/bin"])
    let sources: [SecretSource] = [
      .environment("SPEECH_KEY"), .file(folder.file("key")), .command("echo from command"),
    ]
    for (source, word) in zip(sources, ["variable", "file", "command"]) {
      let pool = [engine(word, server.url("echo"), key: source)]
      #expect(try await engines.transcribe(request, with: pool).text.hasSuffix("key=Bearer from \(word)"))
    }
  }

  @Test func aKeyThatIsRefusedIsLookedUpAnew() async throws {
    let server = try ContractServer("openai")
    let path = folder.file("key")
    try folder.write("sk-old", to: "key")
    chmod(path, 0o600)
    let engines = engines(["PATH": "/usr/bin:/bin"])
    let pool = [engine("cloud", server.url("/v1"), key: .command("cat '\(path)'"))]
    let error = await #expect(throws: DictationError.self) {
      try await engines.transcribe(request, with: pool)
    }
    #expect(error?.kind == .auth)
    // It did not change: it was not tried again.
    #expect(server.requests(1).map(\.key) == ["sk-old"])
    _ = await #expect(throws: DictationError.self) { try await engines.transcribe(request, with: pool) }
    try folder.write("sk-contract", to: "key")
    #expect(try await engines.transcribe(request, with: pool).text == "Go forward, ten metres.")
    // Kept since the refusal before, refused once more, and looked up.
    #expect(server.requests(4).map(\.key) == ["sk-old", "sk-old", "sk-old", "sk-contract"])
  }

  @Test func aMissingKeyIsAReasonToAskTheNextEngine() async throws {
    let server = try FaultServer()
    let pool = [
      engine("cloud", server.url("ok"), key: .environment("NO_SUCH_KEY")), engine("second", server.url("ok")),
    ]
    #expect(try await engines().transcribe(request, with: pool).engine == "second")
  }

  @Test func whatIsSentDependsOnWhereItGoes() async throws {
    let server = try ContractServer("speaches")
    let engines = engines()
    var engine = engine("here", server.url("/v1"))
    engine.model = "Systran/faster-whisper-small"
    for (url, upload) in [
      (server.url("/v1"), AudioUpload.auto), (server.foreignURL("/v1"), .auto), (server.url("/v1"), .flac),
      (server.foreignURL("/v1"), .wav),
    ] {
      (engine.url, engine.upload) = (url, upload)
      _ = try await engines.transcribe(request, with: [engine])
    }
    let names = ["speech.wav", "speech.flac", "speech.flac", "speech.wav"]
    #expect(server.requests(4).map(\.filename) == names)
  }

  @Test func theConnectionToAnEngineElsewhereIsMadeWhileSomebodySpeaks() async throws {
    let server = try ContractServer("openai")
    try folder.write("sk-contract", to: "key")
    chmod(folder.file("key"), 0o600)
    let pool = [
      engine("cloud", server.foreignURL("/v1"), key: .file(folder.file("key"))),
      engine("second", "http://127.0.0.1:1/v1"),
    ]
    let engines = engines()
    await engines.begin(pool)
    #expect(await waits { server.waitFor("/v1/models") })
    #expect(try await engines.transcribe(request, with: pool).text == "Go forward, ten metres.")
    #expect(server.requests(2).map(\.path) == ["/v1/models", "/v1/audio/transcriptions"])
    #expect(Set(server.requests(2).map(\.connection)).count == 1)
    #expect(server.requests(2).map(\.key) == ["sk-contract", "sk-contract"])
    // It is still open.
    await engines.begin(pool)
    _ = try await engines.transcribe(request, with: pool)
    #expect(server.requests(3).count == 3)
  }
}
