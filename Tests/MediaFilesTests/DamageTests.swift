import Foundation
import TestSupport
import Testing

@Suite struct DamageTests {
  let workshop: Workshop

  init() throws { workshop = try Workshop() }

  static let kinds = [
    Kind("a.wav"), Kind("a.flac"), Kind("a.mp3", "-ar 44100"), Kind("a.m4a", "-c:a aac"),
    Kind("start.m4a", "-c:a aac -movflags +faststart"), Kind("a.ogg", "-c:a libvorbis"),
    Kind("a.opus", "-c:a libopus"),
    Kind("a.webm", "-c:a libopus"), Kind("film.mkv", "\(Kind.picture) -c:a libvorbis"),
    Kind("film.mp4", "\(Kind.picture) -c:a aac"), Kind("film.avi", "\(Kind.picture) -c:a libmp3lame"),
  ]

  @Test(arguments: kinds) func whateverIsInAFileTheHelperEndsBySaying(_ kind: Kind) throws {
    let whole = try workshop.bytes(workshop.make(kind.name, kind.options))
    for seed in 1...5 as ClosedRange<UInt64> {
      var random = SplitMix(seed: seed)
      let path = workshop.folder.file("\(seed)-\(kind.name)")
      try Data(damaged(whole, by: &random)).write(to: URL(fileURLWithPath: path))
      let decoded = try workshop.decode(path, piped: seed % 2 == 0)
      #expect(decoded.code == 0 || decoded.code == 1, "seed \(seed)")
      #expect((decoded.code == 1) == (decoded.messages.last?.kind == "format"), "seed \(seed)")
      #expect(decoded.code == 1 || !decoded.samples.isEmpty, "seed \(seed)")
    }
  }

  @Test(arguments: ["a.flac", "a.mp3", "start.m4a", "a.webm", "a.aiff", "a.wav"])
  func aFileThatWasCutOffGivesWhatThereIs(_ name: String) throws {
    let kind = try #require((Self.kinds + [Kind("a.aiff"), Kind("a.wav")]).first { $0.name == name })
    let path = try workshop.make(name, kind.options)
    let whole = try workshop.bytes(path)
    let wanted = try workshop.reference(path)
    try Data(whole[..<(whole.count * 6 / 10)]).write(to: URL(fileURLWithPath: path))
    let decoded = try workshop.decode(path)
    #expect(decoded.code == 0)
    let warning = try Regex("it ends early: it says 2\\.[78] s, and has [12]\\.[0-9] s")
    #expect(decoded.warnings.last?.wholeMatch(of: warning) != nil)
    let count = decoded.samples.count
    #expect(count > wanted.count * 4 / 10 && count < wanted.count * 9 / 10)
    // The last packet may be half there.
    #expect(largestDifference(Array(decoded.samples.dropLast(2000)), wanted) <= kind.tolerance)
  }

  @Test func anMP4FileWithoutItsIndexSaysSo() throws {
    let path = try workshop.make("a.m4a", ["-c:a", "aac"])
    let whole = try workshop.bytes(path)
    try Data(whole[..<(whole.count / 2)]).write(to: URL(fileURLWithPath: path))
    for piped in [false, true] {
      let decoded = try workshop.decode(path, piped: piped)
      #expect(decoded.code == 1)
      #expect(
        decoded.failure
          == "this file (mov,mp4,m4a,3gp,3g2,mj2) cannot be understood: it is damaged, or was not written to its end"
      )
    }
  }

  @Test func aHoleIsLeftOutAndCounted() throws {
    let path = try workshop.make("a.mp3", ["-ar", "44100", "-write_xing", "0"])
    var bytes = try workshop.bytes(path)
    let wanted = try workshop.reference(path)
    for index in 8000..<12_000 { bytes[index] = 0 }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let decoded = try workshop.decode(path)
    #expect(decoded.code == 0)
    #expect(decoded.samples.count > wanted.count * 7 / 10)
    #expect(decoded.warnings.contains { $0.contains("left out") })
  }

  @Test func whatIsNoSoundIsRefusedInASentence() throws {
    let list = "this is a list of other files or addresses"
    let cases = [
      ("empty", "", "the file is empty"),
      ("text.txt", "Dear reader,\n\nthis is a letter.\n", "this is no audio or video file"),
      ("noise.mp3", String(repeating: "\u{1}x", count: 9000), "this is no audio or video file"),
      (
        "list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1/a.ts\n",
        list + " (hls): name what is in it"
      ),
      ("list.ffconcat", "ffconcat version 1.0\nfile '/etc/passwd'\n", list + " (concat): name what is in it"),
      (
        "call.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        list + " (sdp): name what is in it"
      ),
    ]
    for (name, text, sentence) in cases {
      let path = try workshop.folder.write(text, to: name)
      let decoded = try workshop.decode(path)
      #expect(decoded.code == 1, "\(name)")
      #expect(decoded.messages.map(\.kind) == ["format"], "\(name)")
      #expect(decoded.failure == sentence, "\(name)")
    }
    let picture = workshop.folder.file("a.png")
    try workshop.ffmpeg(["-f", "lavfi", "-i", "testsrc=duration=1:size=80x80", "-frames:v", "1", picture])
    #expect(try workshop.decode(picture).failure == "there is no audio track in it (png_pipe)")
    #expect(try workshop.decode(workshop.folder.path).failure == "this is a folder and not a file")
    let empty = workshop.folder.file("empty")
    #expect(try workshop.decode(empty, piped: true).failure == "nothing came through the pipe")
  }

  @Test func whatIsEncryptedIsRefused() throws {
    let path = try workshop.make(
      "locked.mp4",
      [
        "-c:a", "aac", "-encryption_scheme", "cenc-aes-ctr",
        "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid",
        "a7e61c373e219033c21091fa607bf3b8",
      ])
    let decoded = try workshop.decode(path)
    #expect(decoded.code == 1)
    #expect(decoded.failure?.hasPrefix("its audio is encrypted (DRM)") == true)
  }
}

/// `bytes` after one of the things that happen to files: some bytes are others, a piece is missing, a piece is zero, it is
/// cut off.
private func damaged(_ bytes: [UInt8], by random: inout SplitMix) -> [UInt8] {
  var bytes = bytes
  let start = Int.random(in: 0..<bytes.count, using: &random)
  let end = min(bytes.count, start + Int.random(in: 1...4000, using: &random))
  switch Int.random(in: 0..<4, using: &random) {
  case 0:
    for _ in 0..<Int.random(in: 1...60, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
    }
    // Where formats describe themselves.
    bytes[Int.random(in: 0..<200, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
  case 1: bytes.removeSubrange(start..<end)
  case 2: bytes.replaceSubrange(start..<end, with: repeatElement(0, count: end - start))
  default: bytes.removeSubrange(start...)
  }
  return bytes
}
