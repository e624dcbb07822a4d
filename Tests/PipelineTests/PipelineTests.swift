import Configuration
import DictationTypes
import Foundation
import Library
import Linux
import SpeechRecognition
import TestSupport
import Testing
import TextOutput

@testable import Pipeline

/// The coordinator on the real capture path, with an engine and a sink whose outcomes the test decides.
@Suite(.serialized) struct PipelineTests {
  @Test func aDictationGoesThroughEveryState() async throws {
    let bench = try await Bench(engine: .answering("hello  world"))
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    let outcome = await bench.pipeline.outcome(of: job)
    #expect(outcome?.state == .completed)
    #expect(outcome?.text == "hello world")
    #expect(
      bench.states(of: job) == [
        .recording, .transcribing, .filtering, .enhancing, .outputting, .completed,
      ])
    #expect(bench.sink.texts == ["hello world"])
    #expect(try await bench.pipeline.last().result?.text == "hello world")
    let item = try await bench.stored(job)
    #expect(item?.result?.text == "hello world" && item?.state == .completed)
    #expect(item?.audio.map { $0.frames > 40_000 } == true)
  }

  @Test func textsLeaveInTheOrderOfTheRecordings() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { number in
        // The first answer comes only after the second.
        if number == 1 { await gate.wait() }
        if number == 2 { gate.open() }
        return "text \(number)"
      })
    var jobs: [JobID] = []
    for _ in 0..<2 {
      jobs.append(try await bench.record())
      _ = try await bench.pipeline.stop(method: nil, bench.client)
    }
    for job in jobs { #expect(await bench.pipeline.outcome(of: job)?.state == .completed) }
    #expect(bench.sink.texts == ["text 1", "text 2"])
  }

  @Test func aFailedOutputLeavesTheTextOnTheClipboardAndInLast() async throws {
    let bench = try await Bench(engine: .answering("precious"))
    bench.sink.failure.withLock { $0 = DictationError(.output, "the window closed") }
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    let outcome = await bench.pipeline.outcome(of: job)
    #expect(outcome?.exitCode == .outputFailed)
    #expect(outcome?.error?.message.contains("clipboard") == true)
    #expect(bench.sink.clipboard.withLock { $0 } == "precious")
    #expect(try await bench.pipeline.last().result?.text == "precious")
  }

  @Test func silenceIsNotSent() async throws {
    let bench = try await Bench(engine: .answering("invented"), hasSpeech: false)
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.exitCode == .noSpeech)
    #expect(bench.states(of: job) == [.recording, .discarded])
    #expect(bench.engines.calls == 0)
  }

  /// Tasks throw random commands at the coordinator while its engine answers, fails, and hangs: afterwards no job
  /// is left, every job's events are a way through the table, and the next dictation works.
  @Test(arguments: [1, 2, 3] as [UInt64]) func randomCommandsLeaveNothingStuck(seed: UInt64) async throws {
    let bench = try await Bench(
      engine: .custom { (number) async throws(DictationError) -> String in
        switch number % 4 {
        case 0: throw DictationError(.server, "it failed")
        case 1:
          try? await Task.sleep(for: .seconds(3600))
          throw DictationError(.cancelled, "cancelled")
        default: return "text"
        }
      })
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          var generator = SplitMix(seed: seed * 17 + UInt64(worker))
          for _ in 0..<25 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1: _ = try? await bench.record()
            case 2, 3: _ = try? await bench.pipeline.stop(method: nil, bench.client)
            default: _ = try? await bench.pipeline.cancel(prefix: nil)
            }
          }
        }
      }
    }
    _ = await bench.pipeline.cancelAll()
    #expect(await eventually { await bench.pipeline.jobStates().isEmpty })
    for (job, way) in bench.allStates() {
      var state = PipelineState.idle
      for next in way {
        #expect(JobInput.allCases.contains { StateMachine.next(state, $0)?.state == next }, "\(job): \(way)")
        state = next
      }
      #expect(state.isTerminal, "\(job): \(way)")
    }
    bench.engines.answer("after")
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.text == "after")
  }
}

/// A door that tasks wait at, cancelled or not, and another opens.
final class Gate: Sendable {
  private let waiters = Lock<[CheckedContinuation<Void, Never>]?>([])

  func open() {
    let all = waiters.withLock { waiters in
      defer { waiters = nil }
      return waiters
    }
    all?.forEach { $0.resume() }
  }

  func wait() async {
    await withCheckedContinuation { waiter in
      let isOpen = waiters.withLock { waiters in
        waiters?.append(waiter)
        return waiters == nil
      }
      if isOpen { waiter.resume() }
    }
  }
}
