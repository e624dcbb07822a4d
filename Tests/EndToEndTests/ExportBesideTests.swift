import DictationTypes
import Foundation
import Library
import TestSupport
import Testing

/// What an export has besides its samples: captions, chapters, tags, loudness; and how it is asked for.
@Suite struct ExportBesideTests {
  private let rig: ExportRig
  private var sandbox: Sandbox { rig.sandbox }

  init() throws { rig = try ExportRig() }

  /// Two items of three seconds; the engine has told the times of the words of the first.
  private func addTalk() async throws -> [String] {
    let words = ["One", "two", "three."].enumerated().map {
      TimedWord($1, start: 1000 * $0 + 200, end: 1000 * $0 + 700)
    }
    let first = try await rig.add(ExportRig.noise(3, seed: 1), "One two three.", minute: 1) {
      $0.result?.words = words
    }
    let second = try await rig.add(ExportRig.noise(3, seed: 2), "Fish & <chips>", minute: 2)
    return [first, second]
  }

  @Test func noCaptionGoesFromOneClipIntoTheNext() async throws {
    let rig = try ExportRig()
    for minute in 0..<4 {
      try await rig.add(
        ExportRig.noise(1, seed: minute), ["one two", "three", "four five", "six"][minute], minute: minute)
    }
    let path = rig.file("talk.wav")
    let made = try rig.sandbox.thoth(
      "export", "-o", path, "--kind", "dictation", "--captions", "srt", "--wait")
    #expect(made.code == 0, "\(made)")
    let lines = try String(contentsOfFile: rig.file("talk.srt"), encoding: .utf8).split(
      whereSeparator: \.isNewline)
    #expect(
      lines.filter { $0.contains(where: \.isLetter) } == ["one two", "three", "four five", "six"], "\(lines)")
  }

  @Test func captionsAreWhereTheWordsAreHeard() async throws {
    let items = try await addTalk()
    let cues = try rig.cues("10 \(items[0]) 1-3\n20 \(items[1])\n")
    let path = rig.file("talk.m4a")
    let json = try sandbox.thoth("export", "-o", path, "--cues", cues, "--captions", "json", "--wait")
    #expect(json.code == 0, "\(json)")
    #expect(rig.names == ["talk.json", "talk.m4a"])
    let data = try #require(FileManager.default.contents(atPath: rig.file("talk.json")))
    let clips = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    #expect(clips.map { $0["item"] as? String } == items)
    #expect(clips[0]["start"] as? Int == 10_000 && clips[0]["end"] as? Int == 12_000)
    #expect(clips[0]["text"] as? String == "two three.")
    let words = try #require(clips[0]["words"] as? [[String: Any]])
    #expect(words.map { $0["start"] as? Int } == [10_200, 11_200], "\(words)")
    #expect(words.map { $0["end"] as? Int } == [10_700, 11_700], "\(words)")
    for kind in ["vtt", "srt"] {
      #expect(
        try sandbox.thoth("export", "-o", path, "--cues", cues, "--captions", kind, "--wait", "--force").code
          == 0)
      // Read by somebody else.
      let read = try run("ffmpeg", ["-v", "error", "-i", rig.file("talk.\(kind)"), "-f", "webvtt", "-"])
      #expect(read.code == 0 && read.output.hasPrefix("WEBVTT"), "\(read)")
      #expect(
        read.output.contains("00:10.200 --> ") && read.output.contains("two three."), "\(read.output)")
      #expect(read.output.contains("chips"))
    }
    let taken = try sandbox.thoth("export", "-o", rig.file("talk.wav"), "--cues", cues, "--captions", "vtt")
    #expect(taken.code == 2 && taken.errors.contains("talk.vtt exists"), "\(taken)")
  }

  /// A file of cues as some editors write it, with clips that lie over each other.
  @Test func captionsKeepLanesApartAndChineseTogether() async throws {
    func words(_ texts: [String]) -> [TimedWord] {
      texts.enumerated().map { TimedWord($1, start: 400 * $0, end: 400 * $0 + 300) }
    }
    let chinese = try await rig.add(ExportRig.noise(3, seed: 1), "今天天气很好。", minute: 1) {
      $0.result?.words = words(["今天", "天气", "很", "好。"])
    }
    let english = try await rig.add(ExportRig.noise(3, seed: 2), "One two three four.", minute: 2) {
      $0.result?.words = words(["One", "two", "three", "four."])
    }
    let cues = try rig.cues("\u{feff}0 \(chinese) guest\n0.2 \(english) host\n4 \(english) 0-0.8 guest\n")
    let path = rig.file("talk.wav")
    for kind in ["vtt", "srt", "json"] {
      let told = try sandbox.thoth(
        "export", "-o", path, "--cues", cues, "--captions", kind, "--wait", "--force")
      #expect(told.code == 0, "\(told)")
    }
    let vtt = try String(contentsOfFile: rig.file("talk.vtt"), encoding: .utf8)
    for line in ["<v guest>今天天气很好。\n", "<v host>One two three four.\n", "<v guest>One two\n"] {
      #expect(vtt.contains(line), "\(vtt)")
    }
    #expect(vtt.components(separatedBy: " --> ").count == 4)
    let srt = try String(contentsOfFile: rig.file("talk.srt"), encoding: .utf8)
    #expect(srt.contains("\r\n今天天气很好。\r\n") && srt.contains("\r\nOne two three four.\r\n"), "\(srt)")
    let data = try #require(FileManager.default.contents(atPath: rig.file("talk.json")))
    let clips = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    #expect(clips.map { $0["lane"] as? String } == ["guest", "host", "guest"])
    #expect(clips.map { $0["text"] as? String } == ["今天天气很好。", "One two three four.", "One two"])
  }

  @Test func chaptersAndTagsAreInTheFile() async throws {
    let items = try await addTalk()
    let path = rig.file("talk.m4a")
    let told = try sandbox.thoth(
      "export", "-o", path, items[0], items[1], "--gap", "1s", "--title", "A talk", "--wait", "--json")
    let line = try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any]
    #expect(line?["path"] as? String == path && line?["duration_ms"] as? Int == 7000, "\(told)")
    let probed = try rig.probed(path)
    let chapters = try #require(probed["chapters"] as? [[String: Any]])
    #expect(
      chapters.compactMap { ($0["tags"] as? [String: Any])?["title"] as? String } == [
        "One two three.", "Fish & <chips>",
      ])
    #expect(chapters.compactMap { ($0["start_time"] as? String).flatMap(Double.init) } == [0, 4])
    let tags = (probed["format"] as? [String: Any])?["tags"] as? [String: Any]
    #expect(tags?["title"] as? String == "A talk")
    #expect((tags?["date"] as? String)?.count == 10, "\(tags ?? [:])")
    for ending in ["flac", "opus"] {
      let other = rig.file("talk.\(ending)")
      #expect(try sandbox.thoth("export", "-o", other, items[0], "--wait").code == 0)
      let probed = try rig.probed(other)
      let format = (probed["format"] as? [String: Any])?["tags"] as? [String: Any]
      let stream = (probed["streams"] as? [[String: Any]])?.first?["tags"] as? [String: Any]
      let title = (format?["TITLE"] ?? format?["title"] ?? stream?["TITLE"] ?? stream?["title"]) as? String
      #expect(title == "talk", "\(probed)")
    }
  }

  /// The integrated loudness of the file, in LUFS, as ffmpeg measures it.
  private func loudness(_ path: String) throws -> Double {
    let told = try run(
      "ffmpeg", ["-hide_banner", "-nostats", "-i", path, "-af", "ebur128", "-f", "null", "-"])
    let summary = told.errors.components(separatedBy: "Integrated loudness:").last ?? ""
    let words = summary.split(whereSeparator: \.isWhitespace)
    return try #require(words.count > 1 ? Double(words[1]) : nil, "\(told.errors)")
  }

  @Test func loudnessIsBroughtToTheUsualOne() async throws {
    // A quiet speaker and a loud one, as a tone in bursts.
    func speech(_ amplitude: Double) -> [Int16] {
      (0..<160_000).map { index in
        let isOn = index / 8000 % 3 != 2
        return Int16(isOn ? amplitude * sin(2 * .pi * 300 * Double(index) / 16_000) : 0)
      }
    }
    let quiet = try await rig.add(speech(800), minute: 1)
    let loud = try await rig.add(speech(30_000), minute: 2)
    for (item, name) in [(quiet, "quiet"), (loud, "loud")] {
      let path = rig.file("\(name).wav")
      #expect(try sandbox.thoth("export", "-o", path, item, "--normalize", "--wait").code == 0)
      let measured = try loudness(path)
      #expect(abs(measured + 16) < 0.3, "\(name): \(measured) LUFS")
      #expect(try rig.decoded(path).count == 160_000)
    }
    let silence = try await rig.add([Int16](repeating: 0, count: 16_000), minute: 3)
    let told = try sandbox.thoth("export", "-o", rig.file("silence.wav"), silence, "--normalize", "--wait")
    #expect(told.code == 0 && told.errors.contains("too quiet to be measured"), "\(told)")
  }

  @Test func thePlanIsShownWithoutAnyFile() async throws {
    let items = try await addTalk()
    let text = try await rig.add([], "only a text", minute: 3)
    let cues = try rig.cues("0 \(items[0])\n2 \(items[1]) 0-1 music pan=0.5 -3dB\n5 \(items[1])\n9 \(text)\n")
    let told = try sandbox.thoth("export", "-o", rig.file("plan.flac"), "--cues", cues, "--dry-run")
    #expect(
      told.code == 0 && told.output.contains("3 clips, 0:00:08.000 in all, 16000 Hz, stereo"), "\(told)")
    #expect(told.output.contains("0:00:03.000  0:00:02.000  silence"), "\(told)")
    #expect(told.output.contains("1 item without audio is left out"))
    let json = try sandbox.thoth("export", "-o", rig.file("plan.flac"), "--cues", cues, "--dry-run", "--json")
      .output
    let plan = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(plan["duration"] as? Double == 8 && plan["skipped"] as? Int == 1)
    #expect((plan["overlaps"] as? [[String: Double]]) == [["start": 2, "end": 3]])
    #expect((plan["gaps"] as? [[String: Double]]) == [["start": 3, "end": 5]])
    #expect((plan["clips"] as? [[String: Any]])?[1]["lane"] as? String == "music")
    #expect(rig.names.isEmpty)
  }

  @Test func cuesComeThroughPipesAndExportsAreRepeated() async throws {
    let items = try await addTalk()
    let path = rig.file("piped.wav")
    let script =
      "printf '0 %s 0-1\\n1.5 %s 1-2\\n' \"$2\" \"$3\" | \"$0\" export -o \"$1\" --cues - --wait --json"
    let told = try run(
      "/bin/sh", ["-c", script, Sandbox.program("thoth"), path, items[0], items[1]],
      environment: sandbox.environment)
    let line = try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any]
    let job = try #require(line?["job"] as? String, "\(told)")
    let first = try rig.decoded(path)
    #expect(first.count == 40_000)
    // Another daemon, another kind of file.
    #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    let again = rig.file("again.flac")
    #expect(try sandbox.thoth("export", "--again", String(job.prefix(13)), "-o", again, "--wait").code == 0)
    #expect(try rig.decoded(again) == first)
    #expect(try sandbox.thoth("export", "--again", job, "--wait").code == 2)
    #expect(try sandbox.thoth("export", "--again", job, "--wait", "--force").code == 0)
    #expect(try sandbox.thoth("export", "--again", "ffff").errors.contains("no export ffff is known"))
    #expect(try sandbox.thoth("export", "--again", job, items[0]).code == 2)
  }

  @Test func itemsAreFoundByTagsAndTimes() async throws {
    let items = try await addTalk()
    #expect(try sandbox.thoth("history", "tag", items[1], "project=atlas").code == 0)
    func planned(_ options: String...) throws -> String {
      try run(
        Sandbox.program("thoth"), ["export", "-o", rig.file("tags.wav"), "--dry-run"] + options,
        environment: sandbox.environment
      ).output
    }
    let tagged = try planned("--tag", "project=atlas")
    #expect(tagged.contains(items[1].prefix(13)) && !tagged.contains(items[0].prefix(13)), "\(tagged)")
    #expect(try planned("--since", "2026-11-20", "--until", "2026-11-23").contains("2 clips"))
    #expect(try planned("--since", "2026-11-23").isEmpty)
    #expect(try sandbox.thoth("export", "--tag", "atlas").code == 2)
  }

  @Test func withoutANameTheFileIsInTheFolderOfWhoeverAsks() async throws {
    let items = try await addTalk()
    let script = "cd \"$1\" && exec \"$0\" export \"$2\" --wait"
    let told = try run(
      "/bin/sh", ["-c", script, Sandbox.program("thoth"), rig.folder, items[0]],
      environment: sandbox.environment)
    #expect(told.output.hasPrefix(rig.file("thoth_export_2")) && told.output.hasSuffix(".m4a\n"), "\(told)")
    #expect(rig.names.count == 1)
  }

  /// The folder is shown when the file is there, in the session of whoever asked.
  @Test func theFolderIsShown() async throws {
    let items = try await addTalk()
    let bin = sandbox.file("bin")
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    let program =
      "#!/bin/sh\necho \"$DISPLAY $1\" >\"$HOME/../shown.new\" && mv \"$HOME/../shown.new\" \"$HOME/../shown\"\n"
    #expect(
      FileManager.default.createFile(
        atPath: "\(bin)/xdg-open", contents: Data(program.utf8), attributes: [.posixPermissions: 0o755]))
    let path = rig.file("shown.wav")
    // The daemon looks for it where whoever starts it would.
    let variables = ["PATH": "\(bin):/usr/bin:/bin", "DISPLAY": ":77"]
    #expect(try sandbox.thoth("export", "-o", path, items[0], "--open", "--wait", with: variables).code == 0)
    #expect(eventually { FileManager.default.fileExists(atPath: sandbox.file("shown")) })
    let shown = String(
      decoding: FileManager.default.contents(atPath: sandbox.file("shown")) ?? Data(), as: UTF8.self)
    #expect(shown == ":77 \(rig.folder)/\n")
  }
}
