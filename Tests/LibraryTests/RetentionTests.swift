import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import Library

@Suite struct RetentionTests {
  private static let day: UInt64 = 86_400_000
  private static let week = 7 * 86_400

  /// One item a day with audio, said on the days 0, 1, …
  private func fill(_ test: TestLibrary, days: Int) async throws -> [Item] {
    var items: [Item] = []
    for day in 0..<days {
      let item = try await test.add("day \(day)", at: UInt64(day) * Self.day)
      try await test.addAudio(seed: day, to: item)
      items.append(item)
    }
    return items
  }

  /// The texts of the items that still have audio, oldest first.
  private func withAudio(_ test: TestLibrary) async throws -> [String] {
    let items = try await test.library.search(ItemQuery())
    return items.filter { $0.audio != nil }.compactMap { $0.result?.text }.reversed()
  }

  @Test func audioGoesByAge() async throws {
    let test = try TestLibrary()
    _ = try await fill(test, days: 10)
    let report = try await test.library.maintain(
      RetentionPolicy(keepAudioSeconds: Self.week), now: 9 * Self.day)
    #expect(report.itemsWithoutAudio == 3 && report.deletedFiles == 3 && report.deletedItems == 0)
    #expect(report.freedBytes > 0)
    #expect(try await withAudio(test) == (3...9).map { "day \($0)" })
    #expect(test.library.blobs.list().blobs.count == 7)
    #expect(try await test.texts(ItemQuery()).count == 10)
  }

  @Test func audioGoesBySizeOldestFirst() async throws {
    let test = try TestLibrary()
    let items = try await fill(test, days: 5)
    // The oldest file is the newest item's too.
    try await test.addAudio(seed: 0, to: items[4])
    let bytes = try await test.library.usage().audioBytes
    let last = try #require(try await test.stored(items[3].id)?.audio?.bytes)
    var policy = RetentionPolicy(keepAudioSeconds: 1_000_000, maxAudioBytes: bytes)
    // One file has lost its item already, and is not counted against the limit.
    #expect(try await test.library.maintain(policy, now: 5 * Self.day).itemsWithoutAudio == 0)
    policy.maxAudioBytes = 2 * last + last / 2
    _ = try await test.library.maintain(policy, now: 5 * Self.day)
    #expect(try await withAudio(test) == ["day 0", "day 3", "day 4"])
    policy.maxAudioBytes = 0
    _ = try await test.library.maintain(policy, now: 5 * Self.day)
    #expect(try await withAudio(test) == [])
    #expect(test.library.blobs.list().blobs.isEmpty)
  }

  @Test func noneIsKeptButWhatMayBeAllThereIs() async throws {
    let test = try TestLibrary()
    let kept = ["spoken, nothing heard", "failed", "on its way", "recovered", "recovered, failed"]
    let changes: [(String, (inout Item) -> Void)] = [
      ("delivered", { _ in }),
      ("cancelled", { $0.state = .cancelled }),
      (
        "discarded",
        {
          $0.state = .discarded
          $0.error = nil
        }
      ),
      (
        "silent",
        {
          $0.state = .discarded
          $0.error = DictationError(.device, "the microphone is muted")
        }
      ),
      (
        "spoken, nothing heard",
        {
          $0.state = .discarded
          $0.error = DictationError(.server, "the engine heard no words")
        }
      ),
      ("failed", { $0.state = .failed }),
      ("on its way", { $0.state = .outputting }),
      (
        "recovered",
        {
          $0.isRecovered = true
          $0.result?.output = OutputReport(method: .none, chars: 0)
        }
      ),
      ("recovered, failed", { ($0.isRecovered, $0.state) = (true, .failed) }),
      ("recovered, delivered since", { $0.isRecovered = true }),
    ]
    for (index, (text, change)) in changes.enumerated() {
      let item = try await test.add(text, at: UInt64(index), change)
      try await test.addAudio(seed: index, to: item)
      // The same rule in both languages.
      #expect(item.isExpendable != kept.contains(text), "\(text)")
    }
    let policy = RetentionPolicy(keepAudioSeconds: 0, maxAudioBytes: 0)
    let report = try await test.library.maintain(policy, now: 1000)
    #expect(try await withAudio(test) == kept)
    #expect(report.deletedFiles == 5 && report.itemsWithoutAudio == 5)
    #expect(try await test.library.verify().isSound)
  }

