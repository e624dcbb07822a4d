import Foundation
import TestSupport
import Testing

/// How exports ended, for those who ask later.
@Suite struct ExportEndTests {
  private let rig: ExportRig
  private var sandbox: Sandbox { rig.sandbox }

  init() throws { rig = try ExportRig() }

  /// What `thoth status --json` tells of the exports that ended.
  private func ended() throws -> [[String: Any]] {
    let told = try sandbox.thoth("status", "--json").output
    let status = try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any]
    return try #require(status?["ended_exports"] as? [[String: Any]], "\(told)")
  }

  @Test func endsAreToldByTheNextDaemonToo() async throws {
    let item = try await rig.add(ExportRig.noise(2, seed: 1), minute: 1)
    let damaged = try await rig.add(ExportRig.noise(2, seed: 2), minute: 2)
    try rig.damage(try rig.blob(of: damaged))
    #expect(try sandbox.thoth("export", "-o", rig.file("good.wav"), item, "--wait").code == 0)
    #expect(try sandbox.thoth("export", "-o", rig.file("bad.wav"), damaged, "--wait").code == 1)
    let long = try await rig.startLong(rig.file("long.m4a"))
    let waiting = try sandbox.thoth("export", "-o", rig.file("next.wav"), item).output.dropLast()
    #expect(try sandbox.thoth("cancel", String(waiting)).code == 0)
    #expect(try sandbox.thoth("cancel").code == 0)
    #expect(long.wait() == 130)
    let before = try ended()
    #expect(before.compactMap { $0["what"] as? String } == ["done", "failed", "cancelled", "cancelled"])
    #expect(
      before.compactMap { $0["path"] as? String }
        == ["good.wav", "bad.wav", "next.wav", "long.m4a"].map(rig.file))
    #expect(before[0]["message"] == nil)
    #expect((before[1]["message"] as? String)?.contains("the audio of \(damaged) is damaged") == true)
    #expect(before[2]["job"] as? String == String(waiting))
    #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    let after = try ended()
    // The next daemon has them in the order in which they were begun.
    #expect(after.compactMap { $0["what"] as? String } == ["done", "failed", "cancelled", "cancelled"])
    #expect(
      after.compactMap { $0["path"] as? String }
        == ["good.wav", "bad.wav", "long.m4a", "next.wav"].map(rig.file))
    #expect(after[1]["ts"] as? String == before[1]["ts"] as? String)
    let told = try sandbox.thoth("status").output
    #expect(told.contains("exported \(rig.file("good.wav"))\n"), "\(told)")
    #expect(
      told.contains("the export of \(rig.file("bad.wav")) failed: the audio of \(damaged) is damaged"),
      "\(told)")
    #expect(told.contains("the export of \(rig.file("long.m4a")) was cancelled\n"), "\(told)")
  }

  /// The one that was being made, and the one that waited.
  @Test func whatDiedWithTheDaemonIsToldAsInterrupted() async throws {
    let samples = ExportRig.noise(1, seed: 1)
    let item = try await rig.add(samples, minute: 1)
    let long = try await rig.startLong(rig.file("long.m4a"))
    let waiting = try sandbox.thoth("export", "-o", rig.file("next.wav"), item).output.dropLast()
    kill(try #require(sandbox.daemon), SIGKILL)
    #expect(long.wait() == 8)
    let told = try sandbox.thoth("status").output
    #expect(told.contains("the export of \(rig.file("long.m4a")) was interrupted: "), "\(told)")
    #expect(
      told.contains("job \(waiting): the export of \(rig.file("next.wav")) was interrupted: "), "\(told)")
    #expect(try ended().compactMap { $0["what"] as? String } == ["interrupted", "interrupted"])
    #expect(try sandbox.thoth("export", "--again", String(waiting), "--wait").code == 0)
    #expect(try rig.decoded(rig.file("next.wav")) == samples)
    #expect(try ended().compactMap { $0["what"] as? String } == ["interrupted", "interrupted", "done"])
  }

  /// Whoever could write the notes could have named any file.
  @Test func onlyHiddenFilesOfExportsAreRemoved() async throws {
    let item = try await rig.add(ExportRig.noise(1, seed: 1))
    let job = try sandbox.thoth("export", "-o", rig.file("out.wav"), item, "--wait", "--json").output
    let line = try JSONSerialization.jsonObject(with: Data(job.utf8)) as? [String: Any]
    let note = sandbox.file("state/thoth/exports/\(try #require(line?["job"] as? String)).json")
    #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    let written = try Data(contentsOf: URL(fileURLWithPath: note))
    var fields = try #require(try JSONSerialization.jsonObject(with: written) as? [String: Any])
    fields["ending"] = nil
    let names = [".out.wav.1.part", ".out.vtt.1.part", "mine.part", ".mine"]
    fields["hidden"] = names.map(rig.file)
    for name in names { try Data("x".utf8).write(to: URL(fileURLWithPath: rig.file(name))) }
    try JSONSerialization.data(withJSONObject: fields).write(to: URL(fileURLWithPath: note))
    #expect(try ended().compactMap { $0["what"] as? String } == ["interrupted"])
    #expect(eventually { rig.names == [".mine", "mine.part", "out.wav"] })
    // It is noted as such, and removes nothing again.
    #expect(
      eventually {
        FileManager.default.contents(atPath: note).map { String(decoding: $0, as: UTF8.self) }?
          .contains("interrupted") == true
      })
  }
}
