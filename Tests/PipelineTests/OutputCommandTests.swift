import DictationTypes
import Foundation
import Library
import Linux
import TestSupport
import Testing

@testable import Pipeline

/// Texts that go to a command of the user's own: real commands, which the shell runs.
@Suite(.serialized) struct OutputCommandTests {
  private let folder: TemporaryFolder
  private let wayland = ClientContext(environment: [
    "DISPLAY": ":none", "WAYLAND_DISPLAY": "wayland-7", "THOTH_AUDIO_VAD": "2",
  ])

  init() throws {
    folder = try TemporaryFolder()
    signal(SIGPIPE, SIG_IGN)
  }

  /// `OUT` in `command` is a file in the folder.
  private func bench(_ command: String, method: String, says text: String = "said") async throws -> Bench {
    let line = command.replacing("OUT", with: folder.file("out"))
    return try await Bench(
      engine: .answering(text), settings: "[output]\nmethod = \"\(method)\"\ncommand = '\(line)'\n")
  }

  private func dictate(_ bench: Bench, _ client: ClientContext) async throws -> Outcome? {
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, client)
    return await bench.pipeline.outcome(of: job)
  }

  @Test func theTextIsOnStandardInputAndNowhereElse() async throws {
    let bench = try await bench(
      "{ tr \"\\\\000\" \" \" </proc/$$/cmdline; echo; env; cat; } >OUT", method: "command")
    #expect(try await dictate(bench, wayland)?.state == .completed)
    let out = try #require(folder.read("out"))
    #expect(out.hasSuffix("\nsaid") && out.components(separatedBy: "said").count == 2, "\(out)")
    #expect(out.contains("\nWAYLAND_DISPLAY=wayland-7\n") && out.contains("\nDISPLAY=:none\n"), "\(out)")
    #expect(!out.contains("THOTH_AUDIO_VAD") && !out.contains("XDG_CURRENT_DESKTOP"), "\(out)")
    let report = try await bench.pipeline.last().result?.output
    #expect(report == OutputReport(method: .command, chars: 4))
    #expect(bench.sink.texts.isEmpty)
  }

  @Test func autoIsTheCommandInAWaylandSessionAlone() async throws {
    let bench = try await bench("cat >OUT", method: "auto")
    #expect(try await dictate(bench, bench.client)?.state == .completed)
    #expect(bench.sink.texts == ["said"] && folder.read("out") == nil)
    #expect(try await dictate(bench, wayland)?.state == .completed)
    #expect(bench.sink.texts == ["said"] && folder.read("out") == "said")
    try await bench.pipeline.put("again", .auto, wayland)
    #expect(folder.read("out") == "again")
    try await bench.pipeline.put("typed", .type, wayland)
    #expect(bench.sink.texts == ["said", "typed"])
  }

  @Test func whatIsNoTextIsLeftOutAndCounted() async throws {
    let bench = try await bench("cat >OUT", method: "command", says: "so\u{202E}me te\u{E0041}xt")
    #expect(try await dictate(bench, wayland)?.state == .completed)
    #expect(folder.read("out") == "some text")
    #expect(try await bench.pipeline.last().result?.output?.stripped == 2)
  }

  @Test func aCommandThatFailsLosesNothing() async throws {
    let bench = try await bench("printf \"no \\\\033[31mcompositor\\\\n\" >&2; exit 3", method: "command")
    let outcome = try #require(try await dictate(bench, wayland))
    #expect(outcome.exitCode == .outputFailed)
    let message = outcome.error?.message ?? ""
    #expect(message.contains("ended with 3: no [31mcompositor. The text is kept"), "\(message)")
    #expect(bench.sink.clipboard.withLock { $0 } == "said")
    #expect(try await bench.pipeline.last().result?.text == "said")
  }

  @Test func withoutACommandNothingIsRecorded() async throws {
    let bench = try await Bench(engine: .answering("said"))
    var options = RecordOptions()
    options.method = .command
    var failure: CommandFailure?
    do throws(CommandFailure) {
      try await bench.pipeline.record(newJobID(), options, wayland)
    } catch {
      failure = error
    }
    #expect(failure == CommandFailure(.notConfigured, OutputCommand.missing))
    // It is named at the stop for the first time: the text is there all the same.
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: .command, wayland)
    let outcome = await bench.pipeline.outcome(of: job)
    #expect(outcome?.exitCode == .outputFailed && outcome?.text == "said")
    #expect(outcome?.error?.message.contains("`thoth config set output.command") == true)
  }

  @Test func aCommandIsEndedWithItsJob() async throws {
    let bench = try await bench("echo $$ >OUT; exec sleep 1000", method: "command")
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, wayland)
    #expect(await eventually { () async in folder.read("out")?.hasSuffix("\n") == true })
    let process = try #require(folder.read("out").flatMap { Int32($0.dropLast()) })
    _ = try await bench.pipeline.cancel(prefix: job.short)
    #expect(await bench.pipeline.outcome(of: job)?.state == .cancelled)
    #expect(await eventually { () async in kill(process, 0) != 0 })
  }

  @Test(
    .enabled(
      if: WaylandCompositor.isInstalled, "sway is not installed (apt-get install sway foot wtype)"))
  func wtypeTypesIntoAWaylandWindow() async throws {
    let compositor = try WaylandCompositor()
    let text = "Hello wörld, Привет γεια 漢字 한국 😀 👩‍💻 e\u{301} — “end” שלום \\ $HOME"
    let bench = try await bench("wtype -", method: "auto", says: text)
    let client = ClientContext(environment: ["WAYLAND_DISPLAY": compositor.socket])
    let outcome = try await dictate(bench, client)
    #expect(outcome?.state == .completed, "\(outcome?.error?.message ?? "")")
    #expect(compositor.text(awaiting: text) == text)
  }
}
