import AudioFiles
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import Library

/// Files that were transcribed, and audio that comes piece by piece.
@Suite struct ImportTests {
  private static let tight = RetentionPolicy(keepAudioSeconds: 0, keepTextSeconds: 1, maxAudioBytes: 0)

  @Test func whatWasImportedIsKeptUntilItIsRemoved() async throws {
    let test = try TestLibrary()
    let imported = try await test.add("imported", at: 0) { $0.kind = .import }
    let audio = try await test.addAudio(seed: 1, to: imported)
    try await test.addAudio(seed: 2, to: try await test.add("said", at: 0))
    _ = try await test.library.maintain(Self.tight, now: 1_000_000)
    #expect(try await test.texts(ItemQuery()) == ["imported"])
    #expect(try await test.stored(imported.id)?.audio == audio)
    #expect(test.library.blobs.list().blobs == [audio.sha256])
    try await test.library.remove([imported.id])
    let removed = try #require(try await test.stored(imported.id)?.deletedAt)
    _ = try await test.library.maintain(
      RetentionPolicy(keepAudioSeconds: .max), now: removed + 31 * 86_400_000)
    // The clock is only believed a day later: it was 1970 the last time.
    _ = try await test.library.maintain(
      RetentionPolicy(keepAudioSeconds: .max), now: removed + 33 * 86_400_000)
    #expect(try await test.stored(imported.id) == nil)
    #expect(test.library.blobs.list().blobs == [])
  }

