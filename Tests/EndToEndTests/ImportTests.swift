import Foundation
import TestSupport
import Testing

/// What becomes of imports in the history.
@Suite(.serialized) struct ImportTests {
  private let sandbox: Sandbox
  private let server: FaultServer
  private let folder: TemporaryFolder

  init() throws {
    sandbox = try Sandbox()
    server = try FaultServer()
    folder = try TemporaryFolder()
    try sandbox.writeSettings(
      "[output]\nmethod = \"none\"\n[[engine]]\nurl = \"\(server.url("ok"))\"\nspeculate = \"off\"\n")
  }

  /// Imports five sentences; the id of their item.
  private func importSpeech() throws -> String {
    let path = folder.file("talk.wav")
    try makeSpeech(path, sentences: 5)
    #expect(try sandbox.thoth("transcribe", "--quiet", "--tag", "project=atlas", path).code == 0)
    let item = try sandbox.thoth("history", "--format", "json").output
    return try #require(
      item.split(separator: "\"id\":\"").last?.split(separator: "\"").first.map(String.init))
  }

  private func redo(_ item: String, _ mode: String) throws -> (code: Int32, output: String, errors: String) {
    try sandbox.thoth("history", "redo", item, with: ["THOTH_ENGINE_URL": server.url(mode)])
  }

  @Test func anImportIsTranscribedAgainPieceByPiece() throws {
    let item = try importSpeech()
    #expect(try server.asked("ok") == 5)
    let again = try redo(item, "say-Better%20now.")
    #expect(again.code == 0 && again.errors.isEmpty, "\(again)")
    #expect(again.output == Array(repeating: "Better now.", count: 5).joined(separator: "\n") + "\n")
    #expect(try server.asked("say-Better%20now.") == 5)
    let shown = try sandbox.thoth("history", "show", item, "--json").output
    for part in [
      "\"kind\":\"import\"", "Better now.", "\"project\":\"atlas\"", "\"file\":\"talk.wav\"",
    ] {
      #expect(shown.contains(part), "\(part): \(shown)")
    }
    // Its captions are those of the new text.
    let export = try sandbox.thoth(
      "export", "-o", folder.file("talk.flac"), "--captions", "srt", "--wait", item)
    #expect(export.code == 0, "\(export)")
    let captions = try String(contentsOfFile: folder.file("talk.srt"), encoding: .utf8)
    #expect(captions.contains("Better") && !captions.contains("well"), "\(captions)")
  }

  @Test func importsAreToldFromDictations() throws {
    let item = try importSpeech()
    let short = String(item.prefix(13))
    #expect(try sandbox.thoth("history", "--kind", "import").output.contains(short))
    #expect(try sandbox.thoth("history", "--kind", "dictation").output.isEmpty)
    #expect(try sandbox.thoth("history", "--kind", "memo").code == 2)
    #expect(try sandbox.thoth("last").code == 3)
    #expect(try sandbox.thoth("status", "--usage").output.hasPrefix("0 dictations, 0 words"))
    let plan = try sandbox.thoth("export", "--kind", "import", "-o", folder.file("all.wav"), "--dry-run")
    #expect(plan.code == 0 && plan.output.contains(short), "\(plan)")
    let none = try sandbox.thoth("export", "--kind", "dictation", "-o", folder.file("all.wav"), "--dry-run")
    #expect(none.code == 3, "\(none)")
  }

  /// What is imported keeps the time at which it was recorded, and is told from others of its name.
  @Test func anImportIsOfTheTimeOfItsRecording() throws {
    let files = [
      ("b", "utt_jfk.wav", "2019-03-04T10:00:00Z"), ("a", "none_robin.wav", "2020-01-02T03:04:05Z"),
    ]
    for (name, sound, time) in files {
      try FileManager.default.createDirectory(
        atPath: folder.file("in/\(name)"), withIntermediateDirectories: true)
      try ffmpeg(
        "-i", recording(sound), "-metadata", "creation_time=\(time)", folder.file("in/\(name)/memo.m4a"))
    }
    let plain = folder.file("in/plain.wav")
    try FileManager.default.copyItem(atPath: recording("cmd_goforward.wav"), toPath: plain)
    var times = [timespec(tv_sec: 1_500_000_000, tv_nsec: 0), timespec(tv_sec: 1_500_000_000, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, plain, &times, 0) == 0)
    #expect(try sandbox.thoth("transcribe", "--quiet", folder.file("in")).code == 0)
    let lines = try sandbox.thoth("history", "--format", "json").output.split(separator: "\n")
    let expected = [
      ("a/memo.m4a", "2020-01-02T03:04:05.000Z"), ("b/memo.m4a", "2019-03-04T10:00:00.000Z"),
      ("plain.wav", "2017-07-14T02:40:00.000Z"),
    ]
    #expect(lines.count == expected.count)
    for (line, (file, time)) in zip(lines, expected) {
      #expect(line.contains("\"created_at\":\"\(time)\",\"duration_ms\""), "\(line)")
      #expect(line.contains("\"file\":\"\(file)\""), "\(line)")
    }
  }

  /// Any time that a file system can hold.
  @Test(arguments: [Int.max, Int.min, 1 << 40, -1]) func aFileOfAnyTimeIsFiled(time: Int) throws {
    // A file system in memory keeps it; others cut it.
    let path = "/dev/shm/thoth.\(UUID().uuidString).wav"
    defer { unlink(path) }
    try FileManager.default.copyItem(atPath: recording("cmd_goforward.wav"), toPath: path)
    var times = [timespec(tv_sec: time, tv_nsec: 0), timespec(tv_sec: time, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    let told = try sandbox.thoth("transcribe", "--quiet", path)
    #expect(told.code == 0, "\(told)")
    #expect(
      try sandbox.thoth("history", "--format", "json").output.contains("\"created_at\":\"2026")
        || time == 1 << 40)
  }

  @Test(arguments: ["srt", "vtt"]) func itsCaptionsAreThoseOfItsWords(ending: String) throws {
    let item = try importSpeech()
    let path = folder.file("talk.\(ending)")
    #expect(try sandbox.thoth("history", "export", item, "-o", path).code == 0)
    let direct = try sandbox.thoth(
      "transcribe", "--no-save", "--quiet", "--format", ending, folder.file("talk.wav"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == direct.output)
    #expect(direct.output.contains("well"))
  }

  @Test func whatFailsLeavesTheTextAndIsGoneOnWith() throws {
    let item = try importSpeech()
    let failed = try redo(item, "2-then-401")
    #expect(failed.code == 5, "\(failed)")
    #expect(try sandbox.thoth("history", "show", item, "--json").output.contains("all is well"))
    #expect(try redo(item, "say-More.").output.contains("More."))
    // Two have been asked for by the one that failed.
    #expect(try server.asked("say-More.") == 3)
    // Nobody speaks in it: the text stays.
    let silent = try redo(item, "no-speech")
    #expect(silent.code == 4 && silent.errors.contains("its text stays"), "\(silent)")
    #expect(try sandbox.thoth("history", "show", item, "--json").output.contains("More."))
  }

  @Test func oneThatIsOnItsWayIsNotBegunAgainAndCanBeCancelled() throws {
    let item = try importSpeech()
    let running = try sandbox.start("history", "redo", item, with: ["THOTH_ENGINE_URL": server.url("never")])
    #expect(eventually { (try? server.asked("never")) ?? 0 >= 1 })
    #expect(try sandbox.thoth("status").output.contains(item.prefix(13)))
    let second = try redo(item, "ok")
    #expect(second.code == 3 && second.errors.contains("is on its way"), "\(second)")
    #expect(try sandbox.thoth("cancel", item).code == 0)
    #expect(running.wait() == 130, "\(running.errors)")
  }

  @Test(arguments: ["wav", "flac"]) func itsAudioIsWrittenAsItIsStored(ending: String) throws {
    let item = try importSpeech()
    let path = folder.file("again.\(ending)")
    #expect(try sandbox.thoth("history", "export", item, "-o", path).code == 0)
    let samples = try decoded(path)
    #expect(!samples.isEmpty)
    #expect(try decoded(folder.file("talk.wav")) == samples)
    // A damaged one leaves what is there.
    let blobs = sandbox.file("data/thoth/blobs")
    let blob = try #require(
      FileManager.default.subpathsOfDirectory(atPath: blobs).first { $0.hasSuffix(".flac") })
    var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(blobs)/\(blob)"))
    bytes.replaceSubrange(bytes.count / 2..<bytes.count / 2 + 64, with: Data(count: 64))
    try bytes.write(to: URL(fileURLWithPath: "\(blobs)/\(blob)"))
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let damaged = try sandbox.thoth("history", "export", item, "--force", "-o", path)
    #expect(damaged.code == 1 && damaged.errors.contains("is damaged"), "\(damaged)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".new") } == [])
  }

  @Test func audioThatIsGoneIsNamed() throws {
    let item = try importSpeech()
    let blobs = sandbox.file("data/thoth/blobs")
    for name in try FileManager.default.subpathsOfDirectory(atPath: blobs) where name.hasSuffix(".flac") {
      try FileManager.default.removeItem(atPath: "\(blobs)/\(name)")
    }
    for command in ["redo", "play"] {
      let told = try sandbox.thoth("history", command, item)
      #expect(told.code == 1 && told.errors.contains("is gone"), "\(told)")
    }
    #expect(try sandbox.thoth("history", "show", item, "--json").output.contains("all is well"))
  }
}
