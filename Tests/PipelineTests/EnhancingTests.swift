import DictationTypes
import Foundation
import Library
import Linux
import SpeechRecognition
import TestSupport

import Testing

@testable import Pipeline
@testable import TextOutput

/// A dictation on its way through a language model that is asked over a real socket.
@Suite struct EnhancingTests {
  private let server: FaultServer

  init() throws { server = try FaultServer() }

  private func bench(_ mode: String, _ more: String = "", profile: String = "") async throws -> Bench {
    try await Bench(
      engine: .answering("go forward"),
      settings: "[enhance]\nurl = \"\(server.url(mode))\"\nmodel = \"small\"\n\(more)\n\(profile)")
  }

  private func dictate(
    _ bench: Bench, _ choice: EnhancementChoice = .asConfigured, stop: EnhancementChoice = .asConfigured
  ) async throws -> DictationResult? {
    var options = RecordOptions()
    options.enhancement = choice
    let job = try await bench.record(options)
    _ = try await bench.pipeline.stop(method: nil, enhancement: stop, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.state == .completed)
    return try await bench.stored(job)?.result
  }

  @Test func theEditedTextIsOutputAndTheHistoryHasAllThree() async throws {
    let bench = try await bench("edit")
    let result = try await dictate(bench, .prompt("fix-grammar"))
    #expect(bench.sink.texts == ["Go forward."])
    #expect(
      result?.text == "Go forward." && result?.filteredText == "go forward" && result?.rawText == "go forward"
    )
    #expect(result?.enhanced == true && bench.enhancements.withLock { $0.isEmpty })
  }

  @Test func unlessItIsAskedForNobodyIsAsked() async throws {
    let bench = try await bench("edit")
    let result = try await dictate(bench)
    #expect(bench.sink.texts == ["go forward"] && result?.enhanced == false && result?.filteredText == nil)
    #expect(try server.asked("edit") == 0)
  }

  @Test func stopHasTheLastWord() async throws {
    let bench = try await bench("edit", "enabled = true")
    _ = try await dictate(bench, .prompt("fix-grammar"), stop: .never)
    _ = try await dictate(bench, .never, stop: .prompt("fix-grammar"))
    _ = try await dictate(bench, .never)
    _ = try await dictate(bench)
    #expect(bench.sink.texts == ["go forward", "Go forward.", "go forward", "Go forward."])
  }

  @Test(arguments: [("editor", "Go forward."), ("xterm", "go forward"), ("firefox", "Go forward.")])
  func theProfileOfTheWindowDecides(windowClass: String, text: String) async throws {
    let bench = try await bench(
      "edit", "enabled = true",
      profile:
        "[[profile]]\nmatch = \"xterm\"\nenhance = \"none\"\n[[profile]]\nmatch = \"editor\"\nenhance = \"simplify\""
    )
    bench.sink.focused.withLock {
      $0 = OutputTarget(windowClass: windowClass, topLevel: 1, focus: 1, processID: nil)
    }
    _ = try await dictate(bench)
    #expect(bench.sink.texts == [text])
  }

  private static let failures: [(String, EnhanceNotice.What, String?)] = [
    ("say-The%20answer%20is%2042.", EnhanceNotice.What.rejected, "changed"), ("500", .failed, nil),
    ("html", .failed, nil), ("hang-up", .failed, nil), ("404", .failed, nil), ("broken", .failed, nil),
    ("say-", .rejected, "empty"), ("endless", .rejected, "length"),
  ]

  @Test(arguments: failures)
  func whateverTheModelDoesTheTextGoesOn(mode: String, what: EnhanceNotice.What, reason: String?) async throws
  {
    let bench = try await bench(mode, "budget = \"60s\"")
    let result = try await dictate(bench, .prompt("fix-grammar"))
    #expect(bench.sink.texts == ["go forward"] && result?.enhanced == false)
    let notices = bench.enhancements.withLock { $0 }
    #expect(
      notices.map(\.what) == [what] && notices.first?.reason == reason
        && notices.first?.prompt == "fix-grammar")
  }

  @Test func whatComesLateWaitsInTheHistory() async throws {
    let bench = try await bench("later", "budget = \"100ms\"")
    let before = try await dictate(bench, .prompt("fix-grammar"))
    #expect(bench.sink.texts == ["go forward"] && before?.text == "go forward")
    #expect(bench.enhancements.withLock { $0.map(\.what) } == [.late])
    try server.release()
    #expect(
      await eventually { () async in bench.enhancements.withLock { $0.map(\.what) } == [.late, .ready] })
    let last = try await bench.pipeline.last()
    #expect(last.result?.text == "Go forward." && last.result?.filteredText == "go forward")
    #expect(try await bench.stored(last.id)?.result == last.result)
    #expect(bench.sink.texts == ["go forward"])
  }

  @Test func aLateAnswerDoesNotReplaceAnotherText() async throws {
    let bench = try await bench("later", "budget = \"100ms\"")
    _ = try await dictate(bench, .prompt("fix-grammar"))
    let item = try await bench.pipeline.last()
    bench.engines.answer("turn back")
    _ = try await bench.pipeline.redo(item, RecordOptions(), bench.client)
    try server.release()
    await bench.pipeline.finish(within: 60)
    #expect(try await bench.stored(item.id)?.result?.text == "turn back")
  }

  @Test func aCancelledJobAsksNobodyAnyMore() async throws {
    let bench = try await bench("never", "budget = \"60s\"")
    var options = RecordOptions()
    options.enhancement = .prompt("fix-grammar")
    let job = try await bench.record(options)
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await waits { server.waitFor("never") })
    _ = try await bench.pipeline.cancel(prefix: nil)
    #expect(await waits { server.waitFor("gone") })
    #expect(await bench.pipeline.outcome(of: job)?.state == .cancelled && bench.sink.texts.isEmpty)
  }

  @Test func thePromptMayNameTheClipboard() async throws {
    let bench = try await bench("edit")
    try FileManager.default.createDirectory(
      atPath: bench.folder.file("prompts"), withIntermediateDirectories: true)
    try bench.folder.write(
      "---\ncontext: clipboard\n---\nMend {text} with the names of {context}.", to: "prompts/mine.md")
    bench.sink.contexts.withLock { $0[.clipboard] = "Ada Lovelace" }
    _ = try await dictate(bench, .prompt("mine"))
    _ = try await dictate(bench, .prompt("fix-grammar"))
    let chats = server.chats(2)
    #expect(chats[0].contains(#"<context>\nAda Lovelace\n</context>"#) && !chats[1].contains("Ada"))
  }

  @Test func whatCannotBeDoneIsSaidBeforeTheRecording() async throws {
    let bench = try await Bench(engine: .answering("go forward"))
    var options = RecordOptions()
    options.enhancement = .prompt("nosuch")
    let unknown = await #expect(throws: CommandFailure.self) {
      try await bench.pipeline.record(newJobID(), options, bench.client)
    }
    #expect(unknown?.exitCode == .usage && unknown?.message.contains("there is no prompt \"nosuch\"") == true)
    options.enhancement = .prompt("fix-grammar")
    let missing = await #expect(throws: CommandFailure.self) {
      try await bench.pipeline.record(newJobID(), options, bench.client)
    }
    #expect(missing?.exitCode == .notConfigured && missing?.message.contains("enhance.model") == true)
    #expect(await bench.pipeline.isRecording == false)
  }

  @Test func whatIsMissingAfterwardsCostsNoText() async throws {
    let bench = try await bench("edit")
    let result = try await dictate(bench, stop: .prompt("nosuch"))
    #expect(bench.sink.texts == ["go forward"] && result?.text == "go forward")
    #expect(bench.enhancements.withLock { $0.map(\.what) } == [.failed])
  }
}
