import Foundation
import TestSupport
import Testing

/// What engines invent, with the built programs: it is told, and goes nowhere.
@Suite(.serialized) struct GuardTests {
  private let configuration: ALSAConfiguration
  private let sandbox: Sandbox
  private let server: FaultServer

  init() throws {
    configuration = try ALSAConfiguration()
    sandbox = try Sandbox(configuration.environment)
    server = try FaultServer()
    _ = try FaultMicrophone(
      .init { $0.file = recording("cmd_goforward.wav") }, named: "words", in: configuration)
    // A knock on the table, in a quiet room: 150 ms.
    var random = SplitMix(seed: 3)
    let knock = (0..<32_000).map { place in
      let loudness: Int16 = (16_000..<18_400).contains(place) ? 4_000 : 10
      return Int16.random(in: -loudness...loudness, using: &random)
    }
    let path = configuration.file("knock.wav")
    try WaveFile.write(knock, rate: 16_000, to: path)
    _ = try FaultMicrophone(.init { $0.file = path }, named: "knock", in: configuration)
  }

  /// Dictates from `microphone` to an engine that says `mode`; its end, and what `thoth events` told.
  private func dictate(
    _ microphone: String, to mode: String, guesses: Bool = true
  ) throws -> (end: (code: Int32, output: String, errors: String), events: String, job: String) {
    let variables = [
      "THOTH_ENGINE_URL": server.url(mode), "THOTH_ENGINE_SPECULATE": guesses ? "on" : "off",
      "THOTH_AUDIO_DEVICE": microphone,
    ]
    let events = try sandbox.follow()
    let job = String(try sandbox.thoth("record", with: variables).output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    let end = try sandbox.thoth("stop", "--wait", "--output", "stdout", with: variables)
    #expect(
      events.waitForOutput("\"from\":\"\(end.code == 0 ? "completed" : "discarded")\""), "\(events.output)")
    return (end, events.output, job)
  }

  @Test(arguments: [true, false]) func aKnockThanksNobody(guesses: Bool) throws {
    let (end, events, job) = try dictate("knock", to: "say-Thank%20you.", guesses: guesses)
    #expect(end.code == 4 && end.output == "", "\(end)")
    let told = events.split(separator: "\n").filter { $0.contains("\"type\":\"guard\"") }
    #expect(told.count == 1 && told[0].contains("\"what\":\"hallucination\""), "\(events)")
    #expect(events.contains("\"state\":\"discarded\""))
    // It may have been a word after all.
    #expect(sandbox.audio(of: job) != nil)
  }

  @Test func whoSpeaksMayThank() throws {
    let (end, events, _) = try dictate("words", to: "say-Thank%20you.")
    #expect(end.code == 0 && end.output == "Thank you.\n", "\(end)")
    #expect(!events.contains("\"type\":\"guard\""))
  }

  @Test func aLoopIsWrittenOnceAndTheHistoryKnowsTheRest() throws {
    let loop = String(repeating: "%20and%20on", count: 80)
    let (end, events, job) = try dictate("words", to: "say-Go%20forward\(loop)")
    #expect(end.code == 0 && end.output == "Go forward and on\n", "\(end)")
    #expect(events.components(separatedBy: "\"what\":\"loop\"").count == 2, "\(events)")
    #expect(
      !events.split(separator: "\n").contains { $0.contains("\"partial\"") && $0.contains("on and on") })
    let item = try sandbox.thoth("history", "show", job, "--json").output
    #expect(item.contains("and on and on and on"), "\(item)")
  }

  @Test func theWordsToExpectAreNoAnswer() throws {
    let (end, _, job) = try dictate("words", to: "ok")
    #expect(end.code == 0, "\(end)")
    func redo(_ prompt: String) throws -> (code: Int32, output: String, errors: String) {
      try sandbox.thoth(
        "history", "redo", job, "--prompt", prompt, with: ["THOTH_ENGINE_URL": server.url("prompt")])
    }
    #expect(try redo("Kubernetes, Vaultwarden, Ptah, PostgreSQL").code == 4)
    #expect(try redo("Kubernetes").code == 0)
    #expect(try sandbox.thoth("history", "show", job).output.contains("Kubernetes"))
  }
}
