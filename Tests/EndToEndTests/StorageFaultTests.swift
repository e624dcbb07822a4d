import Foundation
import TestSupport
import Testing

/// Disks that are full or read-only, for real, under the real daemon: no word is lost, and it is told at once.
@Suite(.serialized, .enabled(if: SmallDisk.isAllowed, "mounting a small disk takes root's rights"))
struct StorageFaultTests {
  private let configuration: ALSAConfiguration
  private let server: FaultServer
  private let sandbox: Sandbox
  private let disk: SmallDisk

  /// The microphone counts its frames, eight times as fast as people speak: 250 kB a second.
  init() throws {
    configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(
      .init { settings in
        settings.speed = 8
        settings.isPatient = true
      }, named: "default", in: configuration)
    server = try FaultServer()
    sandbox = try Sandbox(configuration.environment)
    disk = try SmallDisk(kilobytes: 400)
    try sandbox.writeSettings("[[engine]]\nurl = \"\(server.url("ok"))\"\n[output]\nmethod = \"none\"\n")
  }

  /// Puts the user's folder `name` ("state", "data") on the small disk.
  private func move(_ name: String) throws { try move(name, to: disk.path) }

  private func move(_ name: String, to path: String) throws {
    try? FileManager.default.removeItem(atPath: sandbox.file(name))
    try FileManager.default.createSymbolicLink(atPath: sandbox.file(name), withDestinationPath: path)
  }

  private func record() throws -> String {
    let begun = try sandbox.thoth("record")
    try #require(begun.code == 0, "\(begun.errors)")
    return String(begun.output.dropLast())
  }

  private func dictate() throws -> String {
    let job = try record()
    #expect(sandbox.waitForAudio(of: job, seconds: 2))
    #expect(isWell(try sandbox.thoth("stop", "--output", "stdout").output))
    return job
  }

  /// Whether so much has been recorded, wherever it goes: 20 levels are told in a second of sound.
  private func heard(_ events: RunningProcess, seconds: Double) -> Bool {
    eventually {
      Double(events.output.components(separatedBy: "\"type\":\"level\"").count - 1) > seconds * 20
    }
  }

  /// Whether the audio of `job` is at least `seconds` long, with no frame lost or doubled.
  private func isWhole(_ job: String, seconds: Int) throws -> Bool {
    let audio = try #require(sandbox.audio(of: job))
    let samples = audio.dropFirst(44).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    return samples.count > seconds * 16_000
      && samples == (0..<samples.count).map { Int16(truncatingIfNeeded: $0) }
  }

  private func status() throws -> [String: Any] {
    let told = try sandbox.thoth("status", "--json").output
    return try #require(try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any])
  }

