import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import Library

@Suite struct TagTests {
  @Test(arguments: [
    ("a=b", "a", "b"), ("Key_1.x-y=two words = 3", "Key_1.x-y", "two words = 3"), ("a=", "a", ""),
    ("a=  ü ", "a", "ü"), ("a= ", "a", ""),
    (String(repeating: "k", count: 64) + "=v", String(repeating: "k", count: 64), "v"),
  ])
  func tagsAreRead(text: String, key: String, value: String) {
    let tag = ItemTag(text)
    #expect(tag?.key == key && tag?.value == value)
  }

  @Test(arguments: [
    "", "a", "=b", "-a=b", ".a=b", "ä=b", "a b=c", "a=b\nc", "a=\u{1b}[31m", "a=b\u{2028}c", "a;b=c",
    String(repeating: "k", count: 65) + "=v", "a=" + String(repeating: "v", count: 201),
  ])
  func whatIsNoTagIsRefused(text: String) { #expect(ItemTag(text) == nil) }

  private func find(_ test: TestLibrary, _ tags: [String: String], _ text: String? = nil) async throws
    -> [String]
  {
    var query = ItemQuery(text)
    query.tags = tags
    return try await test.texts(query)
  }

  @Test func itemsAreFoundByAllOfTheirTags() async throws {
    let test = try TestLibrary()
    let first = try await test.add("first note", at: 1000) { $0.tags = ["project": "atlas", "who": "Ann"] }
    let second = try await test.add("second note", at: 2000)
    try await test.add("third note", at: 3000) { $0.tags = ["project": "Atlas"] }
    try await test.library.tag([second.id, makeItem("unknown").id], set: ["project": "atlas"])
    #expect(try await test.stored(first.id)?.tags == ["project": "atlas", "who": "Ann"])
    #expect(try await find(test, ["project": "atlas"]) == ["second note", "first note"])
    #expect(try await find(test, ["project": "atlas"], "first") == ["first note"])
    #expect(try await find(test, ["project": "atlas", "who": "Ann"]) == ["first note"])
    #expect(try await find(test, ["project": "atlas", "who": "ann"]) == [])
    #expect(try await find(test, ["project": "' OR 1 --"]) == [])
  }

  @Test func aTagIsChangedAndTakenAway() async throws {
    let test = try TestLibrary()
    let item = try await test.add("note") { $0.tags = ["a": "1", "b": "2"] }
    let before = try #require(try await test.stored(item.id)?.modifiedAt)
    try await test.library.tag([item.id], set: ["a": "3", "c": "ü 🙂"], remove: ["b", "none"])
    let stored = try #require(try await test.stored(item.id))
    #expect(stored.tags == ["a": "3", "c": "ü 🙂"] && stored.modifiedAt >= before)
    #expect(try await find(test, ["a": "1"]) == [])
    #expect(try await find(test, ["a": "3"]) == ["note"])
  }

  /// A file may have any name.
  @Test func whatIsNoValueIsMadeOne() async throws {
    let test = try TestLibrary()
    let long = String(repeating: "x", count: 300)
    let item = try await test.add("note") {
      $0.tags = ["file": " two\nlines\u{1b}[31m.mp3 ", "long": long, "none": "\n"]
    }
    #expect(
      try await test.stored(item.id)?.tags == [
        "file": "two lines [31m.mp3", "long": String(long.prefix(200)),
      ])
  }

  /// A job is saved several times, and knows nothing of what the user did meanwhile.
  @Test func aSaveTouchesNoTagsOfAStoredItem() async throws {
    let test = try TestLibrary()
    var item = try await test.add("note") { $0.tags = ["a": "1", "b": "2"] }
    try await test.library.tag([item.id], set: ["a": "3"], remove: ["b"])
    item.result?.text = "the note"
    try await test.library.save(item, durably: true)
    #expect(try await test.stored(item.id)?.tags == ["a": "3"])
    item.tags = [:]
    try await test.library.save(item, durably: true)
    #expect(try await find(test, ["a": "3"]) == ["the note"])
  }

  @Test func tagsStayThroughTheTrashAndGoWithTheItem() async throws {
    let test = try TestLibrary()
    let item = try await test.add("note") { $0.tags = ["a": "1"] }
    try await test.library.remove([item.id])
    #expect(try await find(test, ["a": "1"]) == [])
    try await test.library.restore([item.id])
    #expect(try await find(test, ["a": "1"]) == ["note"])
    try await test.library.remove([item.id])
    _ = try await test.library.maintain(RetentionPolicy(keepAudioSeconds: 0, trashSeconds: 0), now: 0)
    #expect(try await test.stored(item.id) == nil)
    // The next row may get the number of the one that is gone.
    try await test.add("another")
    #expect(try await find(test, ["a": "1"]) == [])
    try await test.library.write { (database) throws(DictationError) in
      #expect(try database.number("SELECT count(*) FROM tags") == 0)
    }
    #expect(try await test.library.verify().isSound)
  }

