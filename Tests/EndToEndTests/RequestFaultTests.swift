import Foundation
import TestSupport
import Testing

/// Engines that cannot be asked, or do not answer, from the command line: the exit code, the events, and the audio.
@Suite(.serialized) struct RequestFaultTests {
  private let microphone: FaultMicrophone
  private let sandbox: Sandbox

  init() throws {
    let configuration = try ALSAConfiguration()
    microphone = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.speed = 4
      }, named: "default", in: configuration)
    sandbox = try Sandbox(configuration.environment)
  }

  /// Records the words, and has the engine at `url` asked for them once: after the stop.
  private func dictate(_ url: String, timeout: Int = 60) throws -> (
    job: String, end: (code: Int32, output: String, errors: String)
  ) {
    try sandbox.writeSettings(
      """
      [[engine]]
      name = "office"
      url = "\(url)"
      timeout = "\(timeout)s"
      speculate = "off"
      [output]
      method = "none"
      """)
    let begun = try sandbox.thoth("record")
    try #require(begun.code == 0, "\(begun.errors)")
    let job = String(begun.output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    return (job, try sandbox.thoth("stop", "--wait"))
  }

  private func expectKept(
    _ job: String, _ end: (code: Int32, output: String, errors: String), _ sentence: String
  ) {
    #expect(end.code == 5)
    #expect(end.errors.contains(sentence), "\(end.errors)")
    #expect(end.errors.contains("thoth history redo \(job.prefix(13))"))
    #expect(end.errors.split(separator: "\n").count == 1)
    #expect(sandbox.audio(of: job) != nil)
  }

  @Test(arguments: ["never", "stall", "deaf"])
  func anEngineThatStallsIsGivenUpAtItsTimeout(mode: String) throws {
    let server = try FaultServer()
    let (job, end) = try dictate(server.url(mode), timeout: 1)
    expectKept(job, end, "did not answer")
  }

  @Test func anEngineThatRefusesIsTriedAgainAndThenLeftAlone() throws {
    let server = try FaultServer()
    let url = server.url("ok")
    server.end()
    let events = try sandbox.start("events")
    for _ in 1...2 {
      let (job, end) = try dictate(url)
      expectKept(job, end, "does not accept connections")
    }
    #expect(events.waitForOutput("\"what\":\"breaker_open\""))
    #expect(events.output.contains(#""attempt":2,"#) && events.output.contains(#""what":"retry""#))
    #expect(events.output.contains(#""engine":"office""#))
    let status = try sandbox.thoth("status", "--json").output
    #expect(status.contains("\"breaker\":\"open\""))
    #expect(try sandbox.thoth("status").output.contains("failed too often"))
  }

  @Test func anEngineThatFailsForAWhileGivesItsText() throws {
    let server = try FaultServer()
    let (job, end) = try dictate(server.url("503x2"))
    #expect(end.code == 0, "\(end.errors)")
    #expect(try sandbox.thoth("history", "show", job).output.contains("all is well"))
    let metrics = try sandbox.thoth("status", "--metrics").output
    #expect(metrics.hasPrefix("0 requests go, 0 wait, 0 have joined another\nhost "))
    #expect(metrics.contains("67 %"))
    let json = try sandbox.thoth("status", "--metrics", "--json").output
    #expect(json.contains("\"retries\":2") && json.contains("\"error_rate\":0.66"))
  }

  @Test func anEngineThatAsksForPatienceGetsIt() throws {
    let server = try FaultServer()
    let (_, end) = try dictate(server.url("429-after-1x1"))
    #expect(end.code == 0, "\(end.errors)")
    #expect(try server.asked("429-after-1x1") == 2)
  }

  @Test func anEngineWithoutAProofOfItsNameIsNotTrusted() throws {
    let server = try FaultServer(.untrusted)
    let (job, end) = try dictate(server.url("ok"))
    expectKept(job, end, "cannot prove who it is")
  }

  @Test func anEngineOnIPv6AloneIsReached() throws {
    let server = try FaultServer(.ipv6)
    let (_, end) = try dictate(server.url("ok"))
    #expect(end.code == 0, "\(end.errors)")
  }

  @Test func anEngineWhoseNameIsUnknownIsTold() throws {
    let (job, end) = try dictate("http://engine.invalid/v1")
    expectKept(job, end, "is not known")
  }
}
