import Configuration
import DictationTypes
import Linux
import SpeechRecognition
import TestSupport
import Testing

@testable import Pipeline
@testable import TextOutput

/// What a dictation tells the output: where the text goes, and how.
@Suite struct OutputTests {
  @Test func theTextIsHeldAndNotPutOnTheClipboard() async throws {
    let bench = try await Bench(engine: .answering("secret words"))
    bench.sink.reservation.withLock { $0 = "Pinentry asks for a password" }
    let notices = Lock<[OutputNotice]>([])
    _ = bench.hub.follow(levels: false) { record in
      if case .output(let notice) = record.event { notices.withLock { $0.append(notice) } }
    }
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    let outcome = await bench.pipeline.outcome(of: job)
    #expect(outcome?.state == .failed && outcome?.exitCode == .outputFailed)
    #expect(outcome?.text == "secret words")
    let message = outcome?.error?.message ?? ""
    #expect(message.contains("Pinentry asks for a password") && message.contains("`thoth last --type`"))
    #expect(notices.withLock { $0.map(\.what) } == [.held])
    #expect(bench.sink.clipboard.withLock { $0 }.isEmpty)
    await #expect(throws: CommandFailure.self) { try await bench.pipeline.repeatLast(.auto, bench.client) }
    bench.sink.reservation.withLock { $0 = nil }
    try await bench.pipeline.repeatLast(.auto, bench.client)
    #expect(bench.sink.texts == ["secret words"])
  }

  @Test func whereAndHowIsAsConfigured() async throws {
    let bench = try await Bench(
      engine: .answering("words"), settings: "[output]\ntarget = \"hold\"\nappend = \"space\"")
    bench.sink.focused.withLock { $0 = window("Gedit") }
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: .paste, submits: true, bench.client)
    _ = await bench.pipeline.outcome(of: job)
    let insertion = try #require(bench.sink.insertions.withLock { $0.first })
    #expect(insertion.method == .paste && insertion.policy == .hold && insertion.append == .space)
    #expect(insertion.submits && insertion.origin == window("Gedit"))
    try await bench.pipeline.repeatLast(.auto, bench.client)
    let again = try #require(bench.sink.insertions.withLock { $0.last })
    #expect(again.policy == .focus && !again.submits, "whoever asks now means the window of now")
  }

  private static let profiles = """
    [[profile]]
    match = "Writer"
    language = "de"
    [[profile]]
    name = "french"
    language = "fr"
    newline = "space"
    """

  @Test(
    arguments: [
      ("Writer", nil, nil, "de"), ("Other", nil, nil, nil), ("Writer", "french", nil, "fr"),
      ("Writer", nil, "it", "it"), ("Writer", "french", "it", "it"),
    ] as [(String, String?, String?, String?)])
  func theProfileOfTheWindowDecidesTheLanguage(
    windowClass: String, profile: String?, language: String?, expected: String?
  ) async throws {
    // As fast as in life: the window is looked for while the first words are said.
    let bench = try await Bench(engine: .answering("words"), settings: Self.profiles, speed: 1)
    bench.sink.focused.withLock { $0 = window(windowClass) }
    var options = RecordOptions()
    options.profile = profile
    options.language = language
    let job = try await bench.record(seconds: 2.5, options)
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    _ = await bench.pipeline.outcome(of: job)
    #expect(bench.engines.requests.map(\.language).allSatisfy { $0 == expected } && bench.engines.calls > 0)
    let insertion = try #require(bench.sink.insertions.withLock { $0.first })
    #expect(insertion.profiles.first(for: "Anything")?.label == profile)
  }

  @Test func aProfileThatIsNotThereIsTold() async throws {
    let bench = try await Bench(engine: .answering("words"), settings: Self.profiles)
    var options = RecordOptions()
    options.profile = "spanish"
    let failure = await #expect(throws: CommandFailure.self) {
      try await bench.pipeline.record(newJobID(), options, bench.client)
    }
    #expect(failure?.exitCode == .notConfigured)
    #expect(failure?.message.contains("no profile \"spanish\"") == true)
    #expect(await bench.pipeline.isSlotFree)
  }

  private func window(_ windowClass: String) -> OutputTarget {
    OutputTarget(windowClass: windowClass, topLevel: 1, focus: 1, processID: nil)
  }
}
