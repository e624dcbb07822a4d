import Foundation
import Linux
import TestSupport
import Testing

/// Exports of which something goes wrong: nothing partial is left, and the library is what it was.
@Suite struct ExportFaultTests {
  private let rig: ExportRig
  private var sandbox: Sandbox { rig.sandbox }

  init() throws { rig = try ExportRig() }

  /// The process that makes the file now.
  private func helper() throws -> Int32 {
    var found: Int32?
    let daemon = try #require(sandbox.daemon)
    #expect(
      eventually {
        found = (try? run("pgrep", ["-P", String(daemon), "-f", "thoth-media export"]).output)
          .flatMap { Int32($0.prefix { $0.isNumber }) }
        return found != nil
      })
    return try #require(found)
  }

  @Test func aMissingAssetIsNamed() async throws {
    let (first, second) = (ExportRig.noise(1, seed: 1), ExportRig.noise(1, seed: 2))
    let items = [try await rig.add(first, minute: 1), try await rig.add(second, minute: 2)]
    try FileManager.default.removeItem(atPath: try rig.blob(of: items[0]))
    let path = rig.file("out.wav")
    let refused = try sandbox.thoth("export", "-o", path, items[0], items[1], "--wait")
    #expect(refused.code == 1 && refused.errors.contains("the audio of \(items[0]) is gone"), "\(refused)")
    #expect(rig.names.isEmpty)
    // In a row it leaves no hole, at a place of its own it does.
    let row = try sandbox.thoth("export", "-o", path, items[0], items[1], "--wait", "--skip-missing")
    #expect(row.code == 0 && row.errors.contains(items[0]), "\(row)")
    #expect(try rig.decoded(path) == second)
    let cues = try rig.cues("0 \(items[1])\n1 \(items[0])\n2 \(items[1])\n")
    #expect(
      try sandbox.thoth("export", "-o", path, "--cues", cues, "--wait", "--skip-missing", "--force").code == 0
    )
    #expect(try rig.decoded(path) == second + [Int16](repeating: 0, count: 16_000) + second)
    let one = try sandbox.thoth("export", "-o", path, items[1], "--dry-run", "--force")
    #expect(one.output.contains(": 1 clip, "), "\(one)")
    let none = try sandbox.thoth("export", "-o", path, items[0], "--skip-missing", "--force")
    #expect(none.code == 3 && none.errors.contains("the audio of 1 item is gone"), "\(none)")
  }

  /// The captions are those of the moment at which the export was asked for.
  @Test func captionsAreOfTheTextsAtTheBeginning() async throws {
    let item = try await rig.add(ExportRig.noise(600, seed: 1), "as it was")
    let path = rig.file("out.m4a")
    let running = try sandbox.start("export", "-o", path, item, "--captions", "srt", "--wait")
    #expect(eventually { sandbox.daemon != nil })
    let helper = try helper()
    #expect(kill(helper, SIGSTOP) == 0)
    let script =
      "import sqlite3, sys; sqlite3.connect(sys.argv[1], 30, isolation_level=None).execute(\"UPDATE items SET text = 'as it is'\")"
    let changed = try run("/usr/bin/python3", ["-c", script, sandbox.file("data/thoth/library.db")])
    #expect(changed.code == 0, "\(changed.errors)")
    #expect(kill(helper, SIGCONT) == 0)
    #expect(running.wait() == 0, "\(running.errors)")
    let captions = try String(contentsOfFile: rig.file("out.srt"), encoding: .utf8)
    #expect(captions.contains("was") && !captions.contains("is"), "\(captions)")
  }

  @Test func aDamagedAssetIsNamed() async throws {
    let (first, second) = (ExportRig.noise(2, seed: 1), ExportRig.noise(1, seed: 2))
    let items = [try await rig.add(first, minute: 1), try await rig.add(second, minute: 2)]
    try rig.damage(try rig.blob(of: items[0]))
    let path = rig.file("out.wav")
    let refused = try sandbox.thoth("export", "-o", path, items[0], items[1], "--wait")
    #expect(refused.code == 1 && refused.errors.contains("the audio of \(items[0]) is damaged"), "\(refused)")
    #expect(rig.names.isEmpty)
    let skipped = try sandbox.thoth("export", "-o", path, items[0], items[1], "--wait", "--skip-missing")
    #expect(skipped.code == 0 && skipped.errors.contains("silence is in its place"), "\(skipped)")
    let decoded = try rig.decoded(path)
    #expect(decoded.count == 48_000 && Array(decoded[32_000...]) == second)
    #expect(decoded[28_000..<32_000].allSatisfy { $0 == 0 })
  }

  @Test func aFileThatExistsIsNotReplacedUnlessAsked() async throws {
    let item = try await rig.add(ExportRig.noise(1, seed: 1))
    let path = rig.file("out.wav")
    try Data("old".utf8).write(to: URL(fileURLWithPath: path))
    let refused = try sandbox.thoth("export", "-o", path, item)
    #expect(refused.code == 2 && refused.errors.contains("add --force"), "\(refused)")
    #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
    #expect(try sandbox.thoth("export", "-o", path, item, "--force", "--wait").code == 0)
    #expect(try rig.decoded(path).count == 16_000)
    #expect(rig.names == ["out.wav"])
  }

  @Test func placesThatTakeNoFileAreTold() async throws {
    let item = try await rig.add(ExportRig.noise(1, seed: 1))
    let cases = [
      ("out.mp3", "no ending that thoth knows"), ("none/out.wav", "there is no folder"),
      ("dir.wav", "is a folder"),
      ("out", "no ending"),
    ]
    try FileManager.default.createDirectory(atPath: rig.file("dir.wav"), withIntermediateDirectories: true)
    for (name, sentence) in cases {
      let told = try sandbox.thoth("export", "-o", rig.file(name), item, "--force")
      #expect(told.code == 2 && told.errors.contains(sentence), "\(name): \(told)")
    }
  }

  @Test(.enabled(if: SmallDisk.isAllowed)) func aFullDiskLeavesNothing() async throws {
    let disk = try SmallDisk(kilobytes: 400)
    let item = try await rig.add(ExportRig.noise(60, seed: 1))
    let path = "\(disk.path)/out.wav"
    let full = try sandbox.thoth("export", "-o", path, item, "--wait")
    #expect(full.code == 1 && full.errors.contains("\(path) cannot be written: No space left"), "\(full)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
    // What was there before stays.
    try Data("old".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try sandbox.thoth("export", "-o", path, item, "--wait", "--force").code == 1)
    #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
    try disk.setReadOnly(true)
    let readOnly = try sandbox.thoth("export", "-o", path, item, "--wait", "--force")
    #expect(readOnly.code == 1 && readOnly.errors.contains("Read-only file system"), "\(readOnly)")
  }

  @Test func aHelperThatIsKilledLeavesNothing() async throws {
    let path = rig.file("long.m4a")
    let export = try await rig.startLong(path)
    let before = try rig.libraryContents()
    kill(try helper(), SIGKILL)
    #expect(export.wait() == 1 && export.errors.contains("signal 9"), "\(export.errors)")
    #expect(rig.names.isEmpty)
    let after = try rig.libraryContents()
    #expect(after == before && after.contains(".flac"))
  }

  @Test func aDaemonThatIsKilledLeavesNothing() async throws {
    let path = rig.file("long.m4a")
    let export = try await rig.startLong(path)
    let before = try rig.libraryContents()
    let (daemon, helper) = (try #require(sandbox.daemon), try helper())
    // It notices by itself that nobody wants the file any more.
    kill(daemon, SIGKILL)
    #expect(export.wait() == 8)
    #expect(eventually { rig.names.isEmpty })
    #expect(eventually { kill(helper, 0) != 0 })
    #expect(try rig.libraryContents() == before)
  }

  /// As when the power fails.
  @Test func theNextDaemonRemovesWhatIsLeft() async throws {
    let path = rig.file("long.m4a")
    let export = try await rig.startLong(path)
    let before = try rig.libraryContents()
    let (daemon, helper) = (try #require(sandbox.daemon), try helper())
    kill(helper, SIGSTOP)
    kill(daemon, SIGKILL)
    kill(helper, SIGKILL)
    #expect(export.wait() == 8)
    #expect(rig.names.count == 1 && rig.names[0].hasPrefix(".long.m4a.") && rig.names[0].hasSuffix(".part"))
    #expect(try sandbox.thoth("status").code == 0)
    #expect(eventually { rig.names.isEmpty })
    #expect(try rig.libraryContents() == before)
  }

  /// Ctrl-C does not wait for a daemon that hangs.
  @Test func aDaemonThatDoesNotAnswerIsLeft() async throws {
    let export = try await rig.startLong(rig.file("long.m4a"))
    let daemon = try #require(sandbox.daemon)
    kill(daemon, SIGSTOP)
    export.kill(SIGINT)
    #expect(export.wait() == 130)
    kill(daemon, SIGCONT)
    #expect(eventually { rig.names.isEmpty })
  }

  @Test func theEndOfTheDaemonCancels() async throws {
    let path = rig.file("long.m4a")
    let export = try await rig.startLong(path)
    #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    export.wait()
    #expect(rig.names.isEmpty)
  }

  @Test func withoutTheHelperItSaysWhatIsMissing() async throws {
    let item = try await rig.add(ExportRig.noise(1, seed: 1))
    let folder = try TemporaryFolder()
    for name in ["thoth", "thothd"] {
      try FileManager.default.copyItem(atPath: Sandbox.program(name), toPath: folder.file(name))
    }
    let told = try run(
      folder.file("thoth"), ["export", "-o", rig.file("out.wav"), item, "--wait"],
      environment: sandbox.environment)
    #expect(told.code == 6 && told.errors.contains("sudo apt install libavformat59"), "\(told)")
    #expect(rig.names.isEmpty)
  }

  /// The plan is made of what the database tells.
  @Test func planningOpensNoAudio() async throws {
    let item = try await rig.add(ExportRig.noise(1, seed: 1))
    let path = try rig.blob(of: item)
    let watch = inotify_init1(Int32(IN_NONBLOCK))
    defer { close(watch) }
    #expect(inotify_add_watch(watch, path, UInt32(IN_OPEN)) >= 0)
    var event = [UInt8](repeating: 0, count: 4096)
    #expect(try sandbox.thoth("export", "-o", rig.file("out.wav"), item, "--dry-run").code == 0)
    #expect(read(watch, &event, event.count) < 0)
    #expect(try sandbox.thoth("export", "-o", rig.file("out.wav"), item, "--wait").code == 0)
    #expect(read(watch, &event, event.count) > 0)
  }

  /// Every mistake of a file of cues is told, with its line.
  @Test func mistakesInCuesAreToldAtOnce() async throws {
    let item = try await rig.add(ExportRig.noise(2, seed: 1))
    let path = rig.file("out.wav")
    let unread = try sandbox.thoth(
      "export", "-o", path, "--cues",
      try rig.cues("0 \(item)\n-1 \(item)\n# fine\n5 \(item) 2-1\n6 \(item) 0-1 louder +99dB\n7\n"))
    #expect(unread.code == 2)
    for start in [
      "line 2: \"-1\" is no offset", "line 4: the clip ends", "line 5: \"+99dB\"", "line 6: an offset",
    ] {
      #expect(unread.errors.contains(start), "\(unread)")
    }
    // Mistakes in writing, ids that are not there, and clips that do not fit, in one round.
    let all = try sandbox.thoth(
      "export", "-o", path, "--cues",
      try rig.cues("0 \(item) 0-3\nx \(item)\n4 0000\n5 \(item) a\n6 \(item) a\n"))
    #expect(all.code == 2, "\(all)")
    let told = all.errors.split(separator: "\n")
    try #require(told.count == 4, "\(all)")
    #expect(
      told[0].hasSuffix(
        "line 1: \(item.prefix(13)): the clip ends at 3.000 s, and its audio at 2.000 s"))
    #expect(told[1].hasPrefix("line 2: \"x\" is no offset"))
    #expect(told[2].hasPrefix("line 3: there is no item 0000"))
    #expect(told[3].hasPrefix("line 5: lane a: "))
    #expect(rig.names.isEmpty)
    // What is wrong with a line comes before audio that is gone, and both before there is nothing to export.
    try FileManager.default.removeItem(atPath: try rig.blob(of: item))
    let wrong = try sandbox.thoth("export", "-o", path, "--cues", try rig.cues("0 \(item) 0-3\n"))
    #expect(wrong.code == 2 && wrong.errors.contains("line 1: "), "\(wrong)")
    let gone = try sandbox.thoth("export", "-o", path, "--cues", try rig.cues("0 \(item)\n"))
    #expect(gone.code == 1 && gone.errors.contains("the audio of \(item) is gone"), "\(gone)")
    let left = try sandbox.thoth(
      "export", "-o", path, "--cues", try rig.cues("0 \(item)\n"), "--skip-missing")
    #expect(left.code == 3, "\(left)")
    #expect(rig.names.isEmpty)
  }
}
