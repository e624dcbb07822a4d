import DictationTypes
import Foundation
import Library
import Linux
import TestSupport
import Testing

@testable import Pipeline

/// What an earlier daemon left, and what is transcribed again.
@Suite(.serialized) struct RecoveryTests {
  @Test func aRecordingThatNobodyEndedIsTakenUp() async throws {
    let bench = try await Bench(engine: .answering("from before"), started: false)
    let left = try bench.leave()
    try await bench.pipeline.start()
    #expect(await bench.pipeline.recovered == [left])
    let item = try await bench.stored(left)
    #expect(item?.result?.text == "from before" && item?.isRecovered == true)
    #expect(item?.audio != nil)
    #expect(bench.sink.texts.isEmpty)
    #expect(try await bench.pipeline.last().id == left)
    #expect(try await bench.storage.leftovers().isEmpty)
    // Nothing was recorded, and nothing says so.
    #expect(!bench.states(of: left).contains(.recording))
  }

  @Test func aRecordingWithNothingInItIsForgotten() async throws {
    let bench = try await Bench(engine: .answering("invented"), started: false)
    let left = try bench.leave()
    truncate(bench.storage.spool.audioPath(left), 44)
    try await bench.pipeline.start()
    #expect(await bench.pipeline.recovered.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: bench.storage.spool.audioPath(left)))
  }

  /// Killed while it was being output: the text is there, and is neither asked for nor output again.
  @Test func aTextThatWasBeingOutputIsKept() async throws {
    let bench = try await Bench(engine: .answering("again"), started: false)
    let left = try bench.leave()
    var item = Item(id: left, createdAt: left.unixMilliseconds, state: .outputting)
    item.result = DictationResult(
      text: "said", transcript: Transcript(text: "said", engine: "test", model: "none"), durationMs: 1,
      timingsMs: Timings())
    #expect(await bench.storage.keep(item, durably: false) == nil)
    try await bench.pipeline.start()
    let stored = try await bench.stored(left)
    #expect(stored?.result?.text == "said" && stored?.state == .completed && stored?.isRecovered == true)
    #expect(bench.engines.calls.withLock { $0 } == 0)
    #expect(bench.sink.texts.isEmpty)
  }

  @Test func aRecoveredRecordingHoldsNobodyUpAndIsTriedAgain() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { (number) async throws(DictationError) -> String in
        guard number == 1 else { return "live" }
        await gate.wait()
        throw DictationError(.rateLimit, "not now", retryable: true)
      }, started: false)
    let left = try bench.leave()
    try await bench.pipeline.start()
    #expect(await eventually { () async in bench.engines.calls.withLock { $0 } == 1 })
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.text == "live")
    gate.open()
    #expect(await eventually { await bench.pipeline.outcome(of: left)?.state == .failed })
    #expect(await eventually { (try? await bench.storage.leftovers().map(\.job)) == [left] })
  }

  /// A recording that is taken up while another one runs is the newest job, but not the one to stop or cancel.
  @Test func stopMeansTheRecordingAndNotWhatIsTakenUp() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { number in
        if number == 1 { await gate.wait() }
        return "text"
      }, started: false)
    let left = [try bench.leave(), try bench.leave()]
    try await bench.pipeline.start()
    #expect(await eventually { () async in bench.engines.calls.withLock { $0 } == 1 })
    let job = try await bench.record()
    gate.open()
    #expect(await eventually { await bench.pipeline.outcome(of: left[1])?.state == .completed })
    #expect(try await bench.pipeline.stop(method: nil, bench.client) == job)
    #expect(await bench.pipeline.outcome(of: job)?.state == .completed)
  }

  @Test func aFailedDictationIsDoneAgain() async throws {
    let bench = try await Bench(
      engine: .custom { (number) async throws(DictationError) -> String in
        if number % 2 == 1 { throw DictationError(.server, "it failed") }
        return "text \(number)"
      })
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    let outcome = await bench.pipeline.outcome(of: job)
    #expect(outcome?.error?.message.contains("history redo \(job.short)") == true)
    var item = try #require(try await bench.stored(job))
    #expect(item.state == .failed && item.audio != nil)
    #expect(try await bench.pipeline.redo(item, RecordOptions(), bench.client).text == "text 2")
    item = try #require(try await bench.stored(job))
    #expect(item.state == .completed && item.result?.text == "text 2" && item.error == nil)
    // An attempt that fails does not cost the text that was there.
    #expect(try await bench.pipeline.redo(item, RecordOptions(), bench.client).state == .failed)
    #expect(try await bench.stored(job)?.result?.text == "text 2")
    #expect(bench.sink.texts.isEmpty)
  }
}
