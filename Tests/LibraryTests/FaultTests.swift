import CFaultVFS
import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import Library

@Suite struct FaultTests {
  @Test func aFileOfGarbageIsToldAndRebuilt() async throws {
    let test = try TestLibrary()
    try await test.add("gone")
    await test.library.close()
    try Data(repeating: 0x5a, count: 20_000).write(to: URL(fileURLWithPath: test.databasePath))
    for failure in [
      try await failure { try await test.add("new") },
      try await failure { _ = try await test.texts(ItemQuery()) },
    ] {
      #expect(failure?.kind == .storage && failure?.message.contains("doctor --fix") == true)
      #expect(failure?.message.contains(test.databasePath) == true)
    }
    let sentence = try await test.library.rebuild()
    #expect(sentence.hasPrefix("0 items of "))
    try await test.add("new")
    #expect(try await test.texts(ItemQuery()) == ["new"])
    #expect(try broken(test).count == 1)
  }

  @Test func damagedPagesCostOnlyWhatWasOnThem() async throws {
    let test = try TestLibrary()
    var items: [Item] = []
    for number in 0..<500 {
      items.append(try await test.add("item \(number) " + String(repeating: "padding ", count: 20)))
    }
    let audio = try await test.addAudio(seed: 1, to: items[0])
    try await test.library.remove([items[1].id])
    await test.library.close()
    let lost = try damageLeaf(of: "items", in: test.databasePath)
    #expect(await test.library.needsRebuild())
    #expect(try await test.library.verify().database != [])
    let sentence = try await test.library.rebuild()
    #expect(sentence.contains("could be read"))
    var query = ItemQuery()
    (query.limit, query.includesDeleted) = (1000, true)
    let left = try await test.library.search(query)
    // One page of 4096 bytes holds fewer than ten of these.
    #expect(left.count >= items.count - 10 && left.count < items.count, "\(lost)")
    for item in left {
      let original = try #require(items.first { $0.id == item.id })
      #expect(item.result == original.result)
    }
    #expect(left.first { $0.id == items[0].id }.map { $0.audio?.sha256 == audio.sha256 } != false)
    #expect(left.first { $0.id == items[1].id }.map { $0.deletedAt != nil } != false)
    #expect(try await test.library.verify().database == [])
  }

  @Test func aSoundLibraryIsRebuiltWhole() async throws {
    let test = try TestLibrary()
    let item = try await test.add("kept")
    try await test.addAudio(seed: 1, to: item)
    #expect(await !test.library.needsRebuild())
    // Not closed: some of it is in the log only.
    let before = try await test.stored(item.id)
    #expect(try await test.library.rebuild().hasPrefix("all 1 items of "))
    #expect(try await test.stored(item.id) == before)
    #expect(try await test.library.verify().isSound)
    // The one aside is whole as well.
    let aside = try Database(path: test.folder.file("data/\(try broken(test)[0])"), access: .writer)
    #expect(try aside.number("SELECT count(*) FROM items") == 1)
  }

  @Test func anIndexThatLacksWordsIsRebuilt() async throws {
    let test = try TestLibrary()
    try await test.add("lost and found")
    await test.library.close()
    do {
      let database = try Database(path: test.databasePath, access: .writer)
      try database.run("INSERT INTO items_text (items_text) VALUES ('delete-all')")
    }
    #expect(await test.library.needsRebuild())
    _ = try await test.library.rebuild()
    var query = ItemQuery()
    query.text = "found"
    #expect(try await test.texts(query) == ["lost and found"])
  }

  @Test func audioIsFoundAgainByItsFile() async throws {
    let test = try TestLibrary()
    let item = try await test.add("kept")
    let audio = try await test.addAudio(seed: 1, to: item)
    await test.library.close()
    do {
      let database = try Database(path: test.databasePath, access: .writer)
      try database.run("PRAGMA foreign_keys = OFF")
      try database.run("DELETE FROM blobs")
    }
    _ = try await test.library.rebuild()
    let found = try #require(try await test.stored(item.id)?.audio)
    #expect(found.sha256 == audio.sha256 && found.frames == audio.frames && found.bytes == audio.bytes)
  }

  @Test func aLockedDatabaseIsToldAndForgotten() async throws {
    let test = try TestLibrary()
    try await test.add("before")
    let other = try Database(path: test.databasePath, access: .writer)
    try other.run("BEGIN IMMEDIATE")
    let refused = try await failure { try await test.add("while locked") }
    #expect(refused?.kind == .storage && refused?.retryable == true)
    #expect(refused?.message.contains("locked") == true)
    #expect(try await test.texts(ItemQuery()) == ["before"])
    try other.run("COMMIT")
    try await test.add("after")
    #expect(try await test.texts(ItemQuery()).count == 2)
  }

