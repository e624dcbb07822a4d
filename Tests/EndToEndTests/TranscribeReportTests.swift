import Foundation
import TestSupport
import Testing

/// What a run over files tells whoever started it.
@Suite(.serialized) struct TranscribeReportTests {
  private let sandbox: Sandbox
  private let server: FaultServer
  private let folder: TemporaryFolder

  init() throws {
    sandbox = try Sandbox()
    server = try FaultServer()
    folder = try TemporaryFolder()
    try configure("ok")
  }

  private func configure(_ mode: String) throws {
    try sandbox.writeSettings(
      "[output]\nmethod = \"none\"\n[[engine]]\nurl = \"\(server.url(mode))\"\nspeculate = \"off\"\n")
  }

  /// Every line of `errors`, which have to be events.
  private func events(_ errors: String) throws -> [[String: Any]] {
    try errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
      let line = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      #expect(line?["type"] as? String == "transcribe" && line?["v"] as? Int == 1, "\($0)")
      return try #require(line)
    }
  }

  private func messages(_ what: String, _ lines: [[String: Any]]) -> [String] {
    lines.filter { $0["what"] as? String == what }.compactMap { $0["message"] as? String }
  }

  private func silence() throws -> String {
    let path = folder.file("silence.wav")
    try ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "3", path)
    return path
  }

  /// A file with speech, one without, one that is cut off, one that is none, and the name of one that is missing.
  private func mixedFiles() throws -> [String] {
    try ffmpeg("-i", recording("utt_jfk.wav"), folder.file("whole.flac"))
    let whole = try #require(FileManager.default.contents(atPath: folder.file("whole.flac")))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: folder.file("cut.flac")))
    try folder.write("no audio", to: "broken.mp3")
    return [
      folder.file("missing.wav"), folder.file("whole.flac"), try silence(),
      folder.file("broken.mp3"), folder.file("cut.flac"),
    ]
  }

  @Test func eachLineOfStandardErrorIsAnEvent() throws {
    let files = try mixedFiles()
    let told = try run(Sandbox.program("thoth"), ["transcribe"] + files, environment: sandbox.environment)
    #expect(told.code == 9 && told.output.components(separatedBy: "all is well").count == 3, "\(told)")
    let lines = try events(told.errors)
    #expect(
      messages("failed", lines) == [
        "\(files[0]): there is no such file", "\(files[3]): this is no audio or video file",
      ])
    let warnings = messages("warning", lines)
    #expect(warnings.contains("\(files[2]): nobody speaks in it"), "\(warnings)")
    #expect(warnings.contains { $0.hasPrefix("\(files[4]): ") }, "\(warnings)")
    let last = try #require(lines.last)
    #expect(last["what"] as? String == "finished", "\(last)")
    for (count, expected) in [
      ("files", 5), ("done", 3), ("failed", 2), ("without_speech", 1), ("exit_code", 9),
    ] { #expect(last[count] as? Int == expected, "\(count): \(last)") }
    #expect(
      (last["message"] as? String)?.hasPrefix(
        "3 of 5 files transcribed, 1 of them without speech, 2 failed: 0:") == true, "\(last)")
    #expect(lines.dropLast().allSatisfy { $0["exit_code"] == nil })
    // The same files in sentences.
    let said = try run(
      Sandbox.program("thoth"), ["transcribe", "--quiet"] + files, environment: sandbox.environment)
    #expect(said.code == 9 && !said.errors.contains("{"), "\(said)")
    let sentences = said.errors.split(separator: "\n")
    #expect(sentences.count == 6 && sentences.allSatisfy { $0.hasPrefix("thoth: ") }, "\(said)")
    #expect(said.output == told.output)
  }

  @Test func theLastEventHasTheExitCode() throws {
    for (file, code) in [
      (recording("utt_jfk.wav"), 0), (try silence(), 4), (folder.file("missing.wav"), 2),
    ] {
      let told = try sandbox.thoth("transcribe", file)
      let last = try #require(try events(told.errors).last)
      #expect(told.code == Int32(code) && last["exit_code"] as? Int == code, "\(told)")
    }
    // What is wrong before the run begins is a sentence.
    let wrong = try sandbox.thoth("transcribe", "--jobs", "0", recording("utt_jfk.wav"))
    #expect(wrong.code == 2 && wrong.errors.hasPrefix("thoth: --jobs is a number"), "\(wrong)")
  }

  @Test(arguments: [("Ctrl-C", 130), ("cancel", 130), ("daemon --stop", 130), ("kill -9", 8), ("401", 5)])
  func aRunThatIsStoppedEndsWithAnEvent(how: String, code: Int) throws {
    let path = folder.file("speech.wav")
    try makeSpeech(path, sentences: 3)
    let mode = how == "401" ? "1-then-401" : "1-then-never"
    try configure(mode)
    let running = try sandbox.start("transcribe", "--jobs", "1", path)
    #expect(eventually { (try? server.asked(mode)) ?? 0 >= 2 })
    switch how {
    case "Ctrl-C": running.kill(SIGINT)
    case "cancel": #expect(try sandbox.thoth("cancel").code == 0)
    case "daemon --stop": #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    case "kill -9": _ = kill(try #require(sandbox.daemon), SIGKILL)
    default: break
    }
    let ended = running.wait()
    #expect(how == "Ctrl-C" ? ended != 0 : ended == Int32(code), "\(ended)")
    let last = try #require(try events(running.errors).last, "\(running.errors)")
    #expect(last["what"] as? String == "stopped" && last["exit_code"] as? Int == code, "\(last)")
    let message = last["message"] as? String ?? ""
    #expect(message.contains("--resume goes on") || how == "kill -9", "\(message)")
  }

  /// On a terminal there are sentences, and no events.
  @Test func aTerminalGetsSentences() throws {
    let files = try mixedFiles().joined(separator: " ")
    let told = try run(
      "script", ["-qec", "\(Sandbox.program("thoth")) transcribe \(files)", "/dev/null"],
      environment: sandbox.environment)
    #expect(told.code == 9 && !told.output.contains("{"), "\(told)")
    #expect(told.output.contains("thoth: \(folder.file("missing.wav")): there is no such file"), "\(told)")
    #expect(told.output.contains("3 of 5 files transcribed"), "\(told)")
  }

  /// A disk that takes no text costs that file alone, and with --resume nothing is transcribed again.
  @Test(.enabled(if: SmallDisk.isAllowed, "mounting takes the right to"), arguments: ["full", "read-only"])
  func aTextThatCannotBeWrittenIsAFailure(how: String) throws {
    for name in ["in/a/1.wav", "in/b/2.wav", "in/c/3.wav"] {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: folder.file(name)).deletingLastPathComponent(),
        withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: recording("utt_jfk.wav"), toPath: folder.file(name))
    }
    let disk = try SmallDisk(kilobytes: 100)
    try FileManager.default.createDirectory(atPath: folder.file("out"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("out/b"), withDestinationPath: disk.path)
    if how == "full" { try disk.fill() } else { try disk.setReadOnly(true) }
    let told = try sandbox.thoth(
      "transcribe", "--no-save", folder.file("in"), "-o", folder.file("out"))
    #expect(told.code == 9 && told.output.isEmpty, "\(told)")
    let lines = try events(told.errors)
    let reason = how == "full" ? "No space left on device" : "Read-only file system"
    #expect(
      messages("failed", lines) == [
        "\(folder.file("in"))/b/2.wav: \(folder.file("out"))/b/2.txt cannot be written: \(reason). "
          + "Mend that: the same command with --resume writes it"
      ], "\(lines)")
    #expect(lines.last?["done"] as? Int == 2 && lines.last?["failed"] as? Int == 1, "\(lines)")
    for name in ["a/1.txt", "c/3.txt"] { #expect(folder.read("out/\(name)") == "all is well\n") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).allSatisfy { $0 == "filler" })
    let asked = try server.asked("ok")
    if how == "full" { try disk.free() } else { try disk.setReadOnly(false) }
    let again = try sandbox.thoth(
      "transcribe", "--no-save", "--quiet", "--resume", folder.file("in"), "-o", folder.file("out"))
    #expect(again.code == 0 && folder.read("out/b/2.txt") == "all is well\n", "\(again)")
    #expect(try server.asked("ok") == asked)
  }

  /// One file alone ends with the code for the disk.
  @Test func theOnlyTextThatCannotBeWrittenHasItsOwnCode() throws {
    // Its name is taken by a folder, which --force does not replace.
    try FileManager.default.createDirectory(
      atPath: folder.file("out/utt_jfk.txt/full"), withIntermediateDirectories: true)
    let told = try sandbox.thoth(
      "transcribe", "--quiet", "--force", recording("utt_jfk.wav"), "-o", folder.file("out"))
    #expect(told.code == 1 && told.errors.contains("utt_jfk.txt cannot be written: "), "\(told)")
  }

  /// What has its text is left out, unopened; the rest is done.
  @Test func whatIsThereIsLeftOut() throws {
    for name in ["in/1.wav", "in/sub/2.wav", "in/4.wav"] {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: folder.file(name)).deletingLastPathComponent(),
        withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: recording("utt_jfk.wav"), toPath: folder.file(name))
    }
    // Nobody speaks in one of them: its text is empty, and there all the same.
    try FileManager.default.moveItem(atPath: silence(), toPath: folder.file("in/3.wav"))
    let words = ["transcribe", folder.file("in"), "-o", folder.file("out"), "--skip-existing"]
    let first = try run(Sandbox.program("thoth"), words, environment: sandbox.environment)
    #expect(try first.code == 0 && events(first.errors).last?["skipped"] as? Int == 0, "\(first)")
    #expect(folder.read("out/3.txt") == "" && folder.read("out/sub/2.txt") == "all is well\n")
    try folder.write("mine", to: "out/1.txt")
    try FileManager.default.removeItem(atPath: folder.file("out/4.txt"))
    let asked = try server.asked("ok")
    // What was opened would be no audio.
    try folder.write("no audio", to: "in/1.wav")
    let second = try run(Sandbox.program("thoth"), words, environment: sandbox.environment)
    let last = try #require(try events(second.errors).last)
    #expect(second.code == 0, "\(second)")
    for (count, expected) in [("files", 4), ("done", 1), ("failed", 0), ("skipped", 3), ("exit_code", 0)] {
      #expect(last[count] as? Int == expected, "\(count): \(last)")
    }
    #expect(folder.read("out/1.txt") == "mine" && folder.read("out/4.txt") == "all is well\n")
    #expect(try server.asked("ok") == asked + 1)
    let third = try run(Sandbox.program("thoth"), words + ["--quiet"], environment: sandbox.environment)
    #expect(
      third.code == 0
        && third.errors.hasPrefix("thoth: 0 of 4 files transcribed, 4 there already: 0:00 of audio"),
      "\(third)")
    // One alone too, in another format not.
    let one = [folder.file("in/4.wav"), "-o", folder.file("out"), "--skip-existing", "--quiet"]
    let alone = try run(Sandbox.program("thoth"), ["transcribe"] + one, environment: sandbox.environment)
    #expect(alone.code == 0 && alone.errors.contains("1 there already"), "\(alone)")
    let captions = try run(
      Sandbox.program("thoth"), ["transcribe", "--format", "srt"] + one, environment: sandbox.environment)
    #expect(captions.code == 0 && folder.read("out/4.srt")?.contains("well") == true, "\(captions)")
  }

  /// With --resume, what an interrupted run has written is left out as well, and what it has begun is continued.
  @Test func whatIsThereIsLeftOutWhenItIsContinued() throws {
    for name in ["in/1.wav", "in/2.wav"] {
      try FileManager.default.createDirectory(
        atPath: folder.file("in"), withIntermediateDirectories: true)
      try makeSpeech(folder.file(name), sentences: 2)
    }
    try configure("3-then-401")
    let words = ["transcribe", "--quiet", "--jobs", "1", folder.file("in"), "-o", folder.file("out")]
    #expect(try run(Sandbox.program("thoth"), words, environment: sandbox.environment).code == 5)
    #expect(folder.read("out/1.txt") != nil && folder.read("out/2.txt") == nil)
    try sandbox.thoth("daemon", "--stop")
    try configure("ok")
    let more = try run(
      Sandbox.program("thoth"), words + ["--resume", "--skip-existing"], environment: sandbox.environment)
    #expect(more.code == 0 && more.errors.contains("1 of 2 files transcribed, 1 there already"), "\(more)")
    #expect(folder.read("out/2.txt") == "all is well\nall is well\n")
    #expect(try server.asked("ok") == 1)
  }

  @Test func whatIsLeftOutIsInAFolderAndNotReplaced() throws {
    for (options, sentence) in [
      (["--skip-existing"], "--skip-existing looks for texts in a folder: name it with -o DIR"),
      (
        ["--skip-existing", "--force", "-o", folder.file("out")],
        "--skip-existing and --force exclude each other"
      ),
    ] {
      let told = try run(
        Sandbox.program("thoth"), ["transcribe", recording("utt_jfk.wav")] + options,
        environment: sandbox.environment)
      #expect(told.code == 2 && told.errors.contains(sentence), "\(told)")
    }
    // A folder is no text.
    try FileManager.default.createDirectory(
      atPath: folder.file("out/utt_jfk.txt"), withIntermediateDirectories: true)
    let told = try sandbox.thoth(
      "transcribe", "--skip-existing", recording("utt_jfk.wav"), "-o", folder.file("out"))
    #expect(told.code == 2 && told.errors.contains("utt_jfk.txt exists"), "\(told)")
  }
}