  private func item(_ job: String) throws -> [String: Any] {
    let told = try sandbox.thoth("history", "show", job, "--json").output
    return (try? JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any]) ?? [:]
  }

  /// Fills the disk on which the library is. Its write-ahead log is emptied first: what it has taken once is room.
  private func fillLibrary() throws {
    let script = """
      import sqlite3, sys
      busy, left, _ = sqlite3.connect(sys.argv[1]).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
      sys.exit(busy or left)
      """
    let library = "\(disk.path)/thoth/library.db"
    #expect(
      try eventually { try run("/usr/bin/python3", ["-c", script, library]).code == 0 })
    try disk.fill()
  }

  /// Whether the text is what the server says to each segment.
  private func isWell(_ text: String) -> Bool {
    text.hasPrefix("all is well") && text.replacing("all is well", with: "").allSatisfy(\.isWhitespace)
  }

  private func isArchived(_ job: String) -> Bool {
    eventually {
      (try? item(job)["audio"]) != nil
        && !FileManager.default.fileExists(atPath: sandbox.file("state/thoth/spool/\(job).wav"))
    }
  }

  @Test func aSpoolThatIsFullIsToldAndMadeWholeWhenThereIsRoom() throws {
    try move("state")
    let events = try sandbox.follow("--levels")
    let job = try record()
    #expect(events.waitForOutput("The recording goes on in memory; free the disk"))
    #expect(events.output.contains("\"kind\":\"storage\""))
    #expect(heard(events, seconds: 20))
    #expect(try status()["state"] as? String == "recording")
    #expect(try status()["storage"] is String)
    try disk.resize(kilobytes: 8000)
    #expect(sandbox.waitForAudio(of: job, seconds: 25))
    #expect(try eventually { try status()["storage"] == nil })
    #expect(isWell(try sandbox.thoth("stop", "--output", "stdout").output))
    #expect(isArchived(job))
    #expect(try isWhole(job, seconds: 25))
  }

  /// The disk is full until the end and after it: the library is on another one, and gets all of it.
  @Test func aSpoolThatStaysFullCostsNoSound() throws {
    try move("state")
    let events = try sandbox.follow("--levels")
    let job = try record()
    #expect(heard(events, seconds: 20))
    #expect(try (status()["storage"] as? String)?.contains("goes on in memory") == true)
    let end = try sandbox.thoth("stop", "--output", "stdout")
    #expect(isWell(end.output))
    #expect(end.errors.contains("goes on in memory"), "\(end.errors)")
    #expect(try status()["storage"] == nil)
    #expect(isArchived(job))
    #expect(try isWhole(job, seconds: 20))
  }

  @Test(arguments: ["read-only", "a file in its place"]) func withoutASpoolEverythingWorks(kind: String)
    throws
  {
    try move("state")
    if kind == "read-only" {
      try disk.setReadOnly(true)
    } else {
      try Data().write(to: URL(fileURLWithPath: "\(disk.path)/thoth"))
    }
    let events = try sandbox.follow("--levels")
    let job = try record()
    #expect(events.waitForOutput("The recording goes on in memory"))
    #expect(heard(events, seconds: 3))
    #expect(isWell(try sandbox.thoth("stop", "--output", "stdout").output))
    #expect(eventually { (try? item(job)["audio"]) != nil })
    #expect(try isWhole(job, seconds: 3))
    // What is mended is used again.
    if kind == "read-only" {
      try disk.setReadOnly(false)
    } else {
      try FileManager.default.removeItem(atPath: "\(disk.path)/thoth")
    }
    #expect(isArchived(try dictate()))
  }

  @Test func aLibraryThatIsFullCostsNoTextAndGetsItLater() throws {
    try move("data")
    let before = try dictate()
    #expect(isArchived(before))
    try fillLibrary()
    let events = try sandbox.follow("--levels")
    let job = try dictate()
    #expect(events.waitForOutput("the disk is full"))
    #expect(eventually { (try? status()["waiting"] as? Int) == 1 })
    #expect(try status()["library"] is String)
    #expect(try sandbox.thoth("last").output == "all is well\n")
    try disk.free()
    // The next one finds that there is room.
    let after = try dictate()
    #expect(eventually { (try? status()["waiting"] as? Int) == 0 })
    for job in [job, after] {
      #expect(isArchived(job))
      #expect(try item(job)["text"] as? String == "all is well")
      #expect(try isWhole(job, seconds: 2))
    }
  }

  @Test func whatAFullLibraryRefusedOutlivesAKill() throws {
    try move("data")
    #expect(isArchived(try dictate()))
    try fillLibrary()
    let job = try dictate()
    #expect(eventually { (try? status()["waiting"] as? Int) == 1 })
    kill(try #require(sandbox.daemon), SIGKILL)
    #expect(eventually { sandbox.daemon == nil })
    // Still full: it goes on waiting, and nobody is asked for a text that is there.
    #expect(try status()["waiting"] as? Int == 1)
    #expect(try sandbox.thoth("last").output == "all is well\n")
    #expect(try sandbox.thoth("history", "export", job, "-o", sandbox.file("home/out.wav")).code == 0)
    kill(try #require(sandbox.daemon), SIGKILL)
    #expect(eventually { sandbox.daemon == nil })
    try disk.free()
    #expect(try status()["waiting"] as? Int == 0)
    #expect(isArchived(job))
    #expect(try item(job)["text"] as? String == "all is well")
    #expect(try isWhole(job, seconds: 2))
  }

  /// A disk that hangs, without an error, in the middle of a recording and at the start of the next one.
  /// The library is on another one, or on the same.
  @Test(
    .enabled(if: FreezableDisk.isAllowed, "freezing a disk takes loop devices"),
    arguments: [["state"], ["state", "data"]])
  func aDiskThatHangsHoldsUpNobody(folders: [String]) throws {
    let frozen = try FreezableDisk()
    for folder in folders { try move(folder, to: frozen.path) }
    let events = try sandbox.follow("--levels")
    let first = try record()
    #expect(sandbox.waitForAudio(of: first, seconds: 4))
    try frozen.freeze()
    #expect(events.waitForOutput("the disk does not answer"))
    #expect(try status()["state"] as? String == "recording")
    #expect(isWell(try sandbox.thoth("stop", "--output", "stdout").output))
    let levels = events.output.components(separatedBy: "\"type\":\"level\"").count
    let second = try record()
    #expect(heard(events, seconds: Double(levels) / 20 + 40))
    #expect(try status()["state"] as? String == "recording")
    #expect(isWell(try sandbox.thoth("stop", "--output", "stdout").output))
    #expect(try status()["state"] as? String == "idle")
    frozen.thaw()
    for (job, seconds) in [(first, 8), (second, 40)] {
      #expect(isArchived(job))
      #expect(try isWhole(job, seconds: seconds))
    }
  }
}
