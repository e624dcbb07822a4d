import AudioFiles
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import Library

@Suite struct BlobTests {
  @Test(arguments: [
    (16_000, 1, 100_001), (44_100, 2, 70_000), (12_345, 3, 9999), (16_000, 1, 0), (8000, 1, 1),
  ])
  func audioComesBackBitByBit(rate: Int, channels: Int, count: Int) async throws {
    let test = try TestLibrary()
    let item = try await test.add("with audio")
    let samples = samples(seed: rate, count: count / channels * channels)
    let path = test.folder.file("a.wav")
    try WaveFile.write(samples, rate: rate, channels: channels, to: path)
    let audio = try await test.library.storeAudio(of: item.id, wav: path)
    #expect(audio.frames == samples.count / channels && audio.mimeType == "audio/flac")
    let stored = try #require(try await test.stored(item.id))
    #expect(stored.audio == audio)
    let (format, decoded) = try await test.library.samples(of: stored)
    #expect(format == AudioFormat(sampleRate: rate, channels: channels))
    #expect(decoded == samples)
    let blob = try #require(test.library.audioPath(of: stored))
    #expect(try sha256(ofFile: blob).digits == audio.sha256)
    #expect(fileSize(blob) == audio.bytes)
    #expect(listed(test.folder.file("data/blobs/incoming")) == [])
  }

  @Test func theSHA256IsTheStandardsOwn() throws {
    // FIPS 180-2, appendix B.1.
    let folder = try TemporaryFolder()
    let path = try folder.write("abc", to: "abc")
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(try sha256(ofFile: path) == (expected, 3))
  }

  @Test func speechTakesLessRoomAndStaysTheSame() async throws {
    let test = try TestLibrary()
    let item = try await test.add("speech")
    let audio = try await test.library.storeAudio(of: item.id, wav: recording("utt_jfk.wav"))
    let original = try #require(fileSize(recording("utt_jfk.wav")))
    #expect(audio.bytes < original * 7 / 10)
    let stored = try #require(try await test.stored(item.id))
    let wave = try WAVFile(recording("utt_jfk.wav"))
    #expect(
      try await test.library.samples(of: stored).1 == (try wave.read(wave.frames * wave.format.channels)))
  }

  @Test func theSameAudioIsStoredOnceAndGoesWithItsLastItem() async throws {
    let test = try TestLibrary()
    let first = try await test.add("one", at: 1000)
    let second = try await test.add("two", at: 2000)
    let audio = try await test.addAudio(seed: 7, to: first)
    #expect(try await test.addAudio(seed: 7, to: second) == audio)
    let path = test.library.blobs.path(audio.sha256)
    #expect(test.library.blobs.list().blobs == [audio.sha256])
    let policy = RetentionPolicy(keepAudioSeconds: 1_000_000, trashSeconds: 0)
    try await test.library.remove([first.id])
    _ = try await test.library.maintain(policy, now: 3000)
    #expect(FileManager.default.fileExists(atPath: path))
    #expect(try await test.stored(first.id) == nil)
    try await test.library.remove([second.id])
    let report = try await test.library.maintain(policy, now: 3000)
    #expect(report.deletedFiles == 1 && report.freedBytes == audio.bytes && report.deletedItems == 1)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func storedAgainADamagedFileIsMended() async throws {
    let test = try TestLibrary()
    let item = try await test.add("one")
    let audio = try await test.addAudio(seed: 7, to: item)
    let path = test.library.blobs.path(audio.sha256)
    try Data("damaged".utf8).write(to: URL(fileURLWithPath: path))
    try await test.addAudio(seed: 7, to: item)
    #expect(try sha256(ofFile: path).digits == audio.sha256)
  }

  @Test func audioThatIsGoneIsNamed() async throws {
    let test = try TestLibrary()
    let item = try await test.add("one")
    #expect(try await failure { _ = try await test.library.samples(of: item) }?.kind == .missingAsset)
    let audio = try await test.addAudio(seed: 1, to: item)
    let path = test.library.blobs.path(audio.sha256)
    let stored = try #require(try await test.stored(item.id))
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(try await failure { _ = try await test.library.samples(of: stored) }?.kind == .storage)
    unlink(path)
    let gone = try await failure { _ = try await test.library.samples(of: stored) }
    #expect(gone?.kind == .missingAsset && gone?.message.contains(path) == true)
  }

  @Test func whatIsNoAudioIsRefused() async throws {
    let test = try TestLibrary()
    let item = try await test.add("one")
    let noise = try test.folder.write("RIFFxxxxWAVEnonsense", to: "noise.wav")
    #expect(
      try await failure { _ = try await test.library.storeAudio(of: item.id, wav: noise) }?.kind == .format)
    let missing = test.folder.file("missing.wav")
    #expect(
      try await failure { _ = try await test.library.storeAudio(of: item.id, wav: missing) }?.kind
        == .missingAsset)
    let stranger = makeItem("never saved")
    try WaveFile.write([1, 2, 3], rate: 16_000, to: test.folder.file("a.wav"))
    let refused = try await failure {
      _ = try await test.library.storeAudio(of: stranger.id, wav: test.folder.file("a.wav"))
    }
    #expect(refused?.kind == .internalError)
    #expect(listed(test.folder.file("data/blobs/incoming")) == [])
  }

  @Test func aWAVFileThatWasCutShortKeepsWhatItHas() async throws {
    let test = try TestLibrary()
    let item = try await test.add("one")
    let path = test.folder.file("a.wav")
    try WaveFile.write(samples(seed: 3), rate: 16_000, to: path)
    truncate(path, 44 + 2 * 5000 + 1)
    let audio = try await test.library.storeAudio(of: item.id, wav: path)
    #expect(audio.frames == 5000)
  }

  private func listed(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }
}
