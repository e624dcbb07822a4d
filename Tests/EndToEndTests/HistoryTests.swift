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
    #expect(csv.utf8.suffix(3).elementsEqual([UInt8(ascii: ","), 13, 10]), "\(csv)")
  }

  @Test func itemsGoIntoTheTrashAndComeBack() throws {
    let job = try dictate()
    #expect(try sandbox.thoth("history", "rm", job).code == 0)
    #expect(try sandbox.thoth("history").output.isEmpty)
    #expect(try sandbox.thoth("history", "--trash").output.contains("all is well"))
    #expect(try sandbox.thoth("last").code == 3)
    #expect(try sandbox.thoth("history", "restore", job).code == 0)
    #expect(try sandbox.thoth("history").output.contains("all is well"))
    #expect(try sandbox.thoth("last").output == "all is well\n")
  }

  @Test func itemsAreFoundByTheirTags() throws {
    let (first, second) = (try dictate(), try dictate())
    let tagged = try sandbox.thoth(
      "history", "tag", String(first.prefix(25)), second, "project=atlas", "who=Ann Lee")
    #expect(tagged.code == 0 && tagged.output.isEmpty, "\(tagged)")
    #expect(try sandbox.thoth("history", "tag", second, "who=", "-x=1").code == 0)
    let both = try sandbox.thoth("history", "--tag", "project=atlas", "--format", "txt").output
    #expect(both.split(separator: "\n").count == 2, "\(both)")
    let one = try sandbox.thoth("history", "well", "--tag", "project=atlas", "--tag=who=Ann Lee", "--format", "json")
    let line = try #require(
      try JSONSerialization.jsonObject(with: Data(one.output.utf8)) as? [String: Any], "\(one)")
    #expect(line["id"] as? String == first)
    #expect(line["tags"] as? [String: String] == ["project": "atlas", "who": "Ann Lee"])
    #expect(try sandbox.thoth("history", "--tag", "project=other").errors == "thoth: nothing was found\n")
    let shown = try sandbox.thoth("history", "show", second).output
    #expect(shown.contains("\ntags: -x=1; project=atlas\n"), "\(shown)")
    #expect(try sandbox.thoth("history", "--format", "csv").output.contains(",'-x=1; project=atlas\r\n"))
    // The trash keeps them.
    #expect(try sandbox.thoth("history", "rm", first).code == 0)
    #expect(try sandbox.thoth("history", "--trash", "--tag", "who=Ann Lee").output.contains("all is well"))
    #expect(try sandbox.thoth("history", "redo", second).code == 0)
    #expect(try sandbox.thoth("history", "show", second).output.contains("tags: -x=1; project=atlas"))
  }

  /// What is on its way has no text yet, and its id is known all the same.
  @Test func aJobOnItsWayIsNamed() throws {
    try sandbox.writeSettings("[[engine]]\nurl = \"\(server.url("never"))\"\n[output]\nmethod = \"none\"\n")
    let job = String(try sandbox.thoth("record").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2))
    #expect(try sandbox.thoth("stop").code == 0)
    for command in ["show", "rm", "redo", "export"] {
      let told = try sandbox.thoth("history", command, job)
      #expect(told.code == 3 && told.errors.contains("`thoth cancel \(job.prefix(13))` drops it"), "\(told)")
    }
    #expect(try sandbox.thoth("cancel", String(job.prefix(13))).code == 0)
    #expect(try sandbox.thoth("history", "show", job).output.contains("cancelled"))
    #expect(try sandbox.thoth("history", "rm", job).code == 0)
  }

  /// Numbers that no thoth writes.
  @Test func absurdNumbersInTheDatabaseStopNothing() throws {
    let job = try dictate()
    #expect(
      eventually { (try? sandbox.thoth("history", "show", job, "--json").output.contains("sha256")) == true })
    let script = """
      import sqlite3, sys
      db = sqlite3.connect(sys.argv[1], timeout=30)
      for table, column in (("items", "words"), ("items", "duration_ms"), ("blobs", "frames"), ("blobs", "bytes")):
          db.execute(f"UPDATE {table} SET {column} = {sys.argv[2]}")
      db.execute("UPDATE items SET result = json_set(result, '$.duration_ms', CAST(? AS INTEGER))", (sys.argv[2],))
      db.execute("INSERT INTO items (id, kind, created_at, modified_at, state, words, duration_ms, audio) "
          "SELECT substr(id, 1, 35) || 'x', kind, created_at, modified_at, state, words, duration_ms, audio FROM items "
          "WHERE NOT EXISTS (SELECT 1 FROM items WHERE id LIKE '%x')")
      db.execute("INSERT OR IGNORE INTO items (id, kind, created_at, modified_at, state, audio) SELECT "
          "'01a1fda0-0000-7000-8000-000000000000', kind, created_at, modified_at, 'completed', audio FROM items")
      db.commit()
      """
    for number in ["9e18", "9223372036854775807", "-9223372036854775808"] {
      let changed = try run(
        "/usr/bin/python3",
        ["-c", script, sandbox.file("data/thoth/library.db"), "CAST(\(number) AS INTEGER)"])
      #expect(changed.code == 0, "\(changed.errors)")
      let daemon = sandbox.daemon
      for words in [["status", "--usage"], ["history"], ["history", "show", job], ["doctor"]] {
        let told = try run(Sandbox.program("thoth"), words, environment: sandbox.environment)
        #expect(told.code == 0 || words == ["doctor"], "\(number): \(words): \(told)")
      }
      #expect(sandbox.daemon == daemon)
    }
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
    for ending in ["wav", "FLAC", "flac", "txt", "json", "csv"] {
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
      (["--limit", "many"], 2, "--limit is a number"),
      (["--since", "999999999-01-01"], 2, "--since is an age"),
      (["--until", "9999-12-31", "--since", "4294967295d", "--limit", "9223372036854775807"], 0, "nothing"),
      (["--since", "yesterday"], 2, "--since is an age"),
      (["--format", "xml"], 2, "--format is one of"), (["redo", "0"], 2, "there is no item 0"),
      (["rm", ""], 2, "an ID is empty"), (["tag", "a=b"], 2, "KEY=VALUE is missing"),
      (["tag", "a=b", "c=d"], 2, "an ID is missing"), (["tag", "0", "1"], 2, "there is no tag to set"),
      (["tag", "0", "ä=b"], 2, "\"ä=b\" is no tag"), (["tag", "0", "a=b", "a=c"], 2, "a has two values"),
      (["tag", "0", "a=b"], 2, "there is no item 0"), (["--tag", "x"], 2, "\"x\" is no tag"),
      (["--tag", "a="], 2, "--tag a= has no value"), (["--tag", "a=1", "--tag", "a=2"], 2, "a has two values"),
    ] as [([String], Int32, String)])
  func badInput(words: [String], code: Int32, sentence: String) throws {
    let told = try run(Sandbox.program("thoth"), ["history"] + words, environment: sandbox.environment)
    #expect(told.code == code)
    #expect(told.errors.contains(sentence), "\(told.errors)")
  }

  @Test func aLibraryIsVerifiedAndMended() throws {
    let first = try dictate()
    #expect(
      eventually {
        (try? sandbox.thoth("history", "show", first, "--json").output.contains("sha256")) == true
      })
    let before = try sandbox.thoth("doctor", "--verify").output
    #expect(before.contains("ok   library: 1 items"))
    #expect(before.contains("ok   library, verified: 1 recordings"), "\(before)")
    // What is sound is left as it is.
    #expect(try sandbox.thoth("doctor", "--fix").output.contains("ok   library, mended: nothing"))
    #expect(
      try !FileManager.default.contentsOfDirectory(atPath: sandbox.file("data/thoth")).joined().contains(
        "broken"))
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
    #expect(fixed.contains("library.db.broken-") && fixed.contains("ok   library: "), "\(fixed)")
    #expect(try sandbox.thoth("history").output.contains(second.prefix(13)))
  }
}
