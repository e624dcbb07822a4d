import Foundation
import TestSupport
import Testing

/// Files become text, through the embedded engine.
@Suite(.serialized) struct TranscribeTests {
  private let sandbox: Sandbox
  private let folder: TemporaryFolder

  init() throws {
    sandbox = try Sandbox(hasEngine: true)
    folder = try TemporaryFolder()
  }

  private static let sentence = "ask not what your country can do for you"

  private func words(_ text: String) -> String {
    text.lowercased().filter { $0.isLetter || $0 == " " || $0 == "\n" }.replacing("\n", with: " ")
  }

  @Test func everyFormatBecomesText() throws {
    let formats = [
      "wav -c:a pcm_s24le -ar 48000 -ac 2", "flac", "mp3 -b:a 64k", "m4a -c:a aac", "ogg -c:a libvorbis",
      "opus -c:a libopus", "webm -c:a libopus", "mp4 -c:a aac",
    ]
    for format in formats {
      let parts = format.split(separator: " ").map(String.init)
      let made = try run(
        "ffmpeg",
        ["-v", "error", "-nostdin", "-i", recording("utt_jfk.wav")] + parts.dropFirst()
          + [folder.file("speech.\(parts[0])")])
      try #require(made.code == 0, "\(made.errors)")
    }
    let told = try sandbox.thoth("transcribe", "--quiet", folder.path)
    #expect(told.code == 0, "\(told)")
    #expect(
      words(told.output).components(separatedBy: Self.sentence).count == formats.count + 1, "\(told.output)")
  }

  @Test func theTrackThatIsAskedForIsHeard() throws {
    let path = folder.file("two.mkv")
    try ffmpeg(
      "-f", "lavfi", "-i", "color=c=red:s=64x64:d=11", "-i", recording("none_robin.wav"), "-i",
      recording("utt_jfk.wav"), "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "mpeg4", "-c:a", "flac",
      path)
    #expect(
      words(try sandbox.thoth("transcribe", "--quiet", "--track", "2", path).output).contains(Self.sentence))
    let none = try sandbox.thoth("transcribe", "--quiet", path)
    #expect(none.code == 4 && none.output.isEmpty && none.errors.contains("nobody speaks in it"), "\(none)")
    let missing = try sandbox.thoth("transcribe", "--quiet", "--track", "3", path)
    #expect(missing.code == 2 && missing.errors.contains("it has no audio track 3, but 1 ("), "\(missing)")
  }

  @Test func pipesAreHeard() throws {
    let path = folder.file("speech.mp4")
    try ffmpeg("-i", recording("utt_jfk.wav"), "-c:a", "aac", path)
    let script = """
      cat \(path) | "$0" transcribe --quiet - && "$0" transcribe --quiet <(cat \(recording("utt_jfk.wav")))
      """
    let told = try run(
      "bash", ["-c", script, Sandbox.program("thoth")], environment: sandbox.environment)
    #expect(told.code == 0, "\(told)")
    #expect(words(told.output).components(separatedBy: Self.sentence).count == 3, "\(told)")
  }

  @Test func captionsComeWithTheWords() throws {
    let path = folder.file("speech.wav")
    try makeSpeech(path, sentences: 2)
    for format in ["srt", "vtt"] {
      #expect(
        try sandbox.thoth("transcribe", "--quiet", "--format", format, "-o", folder.path, path).code == 0)
      // What another program reads of it.
      try ffmpeg("-i", folder.file("speech.\(format)"), folder.file("read.\(format).srt"))
      let read = try String(contentsOfFile: folder.file("read.\(format).srt"), encoding: .utf8)
      #expect(words(read.replacing("-->", with: "")).contains("your country"), "\(read)")
      let lines = read.split(whereSeparator: \.isNewline).filter { $0.contains(where: \.isLetter) }
      #expect(lines.count > 4 && lines.allSatisfy { $0.count <= 42 }, "\(read)")
      // The second sentence begins 14 s after the first; a little before, by the engine's times.
      #expect(read.contains("00:00:13,") || read.contains("00:00:14,"), "\(read)")
    }
  }

  @Test func textAndAudioGoIntoTheHistory() throws {
    try sandbox.writeSettings("[history]\nkeep_audio = \"0\"\n")
    let path = folder.file("interview.flac")
    try ffmpeg("-i", recording("utt_jfk.wav"), path)
    let told = try sandbox.thoth("transcribe", "--quiet", "--format", "json", "--tag", "project=moon", path)
    #expect(told.code == 0, "\(told)")
    let line = try #require(try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any])
    let item = try #require(line["item"] as? String)
    let segments = try #require(line["segments"] as? [[String: Any]])
    #expect(segments.first?["start"] as? Int ?? 9999 < 1000 && line["duration_ms"] as? Int == 11_000)
    #expect((line["words"] as? [Any])?.count == (line["text"] as? String)?.split(separator: " ").count)
    let shown = try sandbox.thoth("history", "show", item, "--json").output
    #expect(shown.contains("\"kind\":\"import\"") && shown.contains("\"project\":\"moon\""), "\(shown)")
    #expect(shown.contains("\"file\":\"interview.flac\""), "\(shown)")
    // Audio is kept, whatever is said of what was dictated: the daemon's start looks for what is too old.
    #expect(try sandbox.thoth("daemon", "--stop").code == 0)
    #expect(try sandbox.thoth("history", "export", item, "-o", folder.file("out.wav")).code == 0)
    #expect(try decoded(folder.file("out.wav")) == decoded(path))
    #expect(try sandbox.thoth("transcribe", "--quiet", "--no-save", path).code == 0)
    #expect(try sandbox.thoth("history").output.split(separator: "\n").count == 1)
    // A copy of it is the same, wherever it is: the item gets what is noted of that.
    try FileManager.default.copyItem(atPath: path, toPath: folder.file("copy.flac"))
    let again = try sandbox.thoth(
      "transcribe", "--quiet", "--format", "json", "--tag", "speaker=Kennedy", folder.file("copy.flac"))
    #expect(again.code == 0 && again.output.contains("\"item\":\"\(item)\""), "\(again)")
    let merged = try sandbox.thoth("history", "show", item, "--json").output
    for tag in ["\"file\":\"copy.flac\"", "\"project\":\"moon\"", "\"speaker\":\"Kennedy\""] {
      #expect(merged.contains(tag), "\(merged)")
    }
    #expect(try sandbox.thoth("history").output.split(separator: "\n").count == 1)
  }
}
