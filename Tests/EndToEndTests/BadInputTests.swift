import Foundation
import TestSupport
import Testing

/// What goes wrong on the way of a dictation: each ends with its exit code and one sentence, and loses no audio.
@Suite(.serialized) struct BadInputTests {
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
    _ = try FaultMicrophone(.init { $0.openErrno = EBUSY }, named: "busy", in: configuration)
    var silence = try #require(FileManager.default.contents(atPath: recording("cmd_goforward.wav")))
    silence.replaceSubrange(44..., with: Data(count: silence.count - 44))
    let path = configuration.file("silence.wav")
    try silence.write(to: URL(fileURLWithPath: path))
    _ = try FaultMicrophone(.init { $0.file = path }, named: "mute", in: configuration)
    sandbox = try Sandbox(configuration.environment)
    server = try FaultServer()
  }

  /// The variables for an engine that behaves as `mode` and is asked after the stop alone.
  private func engine(_ mode: String) -> [String: String] {
    ["THOTH_ENGINE_URL": server.url(mode), "THOTH_ENGINE_SPECULATE": "off"]
  }

  /// Records the words with an engine that behaves as `mode`, and stops.
  private func dictate(
    _ mode: String, _ options: String..., with variables: [String: String] = [:]
  ) throws -> (job: String, end: (code: Int32, output: String, errors: String)) {
    let variables = engine(mode).merging(variables) { $1 }
    let begun = try sandbox.thoth("record", with: variables)
    try #require(begun.code == 0, "\(begun.errors)")
    let job = String(begun.output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    let environment = sandbox.environment.merging(variables) { _, new in new }
    let end = try run(Sandbox.program("thoth"), ["stop", "--wait"] + options, environment: environment)
    return (job, end)
  }

  @Test(
    arguments: [
      ("401", 5, "refused the key (401): the server says 401"), ("403", 5, "(403)"),
      ("429", 5, "fewer requests (429)"), ("503", 5, "failed (503)"),
      ("500", 5, "failed (500): the server says 500"),
      ("404", 6, "no such address or model (404)"), ("413", 5, "does not take this recording (413)"),
      ("302", 5, "answered 302"), ("html", 5, "text/html that is no transcript"),
      ("empty", 5, "answered nothing"),
      ("wrong-json", 5, "no transcript"), ("close", 5, "broke"), ("hang-up", 5, "broke"),
      ("huge", 5, "more than 16 MB"),
      ("no-speech", 4, "heard no words"),
    ] as [(String, Int32, String)])
  func anEngineThatMisbehaves(mode: String, code: Int32, sentence: String) throws {
    let (job, end) = try dictate(mode, "--output", "none")
    #expect(end.code == code)
    #expect(end.errors.contains(sentence), "\(end.errors)")
    #expect(end.errors.split(separator: "\n").count == 1)
    #expect(sandbox.audio(of: job) != nil)
    if code != 6 { #expect(end.errors.contains("thoth history redo \(job.prefix(13))")) }
  }

  @Test func anEngineThatNeverAnswers() throws {
    let (job, end) = try dictate("never", with: ["THOTH_ENGINE_TIMEOUT": "1s"])
    #expect(end.code == 5)
    #expect(end.errors.contains("did not answer"))
    #expect(sandbox.audio(of: job) != nil)
    #expect(server.waitFor("gone"))
  }

  @Test func anEngineThatIsNotThere() throws {
    let (job, end) = try dictate("", with: ["THOTH_ENGINE_URL": "http://127.0.0.1:1/v1"])
    #expect(end.code == 5)
    #expect(end.errors.contains("does not accept connections"))
    #expect(sandbox.audio(of: job) != nil)
  }

  @Test func anEngineThatIsNotInstalled() throws {
    let (job, end) = try dictate("", with: ["THOTH_ENGINE_URL": "unix:engine.sock"])
    #expect(end.code == 6)
    #expect(end.errors.contains("`thoth engine install`"))
    #expect(sandbox.audio(of: job) != nil)
  }

  @Test func noDisplay() throws {
    let (_, end) = try dictate("ok")
    #expect(end.code == 7)
    #expect(end.errors.contains("DISPLAY"))
    #expect(try sandbox.thoth("last").output == "all is well\n")
  }

  @Test func aDisplayThatIsNotThere() throws {
    let (_, end) = try dictate("ok", with: ["DISPLAY": ":4711"])
    #expect(end.code == 7)
    #expect(end.errors.contains(":4711"))
    #expect(try sandbox.thoth("last").output == "all is well\n")
  }

  @Test(arguments: [("nowhere", "no microphone called nowhere"), ("busy", "in use")])
  func aMicrophoneThatCannotBeOpened(device: String, sentence: String) throws {
    // The default one would take its place.
    try microphone.become(.init { $0.openErrno = ENODEV })
    let answer = try sandbox.thoth("record", "--device", device)
    #expect(answer.code == 6)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(try sandbox.thoth("status").output.hasPrefix("idle"))
    // Nothing is stuck: the next one records.
    try microphone.become(.init())
    #expect(try sandbox.thoth("record").code == 0)
    #expect(try sandbox.thoth("cancel").code == 0)
  }

  @Test func noMicrophoneAtAll() throws {
    let configuration = try ALSAConfiguration()
    try configuration.define("default", "type hw card 31")
    let poor = try Sandbox(configuration.environment)
    let answer = try poor.thoth("record")
    #expect(answer.code == 6)
    #expect(answer.errors.contains("`thoth devices`"), "\(answer.errors)")
  }

  @Test func silenceIsDiscarded() throws {
    let begun = try sandbox.thoth("record", "--device", "mute", with: ["THOTH_ENGINE_URL": server.url("ok")])
    try #require(begun.code == 0, "\(begun.errors)")
    #expect(sandbox.waitForAudio(of: String(begun.output.dropLast()), seconds: 0.5))
    let end = try sandbox.thoth("stop", "--wait", "--output", "stdout")
    #expect(end.code == 4)
    #expect(end.output.isEmpty)
    #expect(end.errors.hasPrefix("thoth: The microphone mute gave only digital silence: unmute it"))
  }

  @Test func commandsThatComeAtTheWrongTime() throws {
    let stopped = try sandbox.thoth("stop")
    #expect(stopped.code == 3)
    #expect(stopped.errors.contains("`thoth record`"))
    #expect(try sandbox.thoth("cancel").code == 3)
    #expect(try sandbox.thoth("last").code == 3)
    #expect(try sandbox.thoth("record").code == 0)
    let again = try sandbox.thoth("record")
    #expect(again.code == 3)
    #expect(again.errors.contains("already recording"))
    #expect(try sandbox.thoth("cancel", "zzz").code == 3)
    #expect(try sandbox.thoth("cancel").code == 0)
    #expect(try sandbox.thoth("record", "--language", "English!").code == 2)
    #expect(try sandbox.thoth("sing").code == 2)
  }

  @Test func cancelWhileRecording() throws {
    let following = try sandbox.start("record", "--follow", with: ["THOTH_ENGINE_URL": server.url("ok")])
    #expect(following.waitForOutput("\"state\":\"recording\""))
    #expect(try sandbox.thoth("cancel").code == 0)
    #expect(following.wait() == 130)
    #expect(following.output.contains("\"state\":\"cancelled\""))
    #expect(try sandbox.thoth("stop").code == 3)
  }

  @Test func cancelWhileTheEngineWorks() throws {
    let job = String(try sandbox.thoth("record", with: engine("never")).output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2))
    let stopping = try sandbox.start("stop", "--wait")
    #expect(server.waitFor("never"))
    #expect(try sandbox.thoth("status").output.hasPrefix("transcribing"))
    #expect(try sandbox.thoth("cancel", String(job.prefix(20))).code == 0)
    #expect(stopping.wait() == 130)
    // The transfer itself was aborted.
    #expect(server.waitFor("gone"))
    #expect(sandbox.audio(of: job) != nil)
  }

  @Test func aVanishingMicrophoneKeepsWhatWasSaid() throws {
    let following = try sandbox.start(
      "record", "--follow", "--output", "none", with: ["THOTH_ENGINE_URL": server.url("ok")])
    #expect(following.waitForOutput("\"state\":\"recording\""))
    let job = try #require(following.output.firstMatch(of: /"job":"([0-9a-f-]+)"/)?.1)
    #expect(sandbox.waitForAudio(of: String(job), seconds: 2))
    try microphone.become(.init { $0.openErrno = ENODEV })
    microphone.happen("unplug")
    #expect(following.wait() == 0)
    #expect(following.output.contains("\"what\":\"device_lost\""))
    #expect(following.output.contains("all is well"))
  }
}
