import Foundation
import TestSupport
import Testing

/// The library from the command line.
@Suite struct HistoryTests {
  private let configuration: ALSAConfiguration
  private let microphone: FaultMicrophone
  private let server: FaultServer
  private let sandbox: Sandbox

  init() throws {
    configuration = try ALSAConfiguration()
    microphone = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.speed = 8
        settings.isPatient = true
      }, named: "default", in: configuration)
    server = try FaultServer()
    sandbox = try Sandbox(configuration.environment)
    try sandbox.writeSettings("[[engine]]\nurl = \"\(server.url("ok"))\"\n[output]\nmethod = \"none\"\n")
  }

  private func dictate() throws -> String {
    let job = String(try sandbox.thoth("record").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    return job
  }

  @Test func whatWasSaidIsFound() throws {
    let job = try dictate()
    let listed = try sandbox.thoth("history", "well")
    #expect(listed.output.hasPrefix(job.prefix(13)) && listed.output.hasSuffix("all is well\n"), "\(listed)")
    #expect(try sandbox.thoth("history").output == listed.output)
    #expect(try sandbox.thoth("history", "nothing like this").errors == "thoth: nothing was found\n")
    let shown = try sandbox.thoth("history", "show", String(job.prefix(13)))
    #expect(shown.output.hasSuffix("\n\nall is well\n"))
    let json = try sandbox.thoth("history", "show", job, "--json").output
    let item = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(item["id"] as? String == job && item["text"] as? String == "all is well")
    #expect(item["state"] as? String == "completed")
    let csv = try sandbox.thoth("history", "--format", "csv").output
    #expect(csv.contains(job) && csv.contains("all is well"))
  }

  @Test func itemsGoIntoTheTrashAndComeBack() throws {
    let job = try dictate()
    #expect(try sandbox.thoth("history", "rm", job).code == 0)
    #expect(try sandbox.thoth("history").output.isEmpty)
    #expect(try sandbox.thoth("history", "--trash").output.contains("all is well"))
    #expect(try sandbox.thoth("last").code == 3 || sandbox.thoth("last").output == "all is well\n")
    #expect(try sandbox.thoth("history", "restore", job).code == 0)
    #expect(try sandbox.thoth("history").output.contains("all is well"))
  }

  @Test func audioIsExported() throws {
    let job = try dictate()
    // Without a name it goes into the folder of whoever asks.
    let script = "cd \"$1\" && exec \"$2\" history export \"$3\""
    let named = try run(
      "/bin/sh", ["-c", script, "sh", sandbox.file("home"), Sandbox.program("thoth"), job],
      environment: sandbox.environment)
    #expect(named.output.hasPrefix(sandbox.file("home/thoth_recording_2")), "\(named)")
    #expect(FileManager.default.fileExists(atPath: String(named.output.dropLast())))
    for ending in ["wav", "flac", "txt", "json", "csv"] {
      let path = sandbox.file("out.\(ending)")
      #expect(try sandbox.thoth("history", "export", job, "-o", path).output == "\(path)\n")
      #expect(try sandbox.thoth("history", "export", job, "-o", path).code == 2)
      #expect(try sandbox.thoth("history", "export", job, "-o", path, "--force").code == 0)
    }
    let magic = FileManager.default.contents(atPath: sandbox.file("out.flac"))?.prefix(4)
    #expect(magic == Data("fLaC".utf8))
    #expect(FileManager.default.contents(atPath: sandbox.file("out.wav"))?.count ?? 0 > 44 + 64_000)
    let refused = try sandbox.thoth("history", "export", job, "-o", sandbox.file("out.mp9"))
    #expect(refused.code == 2 && refused.errors.contains(".flac"))
  }

  @Test func audioIsPlayedUntilItsEndOrCtrlC() throws {
    let job = try dictate()
    let wav = sandbox.file("played.wav")
    #expect(try sandbox.thoth("history", "export", job, "-o", wav).code == 0)
    let recorded = try energy(#require(FileManager.default.contents(atPath: wav)).dropFirst(44))
    let sound = try SoundServer(names: ["loudspeaker"], configuration: configuration)
    let ear = try Ear(sound)
    let played = try sandbox.thoth("history", "play", job, "--device", "loudspeaker")
    #expect(played.code == 0, "\(played.errors)")
    #expect(eventually { abs(energy(ear.heard) / recorded - 1) < 0.05 })

    let second = try Ear(sound)
    let playing = try sandbox.start("history", "play", job, "--device", "loudspeaker")
    #expect(eventually { energy(second.heard) > 0 })
    playing.kill(SIGINT)
    #expect(playing.wait() == 130)
    let count = second.heard.count
    // The recording alone takes two seconds.
    #expect(eventually { second.heard.count > count + 64_000 })
    #expect(energy(second.heard) < recorded * 0.9)

    let refused = try sandbox.thoth("history", "play", job, "--device", "nowhere")
    #expect(refused.code == 6 && refused.errors.contains("no loudspeaker behind nowhere"), "\(refused)")
  }

  /// The sum of the squares of 16-bit samples.
  private func energy(_ bytes: Data) -> Double {
    stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).reduce(into: 0) { sum, index in
      let sample = Double(Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8))
      sum += sample * sample
    }
  }

  @Test func itIsDoneAgainByAnotherEngine() throws {
    let job = try dictate()
    let again = try sandbox.thoth("history", "redo", job)
    #expect(again.output == "all is well\n", "\(again.errors)")
    #expect(try sandbox.thoth("history", "redo", job, "--engine", "none").code == 2)
    let failed = try sandbox.thoth("history", "redo", job, with: ["THOTH_ENGINE_URL": server.url("500")])
    #expect(failed.code == 5)
    #expect(try sandbox.thoth("history").output.contains("all is well"))
  }

  @Test(
    arguments: [
      (["show", "zzz"], 2, "there is no item zzz"), (["show"], 2, "ID is missing"),
      (["--limit", "many"], 2, "--limit is a number"), (["--since", "yesterday"], 2, "--since is an age"),
      (["--format", "xml"], 2, "--format is one of"), (["redo", "0"], 2, "there is no item 0"),
    ] as [([String], Int32, String)])
  func badInput(words: [String], code: Int32, sentence: String) throws {
    let told = try run(Sandbox.program("thoth"), ["history"] + words, environment: sandbox.environment)
    #expect(told.code == code)
    #expect(told.errors.contains(sentence), "\(told.errors)")
  }

  @Test func aLibraryIsVerifiedAndMended() throws {
    _ = try dictate()
    // The audio gets there after the text.
    #expect(eventually { sandbox.spooled.isEmpty })
    let before = try sandbox.thoth("doctor", "--verify").output
    #expect(before.contains("ok   library: 1 items"))
    #expect(before.contains("ok   library, verified: 1 recordings"), "\(before)")
    #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    // Another program wrote over it.
    let library = try #require(FileHandle(forWritingAtPath: sandbox.file("data/thoth/library.db")))
    try library.write(contentsOf: Data(repeating: 0x5a, count: 4096))
    try library.close()
    let second = try dictate()
    #expect(try sandbox.thoth("last").output == "all is well\n")
    #expect(try sandbox.thoth("status").output.contains("library: "))
    #expect(try sandbox.thoth("doctor").output.contains("FAIL library: "))
    let fixed = try sandbox.thoth("doctor", "--fix").output
    #expect(fixed.contains("ok   library, mended: ") && fixed.contains("ok   library: "), "\(fixed)")
    #expect(try sandbox.thoth("history").output.contains(second.prefix(13)))
  }
}
