import DictationTypes
import Foundation
import Glibc
import Library
import Linux
import TestSupport
import Testing

@testable import Pipeline

/// What is kept when an attempt brings no text, what counts as the last text, and what several attempts do to each
/// other.
@Suite(.serialized) struct KeepingTests {
  private static let keepsNoAudio = "[history]\nkeep_audio = \"0s\"\n"

  private func dictate(_ bench: Bench) async throws -> (JobID, Outcome?) {
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    return (job, await bench.pipeline.outcome(of: job))
  }

  @Test func speechThatTheEngineHearsNothingInIsKept() async throws {
    let bench = try await Bench(engine: .answering(""), settings: Self.keepsNoAudio)
    let (job, outcome) = try await dictate(bench)
    #expect(outcome?.exitCode == .noSpeech)
    #expect(outcome?.error?.message.contains("history redo \(job.short)") == true)
    let item = try #require(try await bench.stored(job))
    #expect(item.state == .discarded && item.audio != nil)
    bench.engines.answer("there it is")
    #expect(try await bench.pipeline.redo(item, RecordOptions(), bench.client).text == "there it is")
  }

  @Test func silenceIsNotKept() async throws {
    let bench = try await Bench(engine: .answering("x"), hasSpeech: false, settings: Self.keepsNoAudio)
    let (job, outcome) = try await dictate(bench)
    #expect(outcome?.state == .discarded)
    #expect(try await bench.stored(job)?.audio == nil)
  }

  @Test func anAttemptThatBringsNothingLeavesTheItemAsItWas() async throws {
    let bench = try await Bench(
      engine: .custom { (number) async throws(DictationError) -> String in
        switch number {
        case 1: throw DictationError(.server, "it failed")
        case 2: return ""
        default:
          try? await Task.sleep(for: .seconds(3600))
          throw DictationError(.cancelled, "cancelled")
        }
      }, settings: Self.keepsNoAudio)
    let (job, _) = try await dictate(bench)
    let item = try #require(try await bench.stored(job))
    #expect(item.state == .failed && item.audio != nil)
    #expect(try await bench.pipeline.redo(item, RecordOptions(), bench.client).state == .discarded)
    #expect(try await bench.stored(job) == item)
    let cancelled = Task { try await bench.pipeline.redo(item, RecordOptions(), bench.client) }
    #expect(await eventually { () async in bench.engines.calls == 3 })
    _ = try await bench.pipeline.cancel(prefix: job.short)
    #expect(try await cancelled.value.state == .cancelled)
    #expect(try await bench.stored(job) == item)
  }

  @Test func oneAttemptAtATime() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { number in
        if number > 1 { await gate.wait() }
        return "text \(number)"
      })
    let (job, _) = try await dictate(bench)
    let item = try #require(try await bench.stored(job))
    let attempts = (0..<3).map { _ in
      Task { try await bench.pipeline.redo(item, RecordOptions(), bench.client) }
    }
    // All but the one that waits at the gate are refused.
    let refused = Lock(0)
    for attempt in attempts {
      Task { if case .failure = await attempt.result { refused.withLock { $0 += 1 } } }
    }
    #expect(await eventually { () async in refused.withLock { $0 } == 2 })
    gate.open()
    for attempt in attempts { _ = await attempt.result }
    #expect(bench.engines.calls == 2)
  }

  @Test func theLastTextIsTheOneStoredLastWhateverTheClockSaid() async throws {
    let bench = try await Bench(engine: .answering("new"))
    var generator = SystemRandomNumberGenerator()
    let ahead = JobID(unixMilliseconds: unixMilliseconds() + 31_536_000_000, using: &generator)
    var item = Item(id: ahead, createdAt: ahead.unixMilliseconds, state: .completed)
    item.result = DictationResult(
      text: "old", transcript: Transcript(text: "old", engine: "test", model: "none"), durationMs: 1,
      timingsMs: Timings())
    #expect(await bench.storage.keep(item, durably: false) == nil)
    #expect(try await bench.pipeline.last().result?.text == "old")
    _ = try await dictate(bench)
    #expect(try await bench.pipeline.last().result?.text == "new")
    #expect(try await bench.storage.library.newestWithText()?.result?.text == "new")
  }

  /// It ends late and was said early.
  @Test func whatIsTakenUpIsNotTheLastText() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { number in
        guard number == 1 else { return "live" }
        await gate.wait()
        return "from before"
      }, started: false)
    let left = try bench.leave()
    await bench.pipeline.start()
    #expect(await eventually { () async in bench.engines.calls == 1 })
    _ = try await dictate(bench)
    gate.open()
    #expect(try await bench.stored(left)?.result?.text == "from before")
    #expect(try await bench.pipeline.last().result?.text == "live")
    #expect(try await bench.storage.library.newestWithText()?.result?.text == "live")
  }

  /// A disk that hangs while `last` asks it holds up nothing else.
  @Test func aSpoolThatHangsStopsNoCommand() async throws {
    let bench = try await Bench(engine: .answering("text"))
    // Opening it waits for whoever writes.
    let path = "\(bench.storage.spool.folder)/\(newJobID()).json"
    try FileManager.default.createDirectory(
      atPath: bench.storage.spool.folder, withIntermediateDirectories: true)
    #expect(mkfifo(path, 0o600) == 0)
    let asking = Task { try? await bench.pipeline.last() }
    let answers = Lock(0)
    Task {
      _ = await bench.pipeline.jobStates()
      answers.withLock { $0 += 1 }
      _ = try await dictate(bench)
      answers.withLock { $0 += 1 }
    }
    #expect(await eventually { () async in answers.withLock { $0 } == 2 })
    #expect(bench.sink.texts == ["text"])
    // Whoever reads meets the end of the file.
    let writer = open(path, O_RDWR | O_NONBLOCK)
    unlink(path)
    close(writer)
    _ = await asking.value
  }

  /// The same while the disk keeps the thread of the storage, for whatever reason: `status` tells it.
  @Test func aDiskThatDoesNotAnswerIsTold() async throws {
    let bench = try await Bench(engine: .answering("text"))
    #expect(await bench.storage.standing().problem == nil)
    let (isHanging, answers) = (Gate(), WakeEvent())
    let hanging = Task { await bench.storage.hang(isHanging, until: answers) }
    await isHanging.wait()
    #expect(await bench.storage.standing().problem?.message.contains("does not answer") == true)
    let (job, outcome) = try await dictate(bench)
    #expect(outcome?.state == .completed && bench.sink.texts == ["text"])
    #expect(try await bench.pipeline.last().result?.text == "text")
    answers.signal()
    await hanging.value
    #expect(try await bench.stored(job)?.result?.text == "text")
    #expect(await bench.storage.standing().problem == nil)
  }
}

extension Storage {
  /// Keeps the storage's thread, as a disk does that does not answer.
  fileprivate func hang(_ isHanging: Gate, until answers: WakeEvent) {
    isHanging.open()
    answers.wait()
  }
}
