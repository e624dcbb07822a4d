import Foundation
import TestSupport
import Testing

/// Microphones that are missing, vanish, stall, fall silent and come back, from the command line.
@Suite(.serialized) struct DeviceTests {
  private let configuration: ALSAConfiguration
  private let counter: FaultMicrophone
  private let standIn: FaultMicrophone
  private let sandbox: Sandbox
  private let server: FaultServer

  init() throws {
    configuration = try ALSAConfiguration()
    counter = try FaultMicrophone(.init { $0.isPatient = true }, named: "counter", in: configuration)
    standIn = try FaultMicrophone(.init { $0.isPatient = true }, named: "default", in: configuration)
    sandbox = try Sandbox(configuration.environment)
    server = try FaultServer()
    try writeSettings()
  }

  private func writeSettings(_ more: String = "") throws {
    try sandbox.writeSettings(
      "[audio]\ndevice = \"counter\"\n\(more)\n[[engine]]\nurl = \"\(server.url("ok"))\"\n"
        + "[output]\nmethod = \"none\"\n")
  }

  private func record(_ options: String...) throws -> String {
    let begun = try run(Sandbox.program("thoth"), ["record"] + options, environment: sandbox.environment)
    try #require(begun.code == 0, "\(begun.errors)")
    return String(begun.output.dropLast())
  }

  private func status(_ beginning: String) -> Bool {
    (try? sandbox.thoth("status").output.hasPrefix(beginning)) == true
  }

