import DictationTypes
import Foundation
import Linux
import MediaFiles
import TestSupport
import Testing

@Suite struct SeekTests {
  let workshop: Workshop

  init() throws { workshop = try Workshop() }

  /// AAC without noise that the decoder makes up (perceptual noise substitution): that comes out different each time.
  static let kinds = [
    Kind("a.wav"), Kind("a.wav", "-ar 44100 -ac 2"), Kind("a.flac"), Kind("a.flac", "-ar 44100 -ac 2"),
    Kind("a.mp3", "-ar 44100 -ac 2"), Kind("low.mp3", "-ar 22050 -b:a 24k"),
    Kind("a.m4a", "-ar 44100 -c:a aac -aac_pns 0"),
    Kind("a.mp4", "-ar 48000 -c:a aac -aac_pns 0 -movflags +faststart"), Kind("alac.m4a", "-c:a alac"),
    Kind("a.ogg", "-c:a libvorbis"), Kind("a.opus", "-c:a libopus"), Kind("a.mka", "-c:a libopus"),
    Kind("a.aac", "-c:a aac"), Kind("ima.wav", "-c:a adpcm_ima_wav"), Kind("opus.mp4", "-c:a libopus"),
  ]

  /// 20 s, so that there is something to jump over.
  @Test(arguments: kinds, [nil, AudioFormat.speech])
  func whatIsSoughtIsWhatComesThereOnTheWay(_ kind: Kind, _ format: AudioFormat?) throws {
    let path = try workshop.make(
      kind.name, ["-af", "aloop=loop=-1:size=44000,volume=0.9", "-t", "20"] + kind.options)
    let (linear, heard) = try workshop.read(path, as: format)
    let frames = linear.count / heard.channels
    #expect(abs(Double(frames) / Double(heard.sampleRate) - 20) < 0.2)
    var random = SplitMix(seed: 7)
    try workshop.withReader(path, as: format) { reader in
      let places = (0..<8).map { _ in Int.random(in: 0..<frames, using: &random) }
      for place in places + [0, frames - 100, frames - 1, 5, frames, frames + 9999] {
        try reader.seek(to: place)
        let block = try reader.read(3000)
        let start = min(frames, place) * heard.channels
        let wanted = linear[start..<min(linear.count, start + 3000 * heard.channels)]
        #expect(block.count == wanted.count, "at \(place)")
        let difference = zip(block, wanted).map { abs($0 - $1) }.max() ?? 0
        #expect(difference < 1e-6, "at \(place)")
      }
      #expect(reader.damagedPackets == 0)
    }
  }

  @Test func noiseThatADecoderMakesUpComesAtItsPlace() throws {
    let path = try workshop.make(
      "a.m4a", ["-af", "aloop=loop=-1:size=44000", "-t", "20", "-ar", "48000", "-c:a", "aac"])
    let (linear, _) = try workshop.read(path, as: .speech)
    try workshop.withReader(path, as: .speech) { reader in
      for place in [300_000, 90_000, 200_000] {
        try reader.seek(to: place)
        let pairs = zip(try reader.read(16_000), linear[place...])
        let (power, error) = pairs.reduce((0, 0)) {
          ($0.0 + $1.1 * $1.1, $0.1 + ($1.0 - $1.1) * ($1.0 - $1.1))
        }
        #expect(power > 100 * error, "at \(place)")
      }
    }
  }

  @Test func aPipeIsNotHeardAgain() throws {
    let pipe = try workshop.pipe(giving: workshop.bytes(Workshop.speech))
    defer { close(pipe) }
    let reader = try AudioReader(pipe, as: .speech, scratchFolder: workshop.folder.path)
    try reader.seek(to: 20_000)
    let (linear, _) = try workshop.read(Workshop.speech, as: .speech)
    #expect(try reader.read(100) == Array(linear[20_000..<20_100]))
    #expect(throws: DictationError(.format, "what comes through a pipe cannot be heard again")) {
      try reader.seek(to: 0)
    }
  }
}
