import DictationTypes
import Foundation
import MediaFiles
import TestSupport
import Testing

/// A kind of file, made by ffmpeg.
struct Kind: Sendable, CustomTestStringConvertible {
  let name: String
  let options: [String]
  /// How far its samples may be from ffmpeg's: both convert, which may round differently where the rate changes too.
  let tolerance: Int

  init(_ name: String, _ options: String = "", tolerance: Int = 2) {
    self.name = name
    self.options = options.split(separator: " ").map(String.init)
    self.tolerance = tolerance
  }

  var testDescription: String { "\(name) \(options.joined(separator: " "))" }

  static let picture = "-f lavfi -i testsrc=duration=3:size=160x120 -shortest -c:v mpeg4"

  static let all = [
    Kind("s16.wav", tolerance: 0), Kind("s24.wav", "-c:a pcm_s24le"), Kind("s32.wav", "-c:a pcm_s32le"),
    Kind("f32.wav", "-c:a pcm_f32le"), Kind("u8.wav", "-c:a pcm_u8"), Kind("ima.wav", "-c:a adpcm_ima_wav"),
    Kind("stereo.wav", "-ac 2 -ar 44100"), Kind("a.w64", tolerance: 0), Kind("a.flac", tolerance: 0),
    Kind("six.flac", "-ac 6 -ar 48000"), Kind("a.aiff", tolerance: 0), Kind("a.caf", tolerance: 0),
    Kind("a.au", "-c:a pcm_mulaw -ar 8000", tolerance: 4),
    Kind("a.gsm", "-c:a libgsm -ar 8000", tolerance: 4),
    Kind("a.mp3", "-ar 44100 -ac 2"), Kind("a.m4a", "-ar 44100 -c:a aac"),
    Kind("start.m4a", "-ar 44100 -c:a aac -movflags +faststart"), Kind("alac.m4a", "-c:a alac", tolerance: 0),
    Kind("parts.mp4", "-c:a aac -movflags frag_keyframe+empty_moov -frag_duration 500000"),
    Kind("a.aac", "-c:a aac"), Kind("a.ac3", "-c:a ac3 -ar 48000"), Kind("a.ogg", "-c:a libvorbis"),
    Kind("a.opus", "-c:a libopus"), Kind("a.spx", "-c:a libspeex"), Kind("a.webm", "-c:a libopus"),
    Kind("a.wma", "-c:a wmav2"), Kind("a.tta", "-c:a tta", tolerance: 0), Kind("a.ts", "-c:a aac"),
    Kind("film.mp4", "\(picture) -c:a aac"), Kind("film.mov", "\(picture) -c:a aac"),
    Kind("film.mkv", "\(picture) -c:a libvorbis"), Kind("film.avi", "\(picture) -c:a libmp3lame"),
    Kind("film.flv", "-f lavfi -i testsrc=duration=3:size=160x120 -shortest -c:v flv -c:a aac -ar 44100"),
    Kind("film.mpg", "\(picture.replacing("mpeg4", with: "mpeg1video")) -r 25 -c:a mp2"),
  ]
}

@Suite struct FormatTests {
  let workshop: Workshop

  init() throws { workshop = try Workshop() }

  @Test(arguments: Kind.all) func everyFormatGivesWhatFFmpegGives(_ kind: Kind) throws {
    let path = try workshop.make(kind.name, kind.options)
    let wanted = try workshop.reference(path)
    let decoded = try workshop.decode(path)
    #expect(decoded.code == 0)
    #expect(decoded.messages.isEmpty)
    #expect(wanted.count > 40_000)
    #expect(decoded.samples.count == wanted.count)
    #expect(largestDifference(decoded.samples, wanted) <= kind.tolerance)

    // LAME's padding at the end is known only in what can be sought.
    let wantedOfPipe = kind.name == "a.mp3" ? try workshop.reference(path, piped: true) : wanted
    let piped = try workshop.decode(path, piped: true)
    #expect(piped.code == 0)
    #expect(piped.messages.isEmpty)
    #expect(piped.samples.count == wantedOfPipe.count)
    #expect(largestDifference(piped.samples, wantedOfPipe) <= kind.tolerance)
  }

  @Test func theHeaderSaysWhatTheFileSays() throws {
    let path = try workshop.make(
      "a.m4a",
      [
        "-c:a", "aac", "-ar", "44100", "-ac", "2", "-metadata", "title=Go \"forward\"", "-metadata:s:a:0",
        "language=eng",
      ])
    let header = try #require(try workshop.decode(path).header)
    #expect(header.container == "mov,mp4,m4a,3gp,3g2,mj2")
    #expect(abs((header.duration_ms ?? 0) - 2787) < 30)
    #expect(header.tags["title"] == "Go \"forward\"")
    #expect(header.tracks.count == 1)
    #expect(header.tracks[0].codec == "aac")
    #expect(header.tracks[0].sample_rate == 44_100)
    #expect(header.tracks[0].channels == 2)
    #expect(header.tracks[0].language == "eng")
  }

