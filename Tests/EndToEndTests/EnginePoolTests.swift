import Foundation
import TestSupport
import Testing

/// Several engines, from the command line.
@Suite(.serialized) struct EnginePoolTests {
  private let microphone: FaultMicrophone
  private let configuration: ALSAConfiguration
  private let sandbox: Sandbox
  private let server: FaultServer

  init() throws {
    configuration = try ALSAConfiguration()
    microphone = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.speed = 4
      }, named: "default", in: configuration)
    sandbox = try Sandbox(configuration.environment)
    server = try FaultServer()
  }

  /// Puts two engines in force, which behave as `modes` and are asked after the stop alone.
  private func configure(_ modes: (String, String), _ more: String = "") throws {
    try sandbox.writeSettings(
      """
      [output]
      method = "none"
      [[engine]]
      name = "first"
      url = "\(server.url(modes.0))"
      speculate = "off"
      \(more)
      [[engine]]
      name = "second"
      url = "\(server.url(modes.1))"
      """)
  }

  /// Records the words, and waits for the job's end.
  private func dictate() throws -> (job: String, events: String, code: Int32) {
    let following = try sandbox.follow()
    let begun = try sandbox.thoth("record")
    try #require(begun.code == 0, "\(begun.errors)")
    let job = String(begun.output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    let end = try sandbox.thoth("stop", "--wait")
    // The last line: idle, from the state in which the job ended.
    #expect(following.waitForOutput("\"from\":\"\(end.code == 0 ? "completed" : "failed")\""))
    return (job, following.output + end.errors, end.code)
  }

  @Test(arguments: ["500", "429", "401", "html", "close"])
  func theSecondEngineTakesTheFirstOnesPlace(mode: String) throws {
    try configure((mode, "ok"))
    let (_, events, code) = try dictate()
    #expect(code == 0)
    #expect(try sandbox.thoth("last").output == "all is well\n")
    let failover = try #require(events.split(separator: "\n").first { $0.contains("\"what\":\"failover\"") })
    #expect(failover.contains("\"engine\":\"second\"") && failover.contains("\"reason\":"))
    #expect(events.contains("\"engine\":\"second\",\"enhanced\""))
  }

  @Test func theFirstMayBeOutOfReach() throws {
    try configure(("never", "ok"), "timeout = \"1s\"")
    #expect(try dictate().code == 0)
    #expect(server.waitFor("gone"))
    try sandbox.writeSettings(
      """
      [output]
      method = "none"
      [[engine]]
      name = "first"
      url = ["http://127.0.0.1:1/v1", "http://name.invalid/v1"]
      speculate = "off"
      [[engine]]
      name = "second"
      url = "\(server.url("ok"))"
      """)
    #expect(
      try eventually { try sandbox.thoth("config", "get", "engine.first.url").output.contains("invalid") })
    let (_, events, code) = try dictate()
    #expect(code == 0)
    #expect(events.split(separator: "\n").count { $0.contains("\"what\":\"failover\"") } == 2)
  }

  @Test func theEmbeddedEngineMayBeTheSecond() throws {
    let sandbox = try Sandbox(configuration.environment, hasEngine: true)
    try sandbox.writeSettings(
      """
      [output]
      method = "none"
      [[engine]]
      name = "office"
      url = "\(server.url("500"))"
      speculate = "off"
      [[engine]]
      name = "embedded"
      """)
    let job = String(try sandbox.thoth("record").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    // It is started when it is needed, not before.
    #expect(try sandbox.thoth("engine", "status").output.contains("stopped"))
    let end = try sandbox.thoth("stop", "--wait")
    #expect(end.code == 0, "\(end.errors)")
    #expect(try sandbox.thoth("last").output.lowercased().contains("forward"))
    #expect(
      try sandbox.thoth("engine", "list").output.contains(
        "embedded, model default, at unix:engine.sock: ready, "))
  }

  @Test func whenAllFailTheAudioIsKept() throws {
    try configure(("403", "500"))
    let (job, events, code) = try dictate()
    #expect(code == 5)
    #expect(events.contains("\"first\" (auth) failed, and then the engine \"second\" failed (500)"))
    #expect(events.contains("`thoth history redo \(job.prefix(13))` tries again"))
    #expect(sandbox.audio(of: job) != nil)
    // One that works may be named, and then it is the only one.
    try configure(("403", "ok"))
    #expect(
      try eventually { try sandbox.thoth("config", "get", "engine.second.url").output.contains("/ok/") })
    #expect(try sandbox.thoth("history", "redo", job, "--engine", "second").output == "all is well\n")
  }

  @Test func aLateEngineIsHedged() throws {
    try configure(("never", "ok"), "hedge = \"100ms\"")
    let (_, events, code) = try dictate()
    #expect(code == 0)
    #expect(try sandbox.thoth("last").output == "all is well\n")
    #expect(events.contains("\"what\":\"hedge\""))
    // The one that was late was told to stop.
    #expect(server.waitFor("gone"))
  }

  @Test func enginesAreListedWithWhatTheyHaveDone() throws {
    try configure(("500", "ok"))
    #expect(
      try sandbox.thoth("engine", "list").output.split(separator: "\n").allSatisfy {
        $0.hasSuffix("not asked yet")
      })
    #expect(try dictate().code == 0)
    let lines = try sandbox.thoth("engine", "list").output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      lines[0].hasPrefix(
        "first, model default, at \(server.url("500")): fails: the engine \"first\" failed (500)"))
    #expect(lines[1].hasPrefix("second, model default, at ") && lines[1].hasSuffix(" ms, 1 answered"))
    let json = try sandbox.thoth("engine", "list", "--json").output
    #expect(json.contains("\"addresses\":[{\"answers\":0,\"failures\":1,\"last_error\":"))
    #expect(json.contains("\"latency_ms\":"))
  }

  @Test func enginesAreMeasured() throws {
    try configure(("500", "echo"))
    let bench = try sandbox.thoth("engine", "bench", "--rounds", "2", "--file", recording("utt_jfk.wav"))
    #expect(bench.code == 9)
    #expect(bench.output.hasPrefix("first, model default: the engine \"first\" failed (500)"))
    #expect(bench.output.contains("second, model default: median "))
    #expect(bench.output.contains(" of 2; ") && bench.output.contains("\n  response_format="))
    let json = try sandbox.thoth("engine", "bench", "--engine", "second", "--json")
    #expect(json.code == 0, "\(json.errors)")
    let found = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
    #expect(found?.count == 1 && found?.first?["rounds"] as? Int == 5)
    #expect(found?.first?["median_ms"] as? Double ?? 0 > 0)
    // The recording that comes with thoth.
    #expect(found?.first?["audio_ms"] as? Int == 2990)
    #expect(try sandbox.thoth("engine", "bench", "--engine", "first").code == 5)
  }

  @Test(
    arguments: [
      (["--rounds", "0"], 2, "from 1 to 1000"), (["--engine", "third"], 2, "first, second can be named"),
      (["--file", "/no/such.wav"], 1, "is gone"), (["--file", "/etc/hostname"], 5, "no WAV file"),
    ] as [([String], Int32, String)])
  func whatCannotBeMeasuredIsTold(options: [String], code: Int32, sentence: String) throws {
    try configure(("ok", "ok"))
    let answer = try run(
      Sandbox.program("thoth"), ["engine", "bench"] + options, environment: sandbox.environment)
    #expect(answer.code == code)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }
}