  private func samples(of job: String) throws -> [Int16] {
    try #require(sandbox.audio(of: job)).dropFirst(44).withUnsafeBytes {
      Array($0.bindMemory(to: Int16.self))
    }
  }

  /// The lengths of the runs in which each sample is one more than the one before.
  private func runs(_ samples: [Int16]) -> [Int] {
    let breaks = samples.indices.dropFirst().filter { samples[$0] != samples[$0 - 1] &+ 1 }
    return zip([0] + breaks, breaks + [samples.count]).map { $1 - $0 }
  }

  @Test func whoeverAskedIsToldOfAnotherMicrophone() throws {
    let begun = try sandbox.thoth("record", "--device", "nowhere")
    #expect(begun.code == 0)
    #expect(begun.errors.contains("default instead of nowhere"), "\(begun.errors)")
    #expect(begun.errors.contains("no microphone called nowhere"))
    #expect(status("recording from default"))
    #expect(try sandbox.thoth("cancel").code == 0)
  }

  /// The state follows the frames, and each frame that came before and after is in the recording once.
  @Test func aRecordingOutlivesItsMicrophone() throws {
    let events = try sandbox.follow()
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 1))
    try standIn.become(.init { $0.openErrno = ENODEV })
    try counter.become(.init { $0.openErrno = ENODEV })
    counter.happen("unplug")
    #expect(eventually { status("stalled: no sound comes from counter") })
    try counter.become(.init { $0.isPatient = true })
    #expect(eventually { status("recording from counter") })
    let before = sandbox.audio(of: job)?.count ?? 0
    #expect(eventually { (sandbox.audio(of: job)?.count ?? 0) > before + 32_000 })
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    #expect(events.waitForOutput("\"state\":\"completed\""))
    let lengths = runs(try samples(of: job))
    #expect(lengths.count == 2)
    #expect(lengths.allSatisfy { $0 >= 15_000 })
    #expect(try samples(of: job)[lengths[0]] == 0)
    let lines = events.output.split(separator: "\n").filter { $0.contains(job) }
    let whats = lines.compactMap { $0.firstMatch(of: /"(?:what|state)":"([a-z_]+)"/).map { String($0.1) } }
    #expect(
      whats == [
        "recording", "device_lost", "stalled", "resumed", "recording", "transcribing", "filtering",
        "enhancing",
        "outputting", "completed",
      ])
    let result = try #require(lines.first { $0.contains("\"type\":\"result\"") })
    #expect(result.contains("\"gaps\":[{\"at_ms\":\(lengths[0] / 16),\"device\":\"counter\",\"gap_ms\":"))
  }

  @Test func anotherMicrophoneGoesOn() throws {
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 1))
    try counter.become(.init { $0.openErrno = ENODEV })
    counter.happen("unplug")
    #expect(eventually { status("recording from default") })
    #expect(sandbox.waitForAudio(of: job, seconds: 3))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    #expect(runs(try samples(of: job)).count == 2)
  }

  /// Also while the microphone is away a stop ends the recording at once, and what was said has its text.
  @Test(arguments: ["stop", "cancel"]) func aStalledRecordingCanBeEnded(command: String) throws {
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 1))
    try standIn.become(.init { $0.openErrno = ENODEV })
    try counter.become(.init { $0.openErrno = ENODEV })
    counter.happen("unplug")
    #expect(eventually { status("stalled") })
    #expect(
      try command == "stop" ? sandbox.thoth("stop", "--wait").code == 0 : sandbox.thoth("cancel").code == 0)
    #expect(eventually { status("idle") })
    if command == "stop" { #expect(try sandbox.thoth("last").output == "all is well\n") }
    #expect(runs(try samples(of: job)).count == 1)
  }

  /// The last moment before the key is in the recording, and joins what follows without a break.
  @Test func thePreRollIsPartOfTheRecording() throws {
    try writeSettings("pre_roll = \"300ms\"")
    #expect(eventually { status("idle, and listening") })
    #expect(try sandbox.thoth("status", "--json").output.contains("\"listening\":true"))
    // Nothing of what is heard meanwhile is written down.
    #expect(sandbox.spooled.isEmpty)
    // The pre-roll is full when the microphone has been open for longer.
    usleep(500_000)
    let job = try record()
    // The counter passes through zero every 4.1 s: its rise from there is not to be ignored.
    #expect(sandbox.waitForAudio(of: job, seconds: 5))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    let samples = try samples(of: job)
    #expect(samples.count >= 4_800)
    #expect(samples[0] > 0)
    #expect(runs(samples).count == 1)
    // It listens again, until the settings say otherwise.
    #expect(eventually { status("idle, and listening") })
    #expect(try sandbox.thoth("config", "set", "audio.pre_roll", "0ms").code == 0)
    #expect(eventually { status("idle\n") })
    let next = try record()
    #expect(sandbox.waitForAudio(of: next, seconds: 0.5))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    #expect(try self.samples(of: next).first == 0)
  }

  @Test func aListeningMicrophoneThatIsAwayHoldsUpNobody() throws {
    try writeSettings("pre_roll = \"1s\"")
    #expect(eventually { status("idle, and listening") })
    try counter.become(.init { $0.openErrno = ENODEV })
    try standIn.become(.init { $0.openErrno = ENODEV })
    counter.happen("unplug")
    #expect(eventually { status("idle\n") })
    let refused = try sandbox.thoth("record")
    #expect(refused.code == 6)
    #expect(refused.errors.contains("no microphone behind counter"), "\(refused.errors)")
    try counter.become(.init { $0.isPatient = true })
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 0.5))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    #expect(eventually { status("idle, and listening") })
  }

  @Test func theListShowsTheSoundServersSources() throws {
    let sound = try SoundServer(names: ["pulse"], configuration: configuration)
    #expect(try sound.control("set-source-mute", "room.monitor", "1").code == 0)
    let variables = ["PULSE_SERVER": sound.address]
    let user = try Sandbox(configuration.environment.merging(variables) { $1 })
    let list = try user.thoth("devices")
    let line = try #require(list.output.split(separator: "\n").first { $0.contains("pulse:room.monitor") })
    #expect(line.hasPrefix("* pulse:room.monitor"))
    #expect(line.contains("(default source; monitor: hears what is played; muted)"))
    #expect(list.output.split(separator: "\n").contains { $0.hasPrefix("  counter ") })
    let json = try user.thoth("devices", "--json").output
    #expect(json.contains("\"is_monitor\":true,\"is_muted\":true"))
    #expect(json.contains("\"name\":\"pulse:room.monitor\""))
    let doctor = try user.thoth("doctor", with: ["THOTH_AUDIO_DEVICE": "pulse:room.monitor"])
    #expect(doctor.output.contains("is muted: `pactl set-source-mute room.monitor 0`"), "\(doctor.output)")
  }
}