  @Test(arguments: ["mkv", "mp4"]) func theTrackThatWasAskedForIsDecoded(_ ending: String) throws {
    let tones = [300.0, 700, 1900]
    let path = workshop.folder.file("tones.\(ending)")
    try workshop.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc=duration=2:size=160x120"]
        + tones.flatMap { ["-f", "lavfi", "-i", "sine=\(Int($0)):d=2:r=16000"] }
        + ["-map", "1", "-map", "0", "-map", "2", "-map", "3", "-c:v", "mpeg4", "-c:a", "aac"]
        + ["-disposition:a:0", "0", "-disposition:a:1", "default", "-metadata:s:a:2", "language=deu", path])
    for (track, tone) in tones.enumerated() {
      let heard = try workshop.decode(path, ["--track", "\(track)"])
      #expect(heard.header?.track == track)
      for other in tones { #expect((loudness(of: other, in: heard.samples) > 0.05) == (other == tone)) }
    }
    let heard = try workshop.decode(path)
    #expect(heard.header?.track == 1)
    #expect(loudness(of: 700, in: heard.samples) > 0.05)
    #expect(heard.header?.tracks.map(\.is_default) == [false, true, false])

    let missing = try workshop.decode(path, ["--track", "3"])
    #expect(missing.code == 1)
    #expect(missing.messages.last?.kind == "format")
    #expect(missing.failure == "it has no audio track 4, but 1 (aac); 2 (aac); 3 (deu, aac)")
  }

  @Test func aPictureOfTheCoverIsPassedOver() throws {
    let picture = workshop.folder.file("cover.png")
    try workshop.ffmpeg(["-f", "lavfi", "-i", "testsrc=duration=1:size=800x800", "-frames:v", "1", picture])
    let path = try workshop.make(
      "cover.mp3",
      ["-i", picture, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"])
    #expect(try workshop.decode(path).samples == workshop.reference(path))
    #expect(try workshop.decode(path, piped: true).warnings.isEmpty)
  }

  @Test func aChangeOfRateAndChannelsIsFollowed() throws {
    let parts = [("440", "44100", "1"), ("880", "22050", "2")].map { tone, rate, channels in
      ["-f", "lavfi", "-i", "sine=\(tone):d=2:r=\(rate)", "-ac", channels, "-c:a", "aac", "-f", "adts"]
    }
    var stream = Data()
    for (index, part) in parts.enumerated() {
      try workshop.ffmpeg(part + [workshop.folder.file("\(index).aac")])
      stream += try workshop.bytes(workshop.folder.file("\(index).aac"))
    }
    let path = workshop.folder.file("both.aac")
    try stream.write(to: URL(fileURLWithPath: path))
    let heard = try workshop.decode(path).samples
    #expect(abs(heard.count - 64_000) < 3000)
    #expect(loudness(of: 440, in: Array(heard[4000..<28_000])) > 0.1)
    #expect(loudness(of: 880, in: Array(heard[4000..<28_000])) < 0.01)
    #expect(loudness(of: 880, in: Array(heard[36_000..<60_000])) > 0.05)
  }

  @Test func samplesOf16BitsStayWhatTheyAre() throws {
    let path = try workshop.make(
      "stereo.flac", ["-af", "aeval=val(0)|0.5*val(0)", "-ar", "44100", "-sample_fmt", "s16"])
    let wanted = try workshop.reference(path, format: nil)
    try workshop.withReader(path, as: nil) { reader in
      #expect(reader.format == AudioFormat(sampleRate: 44_100, channels: 2))
      var samples: [Int16] = []
      while case let block = try reader.readInt16(777), !block.isEmpty { samples += block }
      #expect(samples == wanted)
    }
  }

  @Test func samplesOf24BitsAreFloatsWithoutLoss() throws {
    let path = try workshop.make("s24.wav", ["-af", "volume=0.3", "-c:a", "pcm_s24le"])
    let output = workshop.folder.file("f32.raw")
    try workshop.ffmpeg(["-i", path, "-f", "f32le", output])
    let wanted = try workshop.bytes(output)
    let (samples, _) = try workshop.read(path, as: nil)
    #expect(samples.withUnsafeBytes { Array($0) } == wanted)
  }
}