  /// Python's sqlite3 does not ask for foreign keys.
  @Test func anotherProgramThatDeletesAnItemDeletesItsTags() async throws {
    let test = try TestLibrary()
    try await test.add("note") { $0.tags = ["a": "1"] }
    let script =
      "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('DELETE FROM items'); d.commit()"
    let told = try run("/usr/bin/python3", ["-c", script, test.databasePath])
    #expect(told.code == 0, "\(told.errors)")
    #expect(try await test.library.verify().isSound)
    try await test.add("another")
    #expect(try await find(test, ["a": "1"]) == [])
  }

  @Test func aRebuildKeepsTags() async throws {
    let test = try TestLibrary()
    let item = try await test.add("note") { $0.tags = ["a": "1", "b": "x=y; z"] }
    try await test.add("without")
    _ = try await test.library.rebuild()
    #expect(try await test.stored(item.id)?.tags == ["a": "1", "b": "x=y; z"])
    #expect(try await find(test, ["a": "1"]) == ["note"])
    #expect(try await test.library.verify().isSound)
  }

  /// With neither index nor table of tags there are still the items.
  @Test func tagsThatCannotBeReadCostNoItem() async throws {
    let test = try TestLibrary()
    try await test.add("note") { $0.tags = ["a": "1"] }
    try await test.library.write { (database) throws(DictationError) in
      try database.script("DROP TRIGGER tags_delete; DROP TABLE tags; CREATE TABLE tags (number INTEGER)")
    }
    let told = try await test.library.rebuild()
    #expect(told.contains("1 items"), "\(told)")
    #expect(try await test.texts(ItemQuery()) == ["note"])
  }

  @Test func anOlderLibraryGetsTags() async throws {
    let test = try TestLibrary()
    try FileManager.default.createDirectory(
      atPath: test.folder.file("data"), withIntermediateDirectories: true)
    let items = [makeItem("said before", at: 1000), makeItem("and removed", at: 2000)]
    do {
      let database = try Database(path: test.databasePath, access: .writer)
      try Schema.migrate(database, to: 3)
      for item in items { try database.run(ItemRows.upsert, try ItemRows.values(item, modifiedAt: 5)) }
      try database.run("UPDATE items SET deleted_at = 1 WHERE text = 'and removed'")
    }
    #expect(try await test.stored(items[0].id)?.tags == [:])
    try await test.library.tag(items.map(\.id), set: ["a": "1"])
    #expect(try await find(test, ["a": "1"]) == ["said before"])
    #expect(try await test.stored(items[1].id)?.tags == ["a": "1"])
  }

  /// An older library that is damaged has no tags to save.
  @Test func anOlderLibraryIsRebuilt() async throws {
    let test = try TestLibrary()
    try FileManager.default.createDirectory(
      atPath: test.folder.file("data"), withIntermediateDirectories: true)
    do {
      let database = try Database(path: test.databasePath, access: .writer)
      try Schema.migrate(database, to: 3)
      try database.run(ItemRows.upsert, try ItemRows.values(makeItem("said before"), modifiedAt: 5))
    }
    let told = try await test.library.rebuild()
    #expect(told.hasPrefix("all 1 items"), "\(told)")
    #expect(try await test.texts(ItemQuery()) == ["said before"])
  }

  /// Looking at each item, or at each tag, would be a scan.
  @Test func aSearchByTagUsesTheIndex() async throws {
    let test = try TestLibrary()
    try await test.library.write { (database) throws(DictationError) in
      for number in 0..<2000 {
        let item = makeItem("entry \(number)", at: UInt64(number))
        try database.run(ItemRows.upsert, try ItemRows.values(item, modifiedAt: 0))
        try database.setTags(["n": "\(number % 100)", "all": "yes"], of: item.id)
      }
    }
    #expect(try await find(test, ["n": "42", "all": "yes"]).count == 20)
    var query = ItemQuery()
    query.tags = ["n": "42"]
    for text in [nil, "entry"] {
      query.text = text
      let statement = SearchStatement(query)
      let plan = try await test.library.write { (database) throws(DictationError) in
        try database.rows("EXPLAIN QUERY PLAN " + statement.sql, statement.values) {
          (row) throws(DictationError) in
          row.text(3) ?? ""
        }
      }
      #expect(
        plan.contains { $0.contains("SEARCH tags USING COVERING INDEX tags_by_value (key=? AND value=?)") },
        "\(plan)")
      #expect(!plan.contains { $0.contains("SCAN tags") }, "\(plan)")
    }
  }
}