  @Test func textsGoByAgeWithTheirAudio() async throws {
    let test = try TestLibrary()
    _ = try await fill(test, days: 5)
    try await test.add("failed long ago", at: 0) { $0.state = .failed }
    let policy = RetentionPolicy(keepAudioSeconds: Self.week, keepTextSeconds: 2 * 86_400)
    let report = try await test.library.maintain(policy, now: 4 * Self.day)
    #expect(report.deletedItems == 3 && report.deletedFiles == 3)
    #expect(Set(try await test.texts(ItemQuery())) == ["day 3", "day 4", "failed long ago"])
    #expect(try await test.texts(ItemQuery("day")).count == 2)
  }

  @Test func theTrashIsEmptiedAfterItsTime() async throws {
    let test = try TestLibrary()
    let item = try await test.add("rubbish")
    try await test.addAudio(seed: 1, to: item)
    try await test.library.remove([item.id])
    let deletedAt = try #require(try await test.stored(item.id)?.deletedAt)
    let policy = RetentionPolicy(keepAudioSeconds: .max)
    let almost = deletedAt + 30 * Self.day - 1
    #expect(try await test.library.maintain(policy, now: almost).deletedItems == 0)
    let report = try await test.library.maintain(policy, now: almost + 1)
    #expect(report.deletedItems == 1 && report.deletedFiles == 1)
    #expect(try await test.stored(item.id) == nil)
  }

  @Test func filesThatAnInterruptionLeftGoTheNextTime() async throws {
    let test = try TestLibrary()
    let item = try await test.add("one")
    let audio = try await test.addAudio(seed: 1, to: item)
    // As when the process ended after the commit.
    try await test.library.write { (database) throws(DictationError) in
      try database.run("UPDATE items SET audio = NULL")
      try database.run("INSERT INTO doomed_blobs SELECT sha256 FROM blobs")
      try database.run("DELETE FROM blobs")
    }
    let policy = RetentionPolicy(keepAudioSeconds: .max)
    let report = try await test.library.maintain(policy, now: 0)
    #expect(report.deletedFiles == 1 && report.freedBytes == audio.bytes)
    // What was doomed and stored again stays.
    try await test.library.write { (database) throws(DictationError) in
      try database.run("INSERT INTO doomed_blobs VALUES (?1)", [.text(audio.sha256)])
    }
    try await test.addAudio(seed: 1, to: item)
    #expect(try await test.library.maintain(policy, now: 0).deletedFiles == 0)
    #expect(try await test.library.verify().isSound)
  }

  /// A clock that jumps ahead makes everything old at once.
  @Test func aClockThatJumpsCostsNothing() async throws {
    let test = try TestLibrary()
    let items = try await fill(test, days: 10)
    try await test.library.remove([items[9].id])
    let policy = RetentionPolicy(keepAudioSeconds: Self.week, keepTextSeconds: 30 * 86_400)
    #expect(try await test.library.maintain(policy, now: 10 * Self.day).isHeld == false)
    let before = try await withAudio(test)
    let held = try await test.library.maintain(policy, now: 4000 * Self.day)
    #expect(held.isHeld && held.deletedItems == 0 && held.itemsWithoutAudio == 0)
    #expect(try await test.library.maintain(policy, now: 4000 * Self.day + 1000).isHeld)
    // It is right again.
    let right = try await test.library.maintain(policy, now: 10 * Self.day + 5000)
    #expect(!right.isHeld && right.deletedItems == 0)
    #expect(try await withAudio(test) == before)
    // And jumps again, and again elsewhere.
    #expect(try await test.library.maintain(policy, now: 4000 * Self.day).isHeld)
    #expect(try await test.library.maintain(policy, now: 9000 * Self.day).isHeld)
    #expect(try await withAudio(test) == before)
  }

  @Test func aClockThatGoesOnForADayIsBelieved() async throws {
    let test = try TestLibrary()
    _ = try await fill(test, days: 10)
    let policy = RetentionPolicy(keepAudioSeconds: Self.week)
    _ = try await test.library.maintain(policy, now: 10 * Self.day)
    #expect(try await test.library.maintain(policy, now: 100 * Self.day).isHeld)
    let report = try await test.library.maintain(policy, now: 101 * Self.day)
    #expect(!report.isHeld)
    #expect(try await withAudio(test) == [])
  }

  /// Sizes, and "none at all", need no clock.
  @Test func whatDependsOnNoClockIsNeverHeld() async throws {
    let test = try TestLibrary()
    _ = try await fill(test, days: 3)
    _ = try await test.library.maintain(RetentionPolicy(keepAudioSeconds: Self.week), now: 3 * Self.day)
    let policy = RetentionPolicy(keepAudioSeconds: 0, keepTextSeconds: Self.week)
    let report = try await test.library.maintain(policy, now: 4000 * Self.day)
    #expect(report.isHeld && report.itemsWithoutAudio == 3 && report.deletedItems == 0)
  }
}
