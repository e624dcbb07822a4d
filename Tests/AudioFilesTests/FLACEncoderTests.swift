import AudioFiles
import DictationTypes
import Foundation
import TestSupport
import Testing

@Suite struct FLACEncoderTests {
  @Test(arguments: ["utt_jfk.wav", "utt_austen0880.wav", "cmd_goforward.wav"])
  func whatIsMadeInMemoryIsAWholeFile(name: String) throws {
    let wave = try WAVFile(recording(name))
    let samples = try wave.read(wave.frames)
    let flac = try flacFile(samples)
    #expect(flac.count < 2 * samples.count * 7 / 10)
    let folder = try TemporaryFolder()
    try Data(flac).write(to: URL(fileURLWithPath: folder.file("said.flac")))
    // Its header was gone back to: it has the length, and the MD5 of the samples, which the decoder compares.
    #expect(try FLACFile(folder.file("said.flac")).frames == samples.count)
    let decoded = try FLACFile(folder.file("said.flac"))
    #expect(decoded.format == .speech)
    #expect(try decoded.read(.max) == samples)
    for _ in 0..<2 { #expect(try decoded.read(1) == []) }
  }

  @Test(arguments: [0, 1, 4095, 4096, 4097]) func anyLengthIsTaken(count: Int) throws {
    let samples = (0..<count).map { Int16(truncatingIfNeeded: $0 &* 7919) }
    let folder = try TemporaryFolder()
    try Data(try flacFile(samples)).write(to: URL(fileURLWithPath: folder.file("x.flac")))
    #expect(try FLACFile(folder.file("x.flac")).read(.max) == samples)
    let pieces = try FLACFile(folder.file("x.flac"))
    var read: [Int16] = []
    while case let piece = try pieces.read(1000), !piece.isEmpty { read += piece }
    #expect(read == samples)
  }
}