  @Test func aFullDatabaseRefusesAndKeepsWhatItHas() async throws {
    let test = try TestLibrary()
    try await test.add("before")
    try await test.library.write { (database) throws(DictationError) in
      let pages = try database.number("PRAGMA page_count")
      #expect(try database.number("PRAGMA max_page_count = \(pages + 4)") == pages + 4)
    }
    let large = makeItem(String(repeating: "long text ", count: 10_000))
    let refused = try await failure { try await test.library.save(large, durably: true) }
    #expect(refused?.message.contains("the disk is full") == true && refused?.retryable == true)
    #expect(try await test.texts(ItemQuery()) == ["before"])
    try await test.library.write { (database) throws(DictationError) in
      try database.script("PRAGMA max_page_count = 1000000")
    }
    try await test.library.save(large, durably: true)
    #expect(try await test.library.verify().isSound)
  }

  @Test(.enabled(if: SmallDisk.isAllowed, "mounting takes the right to"))
  func aFullDiskIsToldAndWhatIsStoredStays() async throws {
    let disk = try SmallDisk(kilobytes: 400)
    let library = Library(folder: disk.path + "/thoth")
    var saved: [JobID] = []
    var refused: DictationError?
    for number in 0..<1000 where refused == nil {
      let item = makeItem("item \(number) " + String(repeating: "padding ", count: 200))
      refused = try await failure { try await library.save(item, durably: true) }
      if refused == nil { saved.append(item.id) }
    }
    #expect(refused?.message.contains("the disk is full") == true && refused?.kind == .storage)
    let wave = disk.folder.file("a.wav")
    try WaveFile.write(samples(seed: 1, count: 200_000), rate: 16_000, to: wave)
    let audio = try await failure { _ = try await library.storeAudio(of: saved[0], wav: wave) }
    #expect(audio?.message.contains("the disk is full") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path + "/thoth/blobs/incoming") == [])
    var query = ItemQuery()
    query.limit = 1000
    #expect(Set(try await library.search(query).map(\.id)) == Set(saved))
    try disk.resize(kilobytes: 4000)
    try await library.save(makeItem("there is room again"), durably: true)
    _ = try await library.storeAudio(of: saved[0], wav: wave)
    #expect(try await library.verify().isSound)
    await library.close()
  }

  @Test(.enabled(if: SmallDisk.isAllowed, "mounting takes the right to"))
  func aReadOnlyDiskIsToldAndCanStillBeRead() async throws {
    let disk = try SmallDisk(kilobytes: 4000)
    let library = Library(folder: disk.path + "/thoth")
    try await library.save(makeItem("written before"), durably: true)
    await library.close()
    try disk.setReadOnly(true)
    let refused = try await failure { try await library.save(makeItem("lost"), durably: true) }
    #expect(refused?.kind == .storage && refused?.retryable == true)
    #expect(refused?.message.contains(disk.path) == true)
    #expect(try await library.search(ItemQuery()).map { $0.result?.text } == ["written before"])
    try disk.setReadOnly(false)
    try await library.save(makeItem("written after"), durably: true)
    #expect(try await library.search(ItemQuery()).count == 2)
    await library.close()
  }

  private func broken(_ test: TestLibrary) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: test.folder.file("data")).filter {
      $0.hasPrefix("library.db.broken-") && !$0.hasSuffix("-wal")
    }
  }

  /// Overwrites a leaf page of a table; its number.
  private func damageLeaf(of table: String, in path: String) throws -> Int {
    let shell = try run(
      "/usr/bin/python3",
      [
        "-c",
        """
        import sys
        path, data = sys.argv[1], bytearray(open(sys.argv[1], "rb").read())
        size = int.from_bytes(data[16:18], "big")
        # A leaf of a table begins with 13 (https://www.sqlite.org/fileformat2.html); ours hold the padding.
        leaves = [p for p in range(1, len(data) // size) if data[p*size] == 13 and data[p*size:(p+1)*size].count(b"padding") > 50]
        page = leaves[len(leaves) // 2]
        data[page*size:page*size+200] = b"\\x5a" * 200
        open(path, "wb").write(data)
        print(page)
        """, path,
      ])
    #expect(shell.code == 0, "\(shell.errors)")
    return Int(shell.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
  }
}
