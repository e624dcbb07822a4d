import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import Library

@Suite struct LibraryTests {
  @Test func whatIsSavedComesBackWhole() async throws {
    let test = try TestLibrary()
    let item = makeItem("hello\0 “wörld” 🙂\nnew line")
    let before = unixMilliseconds()
    try await test.library.save(item, durably: true)
    let stored = try #require(try await test.stored(item.id))
    #expect((before...unixMilliseconds()).contains(stored.modifiedAt))
    var expected = item
    expected.modifiedAt = stored.modifiedAt
    #expect(stored == expected)
    #expect(try await test.library.newestWithText() == expected)
  }

  @Test func anItemWithoutResultComesBackWithout() async throws {
    let test = try TestLibrary()
    let item = try await test.add("") { item in
      item.result = nil
      item.error = nil
      item.state = .recording
      item.isRecovered = true
    }
    let stored = try #require(try await test.stored(item.id))
    #expect(stored.result == nil && stored.error == nil && stored.state == .recording && stored.isRecovered)
    #expect(try await test.library.newestWithText() == nil)
  }

  @Test func aSecondSaveReplaces() async throws {
    let test = try TestLibrary()
    var item = try await test.add("the first try")
    item.result?.text = "the second try"
    item.state = .failed
    try await test.library.save(item, durably: false)
    #expect(try await test.texts(ItemQuery()) == ["the second try"])
    #expect(try await test.texts(ItemQuery("first")) == [])
    #expect(try await test.texts(ItemQuery("second")) == ["the second try"])
  }

  /// A recording may be taken up by a daemon that could not read the library.
  @Test func aTextIsNeverReplacedByNone() async throws {
    let test = try TestLibrary()
    var item = try await test.add("precious")
    (item.state, item.result) = (.idle, nil)
    try await test.library.save(item, durably: false)
    let stored = try await test.stored(item.id)
    #expect(stored?.result?.text == "precious" && stored?.state == .completed)
  }

  @Test func aSaveTouchesNeitherAudioNorTrash() async throws {
    let test = try TestLibrary()
    var item = try await test.add("kept")
    let audio = try await test.addAudio(seed: 1, to: item)
    try await test.library.remove([item.id])
    item.audio = nil
    item.deletedAt = nil
    try await test.library.save(item, durably: true)
    let stored = try #require(try await test.stored(item.id))
    #expect(stored.audio == audio)
    #expect(stored.deletedAt != nil)
  }

  @Test func theTrashHidesAndGivesBack() async throws {
    let test = try TestLibrary()
    let item = try await test.add("rubbish")
    try await test.add("treasure")
    try await test.library.remove([item.id, makeItem("unknown").id])
    #expect(try await test.texts(ItemQuery()) == ["treasure"])
    #expect(try await test.library.items(idPrefix: item.id.description, includingDeleted: false) == [])
    var query = ItemQuery("rubbish")
    query.onlyDeleted = true
    #expect(try await test.texts(query) == ["rubbish"])
    query = ItemQuery()
    query.includesDeleted = true
    #expect(try await test.texts(query).sorted() == ["rubbish", "treasure"])
    try await test.library.restore([item.id])
    #expect(try await test.texts(ItemQuery("rubbish")) == ["rubbish"])
  }

  @Test func aThousandSavesAndSearchesAtOnce() async throws {
    let test = try TestLibrary()
    let items = (0..<1000).map { makeItem("number \($0) of many", at: UInt64($0)) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, item) in items.enumerated() {
        group.addTask { try await test.library.save(item, durably: index.isMultiple(of: 50)) }
        group.addTask { _ = try await test.library.search(ItemQuery("number")) }
        if index.isMultiple(of: 100) { group.addTask { await test.library.checkpoint() } }
      }
      try await group.waitForAll()
    }
    var query = ItemQuery("many")
    query.limit = 2000
    #expect(Set(try await test.library.search(query).map(\.id)) == Set(items.map(\.id)))
  }

  @Test func theLatestTextFollowsTheIds() async throws {
    let test = try TestLibrary()
    try await test.add("spoken second", at: 2000)
    try await test.add("spoken first", at: 1000)
    let third = try await test.add("spoken third", at: 3000)
    try await test.library.remove([third.id])
    #expect(try await test.library.newestWithText()?.result?.text == "spoken second")
  }

  @Test func aClockThatWasAheadMakesNoTextTheLatestForEver() async throws {
    let test = try TestLibrary()
    let now = unixMilliseconds()
    var ahead = try await test.add("said a year ahead", at: now + 31_536_000_000)
    try await test.library.write { (database) throws(DictationError) in
      try database.run("UPDATE items SET modified_at = created_at")
    }
    #expect(try await test.library.newestWithText()?.id == ahead.id)
    try await test.add("said now", at: now - 1000)
    #expect(try await test.library.newestWithText()?.result?.text == "said now")
    ahead.result?.text = "said a year ahead, and done again"
    try await test.library.save(ahead, durably: false)
    #expect(try await test.library.newestWithText()?.result?.text == "said now")
    // What the library refused then, and takes later, is no later for that.
    try await test.add("said before", at: now - 2000)
    #expect(try await test.library.newestWithText()?.result?.text == "said now")
  }

  @Test func theLastTextIsADictation() async throws {
    let test = try TestLibrary()
    try await test.add("said")
    let file = try await test.add("from a file", at: 2_000_000) { $0.kind = .import }
    #expect(try await test.library.newestWithText()?.result?.text == "said")
    var query = ItemQuery()
    query.kinds = [.import]
    #expect(try await test.library.search(query).map(\.id) == [file.id])
  }

  @Test func usageAddsUp() async throws {
    let test = try TestLibrary()
    let item = try await test.add("two words")
    try await test.add(" and  three more ")
    let audio = try await test.addAudio(seed: 1, to: item)
    // Nobody dictated it.
    try await test.add("a long recording") { $0.kind = .import }
    let usage = try await test.library.usage()
    #expect(usage.items == 2 && usage.words == 5 && usage.seconds == 5 && usage.audioBytes == audio.bytes)
    #expect(usage.databaseBytes > 0)
  }

  @Test func closedItOpensAgain() async throws {
    let test = try TestLibrary()
    try await test.add("before")
    await test.library.close()
    #expect(!FileManager.default.fileExists(atPath: test.databasePath + "-wal"))
    try await test.add("after")
    #expect(try await test.texts(ItemQuery()).count == 2)
  }

  @Test func aDatabaseThatSomebodyDeletedIsMadeAnew() async throws {
    let test = try TestLibrary()
    try await test.add("lost with the file")
    for suffix in ["", "-wal", "-shm"] { unlink(test.databasePath + suffix) }
    try await test.add("not lost")
    #expect(try await test.texts(ItemQuery()) == ["not lost"])
  }

  @Test func nobodyElseCanReadIt() async throws {
    let test = try TestLibrary()
    let audio = try await test.addAudio(seed: 1, to: try await test.add("secret"))
    let blob = test.library.blobs.path(audio.sha256)
    for path in [test.databasePath, test.databasePath + "-wal", blob] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600, "\(path)")
    }
  }
}
