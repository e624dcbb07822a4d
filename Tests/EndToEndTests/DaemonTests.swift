import Foundation
import TestSupport
import Testing

/// The daemon's life, its settings and its events, from the command line.
@Suite(.serialized) struct DaemonTests {
  private let configuration: ALSAConfiguration
  private let sandbox: Sandbox
  private let server: FaultServer

  init() throws {
    configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.speed = 4
      }, named: "default", in: configuration)
    _ = try FaultMicrophone(.init { $0.isPatient = true }, named: "counter", in: configuration)
    sandbox = try Sandbox(configuration.environment)
    server = try FaultServer()
    try sandbox.writeSettings("[[engine]]\nurl = \"\(server.url("ok"))\"\n[output]\nmethod = \"none\"\n")
  }

  private func record(_ options: String...) throws -> String {
    let begun = try run(Sandbox.program("thoth"), ["record"] + options, environment: sandbox.environment)
    try #require(begun.code == 0, "\(begun.errors)")
    return String(begun.output.dropLast())
  }

  /// The microphone counts its frames: the spool holds each once, from the first to the one at the stop.
  @Test func theSpoolHoldsEveryFrame() throws {
    let job = try record("--device", "counter")
    #expect(sandbox.waitForAudio(of: job, seconds: 2))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    let audio = try #require(sandbox.audio(of: job))
    let samples = audio.dropFirst(44).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    #expect(samples.count >= 32_000)
    #expect(samples == (0..<samples.count).map { Int16(truncatingIfNeeded: $0) })
  }

  @Test func manyClientsStartOneDaemon() throws {
    let clients = try (0..<8).map { _ in try sandbox.start("status", "--json") }
    for client in clients { #expect(client.wait() == 0, "\(client.errors)") }
    let boots = Set(clients.compactMap { $0.output.firstMatch(of: /"boot":"([^"]+)"/)?.1 })
    #expect(boots.count == 1)
    let second = try run(Sandbox.program("thothd"), environment: sandbox.environment)
    #expect(second.code == 3)
    #expect(second.errors.contains("runs already"))
  }

  @Test func killedWhileRecordingItsAudioIsTakenUp() throws {
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    let daemon = try #require(sandbox.daemon)
    kill(daemon, SIGKILL)
    #expect(eventually { sandbox.daemon == nil })
    let events = try sandbox.thoth("status", "--json")
    #expect(events.output.contains("\"recovered\":[\"\(job)\"]"))
    #expect(sandbox.log.contains(job.prefix(13)))
    #expect(eventually { (try? sandbox.thoth("last").output) == "all is well\n" })
    let audio = try #require(sandbox.audio(of: job))
    // The header agrees with the length again.
    #expect(audio.count > 80_000)
    #expect(
      audio[40..<44].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) } == audio.count - 44)
  }

  /// Nobody could follow when it was found: who follows later is told.
  @Test func whatWasTakenUpIsToldToWhoeverFollows() throws {
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    // The engine is out of reach when it is taken up.
    try sandbox.writeSettings("[[engine]]\nurl = \"http://127.0.0.1:1/v1\"\n[output]\nmethod = \"none\"\n")
    kill(try #require(sandbox.daemon), SIGKILL)
    #expect(eventually { sandbox.daemon == nil })
    for _ in 0..<2 {
      let line = try #require(try sandbox.follow().output.split(separator: "\n").first)
      #expect(line.contains("\"what\":\"recovered\"") && line.contains("\"job\":\"\(job)\""), "\(line)")
      #expect(!line.contains("\"seq\""))
    }
    #expect(eventually { (try? sandbox.thoth("history").output.contains("(waits for the engine: ")) == true })
  }

  @Test func stoppingTheDaemonFinishesTheRecording() throws {
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    #expect(eventually { sandbox.daemon == nil })
    #expect(try sandbox.thoth("last").output == "all is well\n")
    #expect(try sandbox.thoth("status", "--json").output.contains("\"recovered\":[]"))
  }

  /// It holds the lock, and nobody listens.
  @Test func aDaemonThatHangsIsKilled() throws {
    try FileManager.default.createDirectory(
      atPath: sandbox.file("run/thoth"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    let script = """
      import fcntl, os, signal, sys
      lock = open(sys.argv[1], "w")
      fcntl.flock(lock, fcntl.LOCK_EX)
      print(os.getpid(), file=lock, flush=True)
      print("hangs", flush=True)
      signal.pause()
      """
    let hanging = try RunningProcess("python3", ["-c", script, sandbox.file("run/thoth/daemon.lock")])
    #expect(hanging.waitForOutput("hangs"))
    let end = try sandbox.thoth("daemon", "--stop")
    #expect(end.code == 0)
    #expect(end.errors.contains("process \(hanging.id), did not answer and was killed"), "\(end.errors)")
    #expect(hanging.wait() == 128 + SIGKILL)
    #expect(try sandbox.thoth("status").code == 0)
  }

  /// The microphone takes its time, and whoever asked for it does not wait.
  @Test func aMicrophoneThatNobodyWaitsForStaysClosed() throws {
    _ = try FaultMicrophone(
      .init {
        $0.isPatient = true
        $0.openDelayMilliseconds = 1_500
      }, named: "slow", in: configuration)
    let events = try sandbox.follow()
    let asking = try sandbox.start("record", "--device", "slow")
    #expect(eventually { (try? sandbox.thoth("status").output.contains("job ")) == true })
    asking.kill(SIGINT)
    #expect(asking.wait() == 128 + SIGINT)
    #expect(events.waitForOutput("\"from\":\"idle\",\"job\""))
    #expect(events.waitForOutput("\"state\":\"cancelled\""))
    // It is free again, and was never said to be in use.
    #expect(try sandbox.thoth("record", "--device", "slow").code == 0)
    #expect(events.output.components(separatedBy: "\"state\":\"recording\"").count == 2)
    #expect(try sandbox.thoth("cancel").code == 0)
  }

  @Test func aTerminatedDaemonLeavesNothingBehind() throws {
    let job = try record("--output", "none")
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    let daemon = try #require(sandbox.daemon)
    kill(daemon, SIGTERM)
    #expect(eventually { sandbox.daemon == nil })
    #expect(!FileManager.default.fileExists(atPath: sandbox.file("run/thoth/control.sock")))
    #expect(sandbox.audio(of: job) != nil)
  }

  @Test func aDaemonThatEndsFirstIsToldToWhoeverWaits() throws {
    try sandbox.writeSettings(
      "[[engine]]\nurl = \"\(server.url("never"))\"\nspeculate = \"off\"\n[output]\nmethod = \"none\"\n")
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    let waiting = try sandbox.start("stop", "--wait")
    #expect(server.waitFor("never"))
    kill(try #require(sandbox.daemon), SIGTERM)
    #expect(waiting.wait() == 8)
    #expect(waiting.errors.contains("its next start"))
    try sandbox.writeSettings("[[engine]]\nurl = \"\(server.url("ok"))\"\n[output]\nmethod = \"none\"\n")
    #expect(eventually { (try? sandbox.thoth("last").output) == "all is well\n" })
  }

  @Test func aFollowerThatGoesAwayEndsItsRecording() throws {
    let following = try sandbox.start("record", "--follow")
    #expect(following.waitForOutput("\"state\":\"recording\""))
    following.kill()
    following.wait()
    #expect(eventually { (try? sandbox.thoth("status").output.hasPrefix("recording")) == false })
  }

  @Test func nonsenseOnTheSocketIsRefused() throws {
    #expect(try sandbox.thoth("status").code == 0)
    let script = """
      import socket, sys
      for line in (b"GET / HTTP/1.1\\n", b"thoth1\\tcconfig get\\n", b"thoth1\\tcsing\\n", b"\\xff\\xfe\\n"):
          with socket.socket(socket.AF_UNIX) as client:
              client.connect(sys.argv[1])
              client.sendall(line)
              print(client.makefile("rb").read().split(b"=")[-1].decode().strip())
      """
    let answers = try run("/usr/bin/python3", ["-c", script, sandbox.file("run/thoth/control.sock")])
    #expect(answers.output == "2\n2\n2\n2\n", "\(answers.errors)")
    #expect(try sandbox.thoth("status").code == 0)
  }

  @Test func aBrokenSettingsFileIsToldWithItsPlaceAndChangesNothing() throws {
    #expect(try sandbox.thoth("config", "get", "output.method").output == "none\n")
    let events = try sandbox.follow()
    try sandbox.writeSettings("[output]\nmethod = \"none\"\n\n[audio\n")
    #expect(events.waitForOutput("\"what\":\"rejected\""))
    #expect(events.output.contains("\"line\":4"))
    let check = try sandbox.thoth("config", "check")
    #expect(check.code == 6)
    #expect(check.errors.contains("line 4, column 7"))
    #expect(try sandbox.thoth("config", "get", "engine.url").output.contains("/ok/v1"))
    let change = try sandbox.thoth("config", "set", "output.method", "type")
    #expect(change.code == 6)
    #expect(try sandbox.thoth("record").code == 0)
    #expect(try sandbox.thoth("cancel").code == 0)
  }

  @Test func settingsAreChangedAndPutInForce() throws {
    #expect(try sandbox.thoth("config", "path").output == "\(sandbox.file("config/thoth/config.toml"))\n")
    #expect(try sandbox.thoth("config", "set", "audio.device", "busy").code == 0)
    #expect(try sandbox.thoth("config", "get", "audio.device").output == "busy\n")
    #expect(try sandbox.thoth("config", "show").output.contains("audio.device = busy"))
    #expect(try sandbox.thoth("config", "show").output.contains("history.keep_audio = 7d"))
    for (given, shown) in [("90m", "90m"), ("3600s", "1h"), ("0", "0s"), ("61s", "61s")] {
      #expect(try sandbox.thoth("config", "set", "history.keep_audio", given).code == 0)
      #expect(try sandbox.thoth("config", "get", "history.keep_audio").output == "\(shown)\n")
    }
    #expect(try sandbox.thoth("config", "get", "audio.colour").code == 6)
    #expect(try sandbox.thoth("config", "set", "output.method", "shout").code == 6)
    let edited = try sandbox.thoth("config", "edit", with: ["EDITOR": "sed -i s/busy/loud/", "VISUAL": ""])
    #expect(edited.code == 0, "\(edited.errors)")
    #expect(try sandbox.thoth("config", "get", "audio.device").output == "loud\n")
  }

  @Test func theTextAloneIsPrinted() throws {
    let recording = try sandbox.start("record", "--output", "stdout")
    #expect(eventually { (try? sandbox.thoth("status").output.hasPrefix("recording")) == true })
    #expect(sandbox.runningJob(holding: 2.5) != nil)
    #expect(try sandbox.thoth("stop").code == 0)
    #expect(recording.wait() == 0)
    #expect(recording.output == "all is well\n")
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    #expect(try sandbox.thoth("stop", "--output", "stdout").output == "all is well\n")
  }

  @Test func toggleStartsAndStops() throws {
    let begun = try sandbox.thoth("toggle")
    #expect(begun.code == 0)
    #expect(sandbox.waitForAudio(of: String(begun.output.dropLast()), seconds: 2.5))
    #expect(try sandbox.thoth("toggle").code == 0)
    #expect(eventually { (try? sandbox.thoth("last").output) == "all is well\n" })
    #expect(try sandbox.thoth("record", "--toggle").code == 0)
    #expect(try sandbox.thoth("cancel", "--all").code == 0)
  }

  @Test func eventsAreNumberedAndWhole() throws {
    let events = try sandbox.follow("--levels")
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    #expect(events.waitForOutput("\"from\":\"completed\""))
    #expect(eventually { events.output.hasSuffix("\n") })
    let told = events.output.split(separator: "\n")
    let lines = told.compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    #expect(lines.count == told.count)
    #expect(lines.allSatisfy { $0["v"] as? Int == 1 && $0["boot"] is String && $0["ts"] is String })
    let numbers = lines.compactMap { $0["seq"] as? Int }
    #expect(numbers == Array(numbers[0]..<(numbers[0] + numbers.count)))
    let states = lines.filter { $0["type"] as? String == "state" && $0["job"] as? String == job }
    #expect(
      states.compactMap { $0["state"] as? String } == [
        "recording", "transcribing", "filtering", "enhancing", "outputting", "completed",
      ])
    let levels = lines.filter { $0["type"] as? String == "level" }
    #expect(levels.contains { $0["speech"] as? Bool == true })
    #expect(levels.allSatisfy { $0["seq"] == nil && $0["rms_db"] is Double && $0["clip"] is Bool })
    let result = try #require(lines.first { $0["type"] as? String == "result" })
    #expect(result["text"] as? String == "all is well")
    #expect((result["timings_ms"] as? [String: Any])?["stop_to_text"] as? Double ?? 0 > 0)
  }

  @Test func secretsAreNeverTold() throws {
    let secret = "sk-very-secret-4711"
    let path = sandbox.file("home/key")
    try Data("\(secret)\n".utf8).write(to: URL(fileURLWithPath: path))
    chmod(path, 0o600)
    try sandbox.writeSettings(
      """
      [[engine]]
      url = "\(server.url("echo"))"
      key = { file = "~/key" }
      speculate = "off"
      [output]
      method = "none"
      """)
    let events = try sandbox.follow()
    let job = try record("--language", "de")
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    let end = try sandbox.thoth("stop", "--output", "stdout")
    // The echo proves that it was sent, and is where it would not be otherwise.
    #expect(
      Set(end.output.split(whereSeparator: \.isWhitespace).map(String.init)) == [
        "model=default", "response_format=verbose_json", "language=de", "key=Bearer", secret,
      ])
    try sandbox.writeSettings("[[engine]]\nurl = \"\(server.url("401"))\"\nkey = { file = \"~/key\" }\n")
    #expect(eventually { (try? sandbox.thoth("config", "get", "engine.url").output.contains("401")) == true })
    let doctor = try sandbox.thoth("doctor")
    #expect(doctor.code == 6)
    #expect(doctor.output.contains("refuses the key (401)"))
    let told = [sandbox.log, doctor.output, doctor.errors, try sandbox.thoth("config", "show").output]
    #expect(!told.joined().contains(secret))
    events.kill()
  }

  @Test(arguments: ["missing", "file", "foreign"]) func aRuntimeFolderThatIsNotOurs(kind: String) throws {
    let path = sandbox.file("home/runtime")
    switch kind {
    case "file": _ = FileManager.default.createFile(atPath: path, contents: Data())
    case "foreign":
      // Only root can give a folder away; without that the case cannot be made.
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      guard chown(path, 65_534, 65_534) == 0 else { return }
    default: break
    }
    let answer = try sandbox.thoth("status", with: ["XDG_RUNTIME_DIR": path])
    #expect(answer.code == 6)
    #expect(answer.errors.contains(path), "\(answer.errors)")
    #expect(answer.errors.contains("XDG_RUNTIME_DIR"))
    #expect(answer.errors.split(separator: "\n").count == 1)
  }

  @Test func withoutARuntimeFolderOneIsMade() throws {
    var environment = sandbox.environment
    environment["XDG_RUNTIME_DIR"] = nil
    let path =
      FileManager.default.fileExists(atPath: "/run/user/\(getuid())")
      ? "/run/user/\(getuid())/thoth" : "/tmp/thoth-\(getuid())"
    // Somebody's real daemon may be there: it is left alone.
    guard !FileManager.default.fileExists(atPath: path + "/control.sock") else { return }
    #expect(try run(Sandbox.program("thoth"), ["status"], environment: environment).code == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o700)
    #expect(try run(Sandbox.program("thoth"), ["daemon", "--stop"], environment: environment).code == 0)
  }
}
