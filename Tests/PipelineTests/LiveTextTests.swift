import AudioFiles
import DictationTypes
import Foundation
import Library
import Linux
import Requests
import SpeechRecognition
import TestSupport
import Testing

@testable import Pipeline

/// What is asked of the engine while somebody speaks, and what comes of it. The sound is real, the engine the test's.
@Suite(.serialized) struct LiveTextTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// 2.8 s of speech, with its own silence around it.
  private let words = samples("cmd_goforward.wav")
  /// Speech without a pause, as long as is wanted: a vowel again and again.
  private func drone(seconds: Double) -> [Int16] {
    let vowel = samples("utt_jfk.wav")[8_000..<14_400]
    return Array((0..<Int(seconds * 16_000)).map { vowel[8_000 + $0 % vowel.count] })
  }
  private func silence(_ milliseconds: Int) -> [Int16] { Array(repeating: 0, count: 16 * milliseconds) }

  private func sound(_ pieces: [Int16]...) throws -> String {
    let path = folder.file("sound.wav")
    try Data(wavFile(pieces.flatMap(\.self))).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func thePauseBeforeTheStopIsEnough() async throws {
    let bench = try await Bench(
      engine: .answering("go forward"), sound: try sound(words, silence(500)), guesses: true)
    let job = try await bench.record(seconds: 3)
    // A pause within the words is the first one.
    #expect(await eventually { () async in bench.partialTexts.last?.heardMs ?? 0 > 2_000 })
    #expect(bench.partialTexts.last?.text == "go forward")
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.text == "go forward")
    // On a busy machine the microphone may begin again before the stop, and a cut adopts the guess.
    #expect(bench.engines.requests.first?.priority == .speculative)
    let result = try await bench.stored(job)?.result
    #expect(result?.guess == .hit)
    #expect(result?.segments?.map(\.text) == ["go forward"])
  }

  @Test func anAnswerThatIsOnItsWayAtTheStopIsWaitedFor() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { _ in
        await gate.wait()
        return "go forward"
      }, sound: try sound(words, silence(500)), guesses: true)
    let job = try await bench.record(seconds: 3)
    #expect(await eventually { () async in bench.engines.calls > 0 })
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await eventually { () async in bench.states(of: job).last == .transcribing })
    gate.open()
    #expect(await bench.pipeline.outcome(of: job)?.text == "go forward")
    #expect(try await bench.stored(job)?.result?.guess == .late)
    // A person waits for it now.
    let requests = bench.engines.requests.suffix(2)
    #expect(requests.map(\.priority) == [.speculative, .live])
    #expect(
      requests.first?.samples == requests.last?.samples && requests.first?.prompt == requests.last?.prompt)
  }

  /// With the urgency of a person who waits come the other engines.
  @Test func aGuessThatHangsAtTheStopIsNotWaitedForAlone() async throws {
    let bench = try await Bench(
      engine: .hearing { (request) async throws(DictationError) -> String in
        if request.priority == .live { return "go forward" }
        try? await Task.sleep(for: .seconds(3600))
        throw DictationError(.cancelled, "cancelled")
      }, sound: try sound(words, silence(500)), guesses: true)
    let job = try await bench.record(seconds: 3)
    #expect(await eventually { () async in bench.engines.calls > 0 })
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.text == "go forward")
    #expect(await eventually { () async in bench.engines.guesses.withLock { $0 } == 0 })
  }

  @Test func whatIsSaidAfterAPauseIsAskedForAtTheStop() async throws {
    let bench = try await Bench(
      engine: .hearing { request in request.priority == .live ? "go forward and on" : "go forward." },
      sound: try sound(words, silence(400), drone(seconds: 21)), speed: 1, guesses: true)
    let job = try await bench.record(seconds: 4.5)
    #expect(await eventually { () async in bench.partialTexts.last?.text == "go forward." })
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.text == "go forward and on")
    let last = try #require(bench.engines.requests.last)
    #expect(last.priority == .live)
    #expect(last.samples.count > 4 * 16_000)
    #expect(try await bench.stored(job)?.result?.guess == .missed)
  }

  @Test func aLongDictationIsCutAndEachSegmentKnowsWhatWasBefore() async throws {
    let bench = try await Bench(
      engine: .hearing { request in
        request.prompt == nil ? "The first part." : "and the second"
      }, sound: try sound(drone(seconds: 6), silence(1_200), drone(seconds: 6), silence(500)), guesses: false)
    let job = try await bench.record(seconds: 13)
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    // The full stop in the middle was none.
    #expect(await bench.pipeline.outcome(of: job)?.text == "The first part and the second")
    let requests = bench.engines.requests
    #expect(requests.map(\.priority) == [.live, .live])
    #expect(requests.map(\.prompt) == [nil, "The first part."])
    let segments = try #require(try await bench.stored(job)?.result?.segments)
    #expect(segments.count == 2 && segments[0].end <= segments[1].start)
    let first = try #require(bench.partialTexts.first)
    #expect(first.text == "The first part." && first.stable == 14 && first.heardMs == segments[0].end)
  }

  /// Whisper goes on with a text that does not end, instead of with the sound.
  @Test(arguments: [
    ("", nil), ("One.", "One."), ("One two", "One two."), ("In this regard,", "In this regard."),
    ("Well?", "Well?"),
    ("One...", "One..."),
    (String(repeating: "word ", count: 60) + "end", String(repeating: "word ", count: 11) + "end."),
  ])
  func thePromptIsTheEndOfTheTextAndEndsItself(text: String, expected: String?) {
    #expect(prompt(nil, after: text) == expected)
    #expect(prompt("Thoth.", after: text) == ["Thoth.", expected].compactMap(\.self).joined(separator: " "))
  }

  @Test func aSegmentThatFailedIsAskedForAgainAtTheStop() async throws {
    let isDown = Lock(true)
    let bench = try await Bench(
      engine: .hearing { (request) async throws(DictationError) -> String in
        if isDown.withLock({ $0 }) { throw DictationError(.network, "nobody answers", retryable: true) }
        return request.samples.count > 5 * 16_000 ? "long" : "short"
      }, sound: try sound(drone(seconds: 6), silence(1_200), words, silence(500)), guesses: true)
    let job = try await bench.record(seconds: 10)
    #expect(await eventually { () async in bench.engines.calls >= 2 })
    isDown.withLock { $0 = false }
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.text == "long short")
  }

  @Test func aSegmentThatFailsAgainFailsTheJobAndKeepsTheAudio() async throws {
    let bench = try await Bench(
      engine: .hearing { (request) async throws(DictationError) -> String in
        if request.samples.count > 5 * 16_000 { throw DictationError(.server, "it failed", retryable: true) }
        return "short"
      }, sound: try sound(drone(seconds: 6), silence(1_200), words, silence(500)), guesses: true)
    let job = try await bench.record(seconds: 10)
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    let outcome = await bench.pipeline.outcome(of: job)
    #expect(outcome?.exitCode == .engineFailed && outcome?.error?.message.contains("history redo") == true)
    #expect(try await bench.stored(job)?.audio != nil)
  }

  @Test func thereIsOneGuessAtATimeAndNoneOutlivesItsJob() async throws {
    let bench = try await Bench(
      engine: .hearing { (request) async throws(DictationError) -> String in
        // Until it is cancelled.
        try? await Task.sleep(for: .seconds(3600))
        throw DictationError(.cancelled, "cancelled")
      },
      sound: try sound(
        drone(seconds: 1.5), silence(300), drone(seconds: 1), silence(300), drone(seconds: 0.5)),
      guesses: true)
    let job = try await bench.record(seconds: 3.6)
    #expect(await eventually { () async in bench.engines.requests.count >= 3 })
    #expect(await eventually { () async in bench.engines.guesses.withLock { $0 } == 1 })
    _ = try await bench.pipeline.cancel(prefix: job.description)
    #expect(await bench.pipeline.outcome(of: job)?.state == .cancelled)
    #expect(await eventually { () async in bench.engines.guesses.withLock { $0 } == 0 })
  }
}

/// The samples of a recording in Tests/Fixtures/audio.
private func samples(_ name: String) -> [Int16] {
  let data = FileManager.default.contents(atPath: recording(name)) ?? Data()
  return data.dropFirst(WAVHeader.size).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
}
