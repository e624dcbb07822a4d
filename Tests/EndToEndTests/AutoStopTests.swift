import Foundation
import TestSupport
import Testing

/// Recordings that end by themselves, from the command line.
@Suite(.serialized) struct AutoStopTests {
  private let sandbox: Sandbox
  private let server: FaultServer
  private let microphone: FaultMicrophone

  init() throws {
    let configuration = try ALSAConfiguration()
    // Four words of 2.8 s in all, then digital silence for ever.
    let settings = FaultMicrophone.Settings {
      $0.file = recording("cmd_goforward.wav")
      $0.isPatient = true
      $0.speed = 4
    }
    microphone = try FaultMicrophone(settings, named: "default", in: configuration)
    sandbox = try Sandbox(configuration.environment)
    server = try FaultServer()
    try writeSettings()
  }

  private func writeSettings(_ audio: String = "") throws {
    try sandbox.writeSettings(
      "[audio]\n\(audio)\n[[engine]]\nurl = \"\(server.url("ok"))\"\n[output]\nmethod = \"none\"\n")
  }

  private func whats(_ events: String) -> [String] {
    events.matches(of: /"what":"([a-z_]+)"/).map { String($0.1) }
  }

  @Test func aPauseAfterSpeechEndsTheRecording() throws {
    let record = try sandbox.thoth("record", "--auto-stop=1s", "--follow")
    #expect(record.code == 0, "\(record.errors)")
    let told = whats(record.output)
    #expect(told.first == "speech_start" && told.suffix(2) == ["speech_end", "auto_stop"], "\(told)")
    #expect(record.output.contains("Nobody has spoken for 1.0 s"))
    let job = try #require(record.output.firstMatch(of: /"job":"([0-9a-f-]+)"/)).1
    // The pause is part of the recording: nothing is cut from its end. The last word ends after about 2 s.
    let audio = try #require(sandbox.audio(of: String(job)))
    #expect(audio.count > 32_000 * 28 / 10, "\(audio.count)")
  }

  @Test func thePauseIsTwoSecondsUnlessSaidOtherwise() throws {
    let record = try sandbox.thoth("record", "--auto-stop", "--follow")
    #expect(record.code == 0 && record.output.contains("Nobody has spoken for 2.0 s"))
  }

  @Test func theSettingAndTheVariableDoSoToo() throws {
    let events = try sandbox.follow()
    try writeSettings("auto_stop = \"1500ms\"")
    #expect(events.waitForOutput("\"reloaded\""))
    #expect(try sandbox.thoth("toggle").code == 0)
    #expect(events.waitForOutput("Nobody has spoken for 1.5 s"))
    #expect(events.waitForOutput("\"state\":\"completed\""))
    #expect(try sandbox.thoth("record", with: ["THOTH_AUDIO_AUTO_STOP": "600ms"]).code == 0)
    #expect(events.waitForOutput("Nobody has spoken for 0.6 s"))
  }

  @Test func offGoesBeforeTheSetting() throws {
    try writeSettings("auto_stop = \"500ms\"")
    let job = String(try sandbox.thoth("record", "--auto-stop=off").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 8))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
  }

  @Test func withoutAWordItGoesOn() throws {
    let noise = sandbox.file("home/noise.wav")
    var seed: UInt32 = 1
    let samples = (0..<80_000).map { _ in
      seed = seed &* 1_664_525 &+ 1_013_904_223
      return Int16(truncatingIfNeeded: Int(seed >> 26) - 32)
    }
    try WaveFile.write(samples, rate: 16_000, to: noise)
    try microphone.become(
      .init {
        $0.isPatient = true
        $0.speed = 8
        $0.file = noise
      })
    let job = String(try sandbox.thoth("record", "--auto-stop=500ms").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 12))
    #expect(try sandbox.thoth("status").output.contains("recording"))
    let end = try sandbox.thoth("stop", "--wait")
    #expect(end.code == 4 && end.errors.contains("no speech"), "\(end.errors)")
  }

  @Test(arguments: ["soon", "100ms", "11m", "-1s", "99999999999999999999s"])
  func aTimeThatIsNoneIsRefused(text: String) throws {
    let record = try sandbox.thoth("record", "--auto-stop=\(text)")
    #expect(record.code == 2 && record.output.isEmpty)
    #expect(record.errors.contains("--auto-stop: \"\(text)\" is"), "\(record.errors)")
    #expect(try sandbox.thoth("status").output.contains("idle"))
  }
}
