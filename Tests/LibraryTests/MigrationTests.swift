import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import Library

@Suite struct MigrationTests {
  /// A database as version 1 left it, with two items.
  private func makeVersion1(_ test: TestLibrary) throws -> [Item] {
    try FileManager.default.createDirectory(
      atPath: test.folder.file("data"), withIntermediateDirectories: true)
    let database = try Database(path: test.databasePath, access: .writer)
    try Schema.migrate(database, to: 1)
    let items = [makeItem("said before the search came", at: 1000), makeItem("another one", at: 2000)]
    for item in items { try database.run(ItemRows.upsert, try ItemRows.values(item, modifiedAt: 5)) }
    return items
  }

  @Test func version1IsBroughtUpToDate() async throws {
    let test = try TestLibrary()
    let items = try makeVersion1(test)
    #expect(try await test.library.search(ItemQuery("search came")).map(\.id) == [items[0].id])
    #expect(try await test.library.search(ItemQuery()).map(\.result) == [items[1].result, items[0].result])
    try await test.library.write { (database) throws(DictationError) in
      #expect(try database.number("PRAGMA user_version") == Schema.migrations.count)
      // The index agrees with the texts.
      try database.run("INSERT INTO items_text (items_text, rank) VALUES ('integrity-check', 1)")
    }
    let changed = try #require(try await test.stored(items[0].id))
    var item = changed
    item.result?.text = "said anew"
    try await test.library.save(item, durably: false)
    #expect(try await test.texts(ItemQuery("search")) == [])
  }

  @Test func everyVersionLeadsToTheSameTables() throws {
    let folder = try TemporaryFolder()
    var schemas: Set<[String]> = []
    for version in 0...Schema.migrations.count {
      let database = try Database(path: folder.file("v\(version).db"), access: .writer)
      if version > 0 { try Schema.migrate(database, to: version) }
      #expect(try Schema.checkedVersion(database) == version)
      try Schema.migrate(database)
      let sql = "SELECT coalesce(sql, '') FROM sqlite_schema ORDER BY name"
      schemas.insert(try database.rows(sql) { (row) throws(DictationError) in row.text(0) ?? "" })
    }
    #expect(schemas.count == 1)
  }

  @Test func anInterruptedMigrationHasChangedNothing() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("library.db")
    do {
      let database = try Database(path: path, access: .writer)
      try Schema.migrate(database, to: 1)
      // The name that the next step wants is taken.
      try database.run("CREATE TABLE items_text (text)")
      #expect(throws: DictationError.self) { try Schema.migrate(database) }
    }
    let database = try Database(path: path, access: .writer)
    #expect(try Schema.checkedVersion(database) == 1)
    try database.run("DROP TABLE items_text")
    try Schema.migrate(database)
    #expect(try Schema.checkedVersion(database) == Schema.migrations.count)
  }

  @Test func aNewerVersionIsLeftAlone() async throws {
    let test = try TestLibrary()
    try await test.add("from the future")
    try await test.library.write { (database) throws(DictationError) in
      try database.script("PRAGMA user_version = 99")
    }
    await test.library.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: test.databasePath))
    let again = Library(folder: test.library.folder)
    for failure in [
      try await failure { try await again.open() },
      try await failure { try await again.save(makeItem("new"), durably: true) },
      try await failure { _ = try await again.search(ItemQuery()) },
      try await failure { _ = try await again.rebuild() },
    ] {
      #expect(failure?.kind == .storage)
      #expect(failure?.message.contains("newer thoth") == true && failure?.message.contains("99") == true)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: test.databasePath)) == before)
  }

  @Test func anotherProgramsDatabaseIsLeftAlone() async throws {
    let test = try TestLibrary()
    try FileManager.default.createDirectory(
      atPath: test.folder.file("data"), withIntermediateDirectories: true)
    do {
      let database = try Database(path: test.databasePath, access: .writer)
      try database.run("CREATE TABLE theirs (a)")
    }
    let refused = try await failure { try await test.library.open() }
    #expect(refused?.kind == .storage && refused?.message.contains("another program") == true)
  }
}