  @Test func importsDoNotPushDictationsOut() async throws {
    let test = try TestLibrary()
    let imported = try await test.add("imported", at: 0) { $0.kind = .import }
    let said = try await test.add("said", at: 0)
    try await test.addAudio(seed: 1, to: imported)
    let audio = try await test.addAudio(seed: 2, to: said)
    let policy = RetentionPolicy(keepAudioSeconds: .max, maxAudioBytes: audio.bytes)
    #expect(try await test.library.maintain(policy, now: 0).itemsWithoutAudio == 0)
    // Audio that was said and imported counts, and stays.
    try await test.addAudio(seed: 2, to: imported)
    #expect(
      try await test.library.maintain(RetentionPolicy(keepAudioSeconds: .max, maxAudioBytes: 0), now: 0)
        .itemsWithoutAudio == 0)
    #expect(try await test.stored(said.id)?.audio == audio)
  }

  @Test func theRuleIsTheSameInBothLanguages() async throws {
    let test = try TestLibrary()
    let errors: [ErrorKind?] = [nil, .device, .server]
    let methods: [OutputMethod?] = [nil, OutputMethod.none, .type]
    var expected: [JobID: Bool] = [:]
    for kind in Item.Kind.allCases {
      for state in PipelineState.allCases {
        for (error, method) in errors.flatMap({ error in methods.map { (error, $0) } }) {
          for isRecovered in [false, true] {
            let item = try await test.add("x") { item in
              (item.kind, item.state, item.isRecovered) = (kind, state, isRecovered)
              item.error = error.map { DictationError($0, "why") }
              item.result?.output = method.map { OutputReport(method: $0, chars: 1) }
            }
            expected[item.id] = item.isExpendable
          }
        }
      }
    }
    let found = try await test.library.write { (database) throws(DictationError) in
      try database.rows("SELECT id, \(Retention.isExpendable) FROM items") { (row) throws(DictationError) in
        (row.text(0).flatMap { JobID($0) }, row.integer(1))
      }
    }
    #expect(found.count == expected.count)
    for (id, answer) in found {
      let id = try #require(id)
      #expect(answer == (expected[id] == true ? 1 : 0), "\(id)")
    }
  }

  @Test func audioThatComesInPiecesIsThatOfTheWholeFile() async throws {
    let test = try TestLibrary()
    let item = try await test.add("imported") { $0.kind = .import }
    let samples = samples(seed: 4, count: 100_001)
    let incoming = try test.library.beginAudio()
    var (start, size) = (0, 1)
    while start < samples.count {
      let end = min(samples.count, start + size)
      try incoming.append(Array(samples[start..<end]))
      (start, size) = (end, size * 3 % 7919 + 1)
    }
    try incoming.append([])
    let encoded = try incoming.finish()
    #expect(encoded.file.frames == samples.count && encoded.file.format == .speech)
    let audio = try await test.library.storeAudio(of: item.id, encoded)
    let stored = try #require(try await test.stored(item.id))
    #expect(stored.audio == audio && audio == encoded.file)
    #expect(try await test.library.samples(of: stored).1 == samples)
    #expect(incomingFiles(test) == [])
    // As from a WAV file with the same samples, but for what the header says of the way there.
    let path = try #require(test.library.audioPath(of: stored))
    let header = try FLACFile(path)
    #expect(header.frames == samples.count && header.format == .speech)
    #expect(try sha256(ofFile: path).digits == audio.sha256)
    let decoded = try run(
      "/usr/bin/env", ["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-y", test.folder.file("raw")])
    #expect(decoded.code == 0 && decoded.errors.isEmpty, "\(decoded)")
    let raw = try Data(contentsOf: URL(fileURLWithPath: test.folder.file("raw")))
    #expect(raw == samples.withUnsafeBytes { Data($0) })
  }

  /// The same audio, in other pieces each time, as decoders give it.
  private func encoded(_ test: TestLibrary, seed: Int, piece: Int) throws -> EncodedAudio {
    let samples = samples(seed: seed, count: 50_000)
    let incoming = try test.library.beginAudio()
    for start in stride(from: 0, to: samples.count, by: piece) {
      try incoming.append(Array(samples[start..<min(samples.count, start + piece)]))
    }
    return try incoming.finish()
  }

  private func imported(_ text: String, _ tags: [String: String] = [:]) -> Item {
    var item = makeItem(text)
    (item.kind, item.tags) = (.import, tags)
    return item
  }

  @Test func theSameImportIsOneItem() async throws {
    let test = try TestLibrary()
    let first = imported("text", ["file": "a.wav", "project": "moon"])
    #expect(try await test.library.storeImport(first, encoded(test, seed: 1, piece: 50_000)) == first.id)
    let again = imported("text", ["file": "b.wav", "speaker": "Ann"])
    #expect(try await test.library.storeImport(again, encoded(test, seed: 1, piece: 777)) == first.id)
    #expect(try await test.texts(ItemQuery()) == ["text"])
    let stored = try #require(try await test.stored(first.id))
    #expect(stored.tags == ["file": "b.wav", "project": "moon", "speaker": "Ann"])
    #expect(try await test.library.samples(of: stored).1 == samples(seed: 1, count: 50_000))
    #expect(test.library.blobs.list().blobs.count == 1 && incomingFiles(test) == [])
  }

  @Test func anotherTextOrAudioIsAnotherItem() async throws {
    let test = try TestLibrary()
    let said = try await test.add("text")
    _ = try await test.library.storeAudio(of: said.id, encoded(test, seed: 1, piece: 1000))
    var ids: Set<JobID> = [said.id]
    // What was said is no import; nobody speaks in the last one.
    for (text, seed) in [("text", 1), ("other text", 1), ("text", 2), ("", 1)] {
      ids.insert(try await test.library.storeImport(imported(text), encoded(test, seed: seed, piece: 1000)))
    }
    #expect(ids.count == 5)
    #expect(test.library.blobs.list().blobs.count == 2)
    #expect(
      ids.contains(try await test.library.storeImport(imported(""), encoded(test, seed: 1, piece: 10_000))))
    #expect(try await test.texts(ItemQuery()).count == 5)
  }

  /// Whoever has removed it and imports it again wants it; the trash stays as it is.
  @Test func whatWasRemovedIsImportedAnew() async throws {
    let test = try TestLibrary()
    let first = try await test.library.storeImport(imported("text"), encoded(test, seed: 1, piece: 1000))
    try await test.library.remove([first])
    let second = try await test.library.storeImport(imported("text"), encoded(test, seed: 1, piece: 1000))
    #expect(second != first)
    #expect(try await test.texts(ItemQuery()) == ["text"])
    #expect(try await test.stored(first)?.deletedAt != nil)
    // Beside one that is restored, too, the same is imported no third time.
    try await test.library.restore([first])
    #expect(
      try await test.library.storeImport(imported("text"), encoded(test, seed: 1, piece: 1000)) == first)
    #expect(try await test.texts(ItemQuery()) == ["text", "text"])
  }

  /// Audio that cannot be put into its place leaves no item without it.
  @Test func anImportIsStoredWholeOrNotAtAll() async throws {
    let test = try TestLibrary()
    let audio = try encoded(test, seed: 1, piece: 1000)
    let folder = test.folder.file("data/blobs/\(audio.file.sha256.prefix(2))")
    #expect(FileManager.default.createFile(atPath: folder, contents: nil))
    let refused = try await failure { _ = try await test.library.storeImport(imported("text"), audio) }
    #expect(refused?.kind == .storage && incomingFiles(test) == [])
    #expect(try await test.texts(ItemQuery()) == [])
  }

  @Test func whatIsNotStoredLeavesNothing() async throws {
    let test = try TestLibrary()
    let item = try await test.add("imported")
    do {
      let incoming = try test.library.beginAudio()
      try incoming.append(samples(seed: 1))
      #expect(incomingFiles(test).count == 1)
      incoming.abandon()
      #expect(incomingFiles(test) == [])
      // Dropped in the middle.
      try test.library.beginAudio().append(samples(seed: 1))
      #expect(incomingFiles(test) == [])
    }
    let given = try test.library.beginAudio()
    try given.append(samples(seed: 1))
    try given.finish().abandon()
    #expect(incomingFiles(test) == [])
    let stranger = try test.library.beginAudio()
    try stranger.append(samples(seed: 2))
    let encoded = try stranger.finish()
    let refused = try await failure {
      _ = try await test.library.storeAudio(of: makeItem("never saved").id, encoded)
    }
    #expect(refused?.kind == .internalError && incomingFiles(test) == [])
    #expect(try await test.stored(item.id)?.audio == nil)
  }

  @Test func audioWithoutSamplesIsAFileToo() async throws {
    let test = try TestLibrary()
    let item = try await test.add("nothing in it")
    let audio = try await test.library.storeAudio(of: item.id, try test.library.beginAudio().finish())
    #expect(audio.frames == 0)
    let stored = try #require(try await test.stored(item.id))
    #expect(try await test.library.samples(of: stored).1 == [])
  }

  private func incomingFiles(_ test: TestLibrary) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: test.folder.file("data/blobs/incoming"))) ?? []
  }
}
