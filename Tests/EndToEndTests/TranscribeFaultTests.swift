import Foundation
import TestSupport
import Testing

/// Files that are no audio, engines that fail, runs that are interrupted.
@Suite(.serialized) struct TranscribeFaultTests {
  private let sandbox: Sandbox
  private let server: FaultServer
  private let folder: TemporaryFolder
  private let microphone: FaultMicrophone

  init() throws {
    let configuration = try ALSAConfiguration()
    microphone = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.isPatient = true
      }, named: "default", in: configuration)
    sandbox = try Sandbox(configuration.environment)
    server = try FaultServer()
    folder = try TemporaryFolder()
  }

  private func configure(_ mode: String, _ more: String = "") throws {
    try sandbox.writeSettings(
      "[output]\nmethod = \"none\"\n[[engine]]\nurl = \"\(server.url(mode))\"\nspeculate = \"off\"\n\(more)")
  }

  @Test func whatCannotBeReadIsToldAndTheRestGoesOn() throws {
    try configure("ok")
    for name in ["a.wav", "sub/b.wav", ".hidden.wav"] {
      try? FileManager.default.createDirectory(
        atPath: folder.file("sub"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: recording("utt_jfk.wav"), toPath: folder.file(name))
    }
    try folder.write("no audio", to: "c.mp3")
    try folder.write("no audio", to: "notes.txt")
    try ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "3", folder.file("sub/silence.wav"))
    let told = try sandbox.thoth(
      "transcribe", "--quiet", folder.path, folder.file("missing.wav"), folder.file("a.*"))
    #expect(told.code == 9)
    #expect(
      told.output == """
        ==> \(folder.path)/a.wav <==
        all is well

        ==> \(folder.path)/sub/b.wav <==
        all is well

        ==> \(folder.path)/sub/silence.wav <==

        """, "\(told.output)")
    #expect(told.errors.contains("c.mp3: this is no audio or video file"), "\(told.errors)")
    #expect(told.errors.contains("missing.wav: there is no such file"), "\(told.errors)")
    #expect(
      told.errors.contains("3 of 5 files transcribed, 1 of them without speech, 2 failed"), "\(told.errors)")
    // One file alone ends with its own code.
    #expect(try sandbox.thoth("transcribe", "--quiet", folder.file("c.mp3")).code == 2)
    #expect(try sandbox.thoth("transcribe", "--quiet", folder.file("missing.wav")).code == 2)
    #expect(try sandbox.thoth("transcribe", "--quiet", "/dev/null").code == 2)
  }

  @Test func textsGoIntoAFolder() throws {
    try configure("ok")
    try FileManager.default.createDirectory(atPath: folder.file("in/sub"), withIntermediateDirectories: true)
    for name in ["a.wav", "a.mp3", "sub/b.wav"] {
      try ffmpeg("-i", recording("utt_jfk.wav"), folder.file("in/\(name)"))
    }
    let out = folder.file("out")
    #expect(try sandbox.thoth("transcribe", "--quiet", folder.file("in"), "-o", out).code == 0)
    for name in ["a.wav.txt", "a.mp3.txt", "sub/b.txt"] {
      #expect(try String(contentsOfFile: "\(out)/\(name)", encoding: .utf8) == "all is well\n")
    }
    let again = try sandbox.thoth("transcribe", "--quiet", folder.file("in"), "-o", out)
    #expect(
      again.code == 2 && again.errors.contains("exists: name another folder, or add --force"), "\(again)")
    #expect(try sandbox.thoth("transcribe", "--quiet", "--force", folder.file("in"), "-o", out).code == 0)
  }

  /// Segments that have their text are not asked for again, whatever ended the run.
  @Test(arguments: ["kill -9", "Ctrl-C", "daemon --stop"])
  func anInterruptedRunIsContinued(end: String) throws {
    let path = folder.file("speech.wav")
    try makeSpeech(path, sentences: 5)
    try configure("3-then-never")
    let running = try sandbox.start("transcribe", "--quiet", "--jobs", "1", path)
    #expect(eventually { (try? server.asked("3-then-never")) ?? 0 >= 4 })
    switch end {
    case "kill -9": _ = kill(try #require(sandbox.daemon), SIGKILL)
    case "Ctrl-C": running.kill(SIGINT)
    default: #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    }
    #expect(running.wait() != 0)
    #expect(end != "Ctrl-C" || running.errors.contains("the same command with --resume goes on"))
    // The next one reads the settings when it starts.
    #expect(eventually { sandbox.daemon == nil || end == "Ctrl-C" })
    try sandbox.thoth("daemon", "--stop")
    try configure("ok")
    let told = try sandbox.thoth("transcribe", "--quiet", "--jobs", "1", "--resume", path)
    #expect(told.code == 0, "\(told)")
    #expect(
      told.output == Array(repeating: "all is well", count: 5).joined(separator: "\n") + "\n",
      "\(told.output)")
    #expect(try server.asked("ok") == 2)
    // It is done now: another one begins anew.
    #expect(try sandbox.thoth("transcribe", "--quiet", "--resume", path).code == 0)
    #expect(try server.asked("ok") == 7)
  }

  /// A run may be killed when an item is saved, and before that is noted for `--resume`: the item is found again.
  @Test func whatWasSavedBeforeACrashIsNotSavedTwice() throws {
    try configure("ok")
    // With one that fails, what is known of the others is kept.
    try folder.write("no audio", to: "broken.mp3")
    let files = [recording("utt_jfk.wav"), folder.file("broken.mp3")]
    #expect(try sandbox.thoth("transcribe", "--quiet", files[0], files[1]).code == 9)
    let journals = sandbox.file("state/thoth/transcribe")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: journals).first)
    let lines = try String(contentsOfFile: "\(journals)/\(name)", encoding: .utf8).split(separator: "\n")
    try #require(lines.last?.contains("\"done\"") == true, "\(lines)")
    try Data(lines.dropLast().joined(separator: "\n").utf8).write(
      to: URL(fileURLWithPath: "\(journals)/\(name)"))
    let again = try sandbox.thoth("transcribe", "--quiet", "--resume", files[0], files[1])
    #expect(again.code == 9 && again.output.contains("all is well"), "\(again)")
    #expect(try server.asked("ok") == 1)
    #expect(try sandbox.thoth("history").output.split(separator: "\n").count == 1)
  }

  @Test(arguments: ["401", "never"])
  func anEngineThatIsLostEndsTheRunAndNothingIsLost(how: String) throws {
    let path = folder.file("speech.wav")
    try makeSpeech(path, sentences: 3)
    try configure("2-then-\(how)")
    let running = try sandbox.start("transcribe", "--quiet", "--jobs", "1", path, recording("none_robin.wav"))
    if how == "never" {
      #expect(eventually { (try? server.asked("2-then-never")) ?? 0 >= 3 })
      server.end()
    }
    #expect(running.wait() == 5 && running.output.isEmpty, "\(running.output) \(running.errors)")
    #expect(running.errors.contains("with --resume goes on"), "\(running.errors)")
    try sandbox.thoth("daemon", "--stop")
    let next = try FaultServer()
    try sandbox.writeSettings("[output]\nmethod = \"none\"\n[[engine]]\nurl = \"\(next.url("ok"))\"\n")
    #expect(try sandbox.thoth("transcribe", "--quiet", "--resume", path).code == 0)
    #expect(try next.asked("ok") == 1)
  }

  /// A moment without a network is waited for.
  @Test func anEngineThatFailsForAMomentIsAskedAgain() throws {
    try configure("500x3")
    let told = try sandbox.thoth("transcribe", "--quiet", recording("utt_jfk.wav"))
    #expect(told.code == 0 && told.output == "all is well\n", "\(told)")
  }

  /// What was asked for a file is taken back as soon as somebody dictates, and asked again afterwards.
  @Test func dictationGoesFirst() throws {
    try configure("ok", "[[engine]]\nname = \"files\"\nurl = \"\(server.url("neverx2"))\"\n")
    let path = folder.file("speech.wav")
    try makeSpeech(path, sentences: 3)
    let running = try sandbox.start("transcribe", "--quiet", "--engine", "files", "--jobs", "2", path)
    #expect(eventually { (try? server.asked("neverx2")) == 2 })
    let job = String(try sandbox.thoth("record").output.dropLast())
    #expect(server.waitFor("gone"))
    #expect(sandbox.waitForAudio(of: job, seconds: 2.5))
    #expect(try server.asked("neverx2") == 2)
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    #expect(running.wait() == 0)
    #expect(running.output.split(separator: "\n").count == 3, "\(running.output) \(running.errors)")
  }

  /// What waits for a dictation can be ended, and keeps the daemon from nothing.
  @Test func whatWaitsForADictationCanBeEnded() throws {
    try configure("ok")
    let job = String(try sandbox.thoth("record").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 1))
    let events = try sandbox.follow()
    let first = try sandbox.start("transcribe", "--quiet", recording("utt_jfk.wav"))
    #expect(events.waitForOutput("\"what\":\"started\""))
    let line = try #require(events.output.split(separator: "\n").first { $0.contains("\"started\"") })
    let run = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(try sandbox.thoth("status").output.contains("transcribing a file"))
    #expect(try sandbox.thoth("cancel", #require(run["job"] as? String)).code == 0)
    #expect(first.wait() == 130 && first.errors.contains("cancelled"), "\(first.errors)")
    #expect(try server.asked("ok") == 0)
    let second = try sandbox.start("transcribe", "--quiet", recording("utt_jfk.wav"))
    #expect(eventually { (try? sandbox.thoth("status").output.contains("transcribing a file")) == true })
    #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    #expect(second.wait() == 130)
  }

  /// Two texts are never one file, and what cannot be written is found out before any work.
  @Test func noTextIsLostInTheFolder() throws {
    try configure("ok")
    for name in ["a/1.wav", "b/1.wav"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(String(name.first!)), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: recording("utt_jfk.wav"), toPath: folder.file(name))
    }
    let files = [folder.file("a/1.wav"), folder.file("b/1.wav")]
    let both = try sandbox.thoth("transcribe", "--quiet", files[0], files[1], "-o", folder.file("out"))
    #expect(both.code == 2 && both.errors.contains("would both be"), "\(both)")
    try folder.write("", to: "plain")
    let refused = try sandbox.thoth("transcribe", "--quiet", files[0], "-o", folder.file("plain/sub"))
    #expect(refused.code == 2 && refused.errors.contains("cannot be made"), "\(refused)")
    #expect(try server.asked("ok") == 0)
    // With --resume what somebody has written is not replaced either, unless an earlier run has begun it.
    try FileManager.default.createDirectory(atPath: folder.file("out"), withIntermediateDirectories: true)
    try folder.write("mine", to: "out/1.txt")
    #expect(
      try sandbox.thoth("transcribe", "--quiet", "--resume", files[0], "-o", folder.file("out")).code == 2)
    #expect(folder.read("out/1.txt") == "mine")
    let open = try run(
      "bash",
      [
        "-c", "umask 027; \"$0\" transcribe --quiet --format srt \(files[0]) -o \(folder.file("new"))",
        Sandbox.program("thoth"),
      ],
      environment: sandbox.environment)
    #expect(open.code == 0, "\(open)")
    for (name, mode) in [("new", 0o750), ("new/1.srt", 0o640)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
      #expect(attributes[.posixPermissions] as? Int == mode)
    }
    let captions = try #require(folder.read("new/1.srt"))
    #expect(captions.contains("well\r\n") && Array(captions.utf8.suffix(2)) == [13, 10])
  }

  /// Captions of several files are none that a player reads, also when a folder means them.
  @Test func captionsOfAFolderAreFiles() throws {
    try configure("ok")
    for name in ["1.wav", "2.wav"] {
      try FileManager.default.copyItem(atPath: recording("utt_jfk.wav"), toPath: folder.file(name))
    }
    let told = try sandbox.thoth("transcribe", "--quiet", "--format", "srt", folder.path)
    #expect(told.code == 2 && told.errors.contains("have to be files"), "\(told)")
    #expect(try server.asked("ok") == 0)
  }

  /// A name may be any bytes but NUL and the slash. What has another name to the system is another file.
  @Test func namesAreBytes() throws {
    try configure("ok")
    for name in ["caf\u{e9}.wav", "cafe\u{301}.wav"] {
      try FileManager.default.copyItem(atPath: recording("utt_jfk.wav"), toPath: folder.file(name))
    }
    let both = try sandbox.thoth("transcribe", "--quiet", folder.path)
    #expect(both.code == 0 && both.output.components(separatedBy: "all is well").count == 3, "\(both)")
    let made = try run(
      "bash", ["-c", "cp \"$0\" \"$1\"/$'l\\xe9t.wav'", recording("utt_jfk.wav"), folder.path])
    try #require(made.code == 0)
    let three = try sandbox.thoth("transcribe", "--quiet", folder.path)
    #expect(three.code == 9 && three.errors.contains("its name is no UTF-8: rename it"), "\(three)")
  }

  /// With no terminal, what happens is told as JSON lines; events tell the same.
  @Test func progressIsTold() throws {
    try configure("ok")
    let path = folder.file("speech.wav")
    try makeSpeech(path, sentences: 3)
    let events = try sandbox.follow()
    let told = try sandbox.thoth("transcribe", path)
    let lines = try told.errors.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.allSatisfy { $0["type"] as? String == "transcribe" })
    #expect(lines.first?["what"] as? String == "started" && lines.last?["what"] as? String == "finished")
    let shares = lines.compactMap { $0["progress"] as? Double }
    #expect(shares == shares.sorted() && shares.last == 1, "\(shares)")
    #expect(events.waitForOutput("\"what\":\"finished\""))
  }

  @Test func badOptionsAreToldInASentence() throws {
    try configure("ok")
    let file = recording("utt_jfk.wav")
    for (options, sentence) in [
      (["--jobs", "0"], "--jobs is a number from 1 to 64, not \"0\""),
      (["--track", "x"], "--track is a number from 1 to 1000, not \"x\""),
      (["--engine", "none"], "there is no engine none"),
      (["--tag", "moon"], "\"moon\" is no tag: a tag is KEY=VALUE"),
      (["--language", "English"], "\"English\" is no language"),
      (
        ["--format", "srt", file],
        "captions of several files have to be files: name a folder for them with -o DIR"
      ),
    ] {
      let told = try run(
        Sandbox.program("thoth"), ["transcribe", file] + options, environment: sandbox.environment)
      #expect(told.code == 2 && told.errors.contains(sentence), "\(options): \(told)")
    }
  }
}
