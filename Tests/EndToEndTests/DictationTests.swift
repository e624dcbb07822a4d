import Foundation
import TestSupport
import Testing

/// The main job on real parts: a sound server, an X server with a window manager and a text widget, the embedded
/// engine, recordings of people.
@Suite(.serialized) struct DictationTests {
  @Test func speechStandsAtTheCursor() throws {
    let configuration = try ALSAConfiguration()
    let sound = try SoundServer(configuration: configuration)
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    try window.focus()
    let sandbox = try Sandbox(sound.environment.merging(["DISPLAY": display.name]) { $1 }, hasEngine: true)
    #expect(try sandbox.thoth("engine", "start").code == 0)

    let job = String(try sandbox.thoth("record").output.dropLast())
    try sound.play(recording("utt_jfk.wav"))
    let end = try sandbox.thoth("stop", "--wait")
    #expect(end.code == 0, "\(end.errors)")

    let text = String(try sandbox.thoth("last").output.dropLast())
    #expect(text.lowercased().contains("what you can do for your country"))
    #expect(window.text(awaiting: text) == text)
    // What the engine says to the same audio by itself.
    let path = sandbox.file("said.wav")
    #expect(try sandbox.thoth("history", "export", job, "-o", path).output == "\(path)\n")
    let alone = try run(
      "curl",
      [
        "-sS", "--unix-socket", sandbox.file("run/thoth/engine.sock"), "-F", "response_format=text",
        "-F", "file=@\(path)",
        "http://localhost/v1/audio/transcriptions",
      ])
    #expect(alone.code == 0, "\(alone.errors)")
    // It heard the same in one piece, and thoth in segments: a word at a seam may differ.
    let words = [alone.output, text].map { $0.split(whereSeparator: \.isWhitespace) }
    #expect(words[0].difference(from: words[1]).count <= 4, "\(words)")
  }

  @Test func whatIsSaidIsThereInThePause() throws {
    let configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(
      .init { $0.file = recording("cmd_goforward.wav") }, named: "default", in: configuration)
    let sandbox = try Sandbox(configuration.environment)
    let server = try FaultServer()
    try sandbox.writeSettings(
      """
      [[engine]]
      url = "\(server.url("ok"))"
      speculate = "on"
      [output]
      method = "none"
      """)
    let events = try sandbox.follow()
    let job = String(try sandbox.thoth("record").output.dropLast())
    // Nobody has stopped it yet.
    #expect(events.waitForOutput("\"type\":\"partial\""), "\(events.output)")
    #expect(events.output.contains("\"text\":\"all is well\""))
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    #expect(try sandbox.thoth("last").output == "all is well\n")
    #expect(events.waitForOutput("\"from\":\"completed\""))
    #expect(events.output.contains("\"guess\":"), "\(events.output)")
  }

  @Test func theEngineIsStartedAgainWhenItDiesAndGoesWithTheDaemon() throws {
    let sandbox = try Sandbox(hasEngine: true)
    #expect(try sandbox.thoth("engine", "start").code == 0)
    let first = try engineProcess(sandbox)
    kill(first, SIGKILL)
    #expect(eventually { kill(first, 0) != 0 })
    #expect(try sandbox.thoth("engine", "start").code == 0)
    let second = try engineProcess(sandbox)
    #expect(second != first)
    kill(try #require(sandbox.daemon), SIGKILL)
    #expect(eventually { kill(second, 0) != 0 })
    #expect(try sandbox.thoth("engine", "start").code == 0)
    let third = try engineProcess(sandbox)
    #expect(try sandbox.thoth("engine", "stop").code == 0)
    #expect(kill(third, 0) != 0)
    #expect(try sandbox.thoth("engine", "status").output.contains("stopped"))
  }

  @Test func anEngineThatDiesUnderARequestIsAskedAgain() throws {
    let configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(
      .init { settings in
        settings.file = recording("utt_jfk.wav")
        settings.speed = 8
      }, named: "default", in: configuration)
    let sandbox = try Sandbox(configuration.environment, hasEngine: true)
    #expect(try sandbox.thoth("engine", "start").code == 0)
    let engine = try engineProcess(sandbox)
    let events = try sandbox.start("record", "--follow", "--output", "none")
    #expect(events.waitForOutput("\"state\":\"recording\""))
    let job = try #require(events.output.firstMatch(of: /"job":"([0-9a-f-]+)"/)?.1)
    #expect(sandbox.waitForAudio(of: String(job), seconds: 10.9))
    // Frozen, it takes the request and cannot answer it before it is killed.
    kill(engine, SIGSTOP)
    #expect(try sandbox.thoth("stop").code == 0)
    #expect(events.waitForOutput("\"state\":\"transcribing\""))
    kill(engine, SIGKILL)
    #expect(events.wait() == 0, "\(events.output)")
    #expect(try sandbox.thoth("last").output.lowercased().contains("what you can do for your country"))
  }

  @Test func anEngineThatHangsIsReplaced() throws {
    let configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.speed = 4
      }, named: "default", in: configuration)
    let sandbox = try Sandbox(configuration.environment, hasEngine: true)
    try sandbox.writeSettings(
      "[[engine]]\ntimeout = \"1s\"\nspeculate = \"off\"\n[output]\nmethod = \"none\"\n")
    #expect(try sandbox.thoth("engine", "start").code == 0)
    let engine = try engineProcess(sandbox)
    kill(engine, SIGSTOP)
    let job = String(try sandbox.thoth("record").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    let end = try sandbox.thoth("stop", "--wait")
    #expect(end.code == 5)
    #expect(end.errors.contains("did not answer"))
    #expect(eventually { kill(engine, 0) != 0 })
    #expect(try sandbox.thoth("engine", "start").code == 0)
    #expect(try engineProcess(sandbox) != engine)
  }

  @Test func anEngineWithNothingToDoIsUnloaded() throws {
    let sandbox = try Sandbox(hasEngine: true)
    try sandbox.writeSettings("[[engine]]\nidle_unload = \"1s\"\n")
    let events = try sandbox.follow()
    #expect(try sandbox.thoth("engine", "start").code == 0)
    let engine = try engineProcess(sandbox)
    #expect(events.waitForOutput("\"what\":\"unloaded\""))
    #expect(eventually { kill(engine, 0) != 0 })
    #expect(try sandbox.thoth("engine", "status").output.contains("stopped"))
  }

  @Test func anUnknownModelIsToldAtOnce() throws {
    let sandbox = try Sandbox(hasEngine: true)
    try sandbox.writeSettings("[[engine]]\nmodel = \"colossal\"\n")
    let answer = try sandbox.thoth("engine", "start")
    #expect(answer.code != 0)
    #expect(answer.errors.contains("colossal"), "\(answer.errors)")
  }

  private func engineProcess(_ sandbox: Sandbox) throws -> Int32 {
    let status = try sandbox.thoth("engine", "status").output
    return try #require(status.firstMatch(of: /process (\d+)/).flatMap { Int32($0.1) }, "\(status)")
  }
}
