import Foundation
import TestSupport
import Testing

/// Real sound servers, killed and started again under a daemon.
@Suite(.serialized) struct SoundServerDeathTests {
  private func isRecording(_ sandbox: Sandbox) -> Bool {
    (try? sandbox.thoth("status").output.hasPrefix("recording")) == true
  }

  private func grows(_ sandbox: Sandbox, _ job: String) -> Bool {
    let before = sandbox.audio(of: job)?.count ?? 0
    return eventually { (sandbox.audio(of: job)?.count ?? 0) > before + 32_000 }
  }

  /// The recording when the server is back: `job`; or a new one where PipeWire took longer to start than the microphone
  /// is looked for, as on a busy machine it does.
  private func goingOn(_ sandbox: Sandbox, _ job: String) throws -> String {
    func state() throws -> String { try sandbox.thoth("status").output }
    #expect(try eventually { try state().hasPrefix("recording") || state().hasPrefix("idle\n") })
    return isRecording(sandbox) ? job : try begin(sandbox)
  }

  private func sandbox(_ environment: [String: String], _ engine: FaultServer) throws -> Sandbox {
    let sandbox = try Sandbox(environment)
    try sandbox.writeSettings("[[engine]]\nurl = \"\(engine.url("ok"))\"\n[output]\nmethod = \"none\"\n")
    return sandbox
  }

  private func begin(_ sandbox: Sandbox, _ options: String...) throws -> String {
    let begun = try run(Sandbox.program("thoth"), ["record"] + options, environment: sandbox.environment)
    try #require(begun.code == 0, "\(begun.errors)")
    return String(begun.output.dropLast())
  }

  @Test func pulseAudio() throws {
    let configuration = try ALSAConfiguration()
    let server = try SoundServer(names: ["default"], configuration: configuration)
    let engine = try FaultServer()
    let sandbox = try sandbox(server.environment, engine)
    let events = try sandbox.follow()
    // A source by its name, through a definition of our own or the system's.
    let job = try begin(sandbox, "--device", "pulse:room.monitor")
    #expect(grows(sandbox, job))
    server.kill()
    #expect(eventually { !isRecording(sandbox) })
    try server.restart()
    #expect(eventually { isRecording(sandbox) })
    #expect(grows(sandbox, job))
    try server.play(recording("cmd_goforward.wav"))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    #expect(events.output.contains("\"what\":\"resumed\"") || events.output.contains("\"what\":\"fallback\""))
    #expect(events.output.contains("\"gap_ms\":"))
    // Killed while nobody records.
    server.kill()
    #expect(try sandbox.thoth("record").code == 6)
    try server.restart()
    let next = try begin(sandbox)
    #expect(grows(sandbox, next))
    #expect(try sandbox.thoth("cancel").code == 0)
  }

  @Test(.enabled(if: PipeWire.reasonForNone == nil, "PipeWire is not installed"))
  func pipeWire() throws {
    let configuration = try ALSAConfiguration()
    let server = try PipeWire(name: "default", configuration: configuration)
    let engine = try FaultServer()
    let sandbox = try sandbox(server.environment, engine)
    var job = try begin(sandbox)
    #expect(grows(sandbox, job))
    try server.kill()
    #expect(eventually { !isRecording(sandbox) })
    try server.start()
    job = try goingOn(sandbox, job)
    #expect(grows(sandbox, job))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
  }

  /// Without its session manager PipeWire gives no frame, or silence, and says nothing.
  @Test(.enabled(if: PipeWire.reasonForNone == nil, "PipeWire is not installed"))
  func pipeWiresSessionManager() throws {
    let configuration = try ALSAConfiguration()
    let server = try PipeWire(name: "default", configuration: configuration)
    let engine = try FaultServer()
    let sandbox = try sandbox(server.environment, engine)
    let events = try sandbox.follow()
    var job = try begin(sandbox)
    #expect(grows(sandbox, job))
    try server.killSessionManager()
    #expect(
      eventually {
        events.output.contains("\"what\":\"stalled\"") || events.output.contains("\"what\":\"silent\"")
      })
    try server.start()
    job = try goingOn(sandbox, job)
    #expect(grows(sandbox, job))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    let samples = try #require(sandbox.audio(of: job)).suffix(16_000)
    #expect(samples.contains { $0 != 0 })
  }
}
