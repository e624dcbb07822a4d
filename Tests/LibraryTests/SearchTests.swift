import DictationTypes
import Testing

@testable import Library

@Suite struct SearchTests {
  static let texts = [
    "The café serves crème brûlée",
    "She said NEAR and OR, then NOT",
    "a quick brown fox (jumps) over * the \"lazy\" dog",
    "brown bears are quick to anger",
    "well-known C++ code: foo_bar = x^2",
    "Не забудь позвонить",
    "Grüße aus Köln",
  ]

  @Test(arguments: [
    ("cafe", [0]), ("CAFÉ", [0]), ("brulee creme", [0]), ("koln", [6]), ("позвон", [5]), ("grusse", []),
    ("quick brown", [2, 3]), ("\"quick brown\"", [2]), ("\"brown quick\"", []), ("\"brown fox", [2]),
    ("bro", [2, 3]), ("\"bro\"", []), ("rown", []), ("quick anger", [3]), ("quick absent", []),
    ("near", [1]), ("NEAR", [1]), ("NOT OR", [1]), ("quick NOT brown", []), ("quick OR fox", []),
    ("NEAR(said then)", []), ("text:fox", []), ("fox*", [2]), ("fo*", [2, 4]), ("fo)", []), ("(jumps)", [2]),
    ("(", []), ("*", []), ("fox (", [2]),
    ("\"lazy\"", [2]), ("\"", Array(texts.indices)), ("well-known", [4]), ("c++", [4]), ("x^2", [4]),
    ("foo_bar", [4]),
    ("{fox} + -dog", [2]), ("'", []), ("fox\0dog", [2]), (";DROP TABLE items", []),
    ("", Array(texts.indices)),
    ("  ", Array(texts.indices)),
  ])
  func whatIsFound(text: String, expected: [Int]) async throws {
    let test = try TestLibrary()
    for text in Self.texts { try await test.add(text) }
    let found = try await test.texts(ItemQuery(text))
    #expect(Set(found) == Set(expected.map { Self.texts[$0] }), "\(fullTextQuery(text))")
  }

  @Test func theBestComesFirstThenTheNewest() async throws {
    let test = try TestLibrary()
    try await test.add("one fish among many other words that say nothing about the matter at all", at: 4000)
    try await test.add("old fish", at: 1000)
    try await test.add("new fish", at: 3000)
    try await test.add("fish fish", at: 2000)
    let found = try await test.texts(ItemQuery("fish"))
    #expect(found.first == "fish fish")
    #expect(Array(found[1...2]) == ["new fish", "old fish"])
    #expect(found.last?.hasPrefix("one fish") == true)
    #expect(try await test.texts(ItemQuery()).map { $0.prefix(3) } == ["one", "new", "fis", "old"])
  }

  @Test func conditionsAndPages() async throws {
    let test = try TestLibrary()
    for hour in 0..<10 {
      try await test.add("word \(hour)", at: UInt64(hour) * 1000) { item in
        item.state = hour < 5 ? .completed : .failed
        item.kind = hour.isMultiple(of: 2) ? .dictation : .import
      }
    }
    for text in ["word", nil] {
      var query = ItemQuery(text)
      query.since = 2000
      query.until = 8000
      query.states = [.completed, .discarded]
      query.kinds = [.import]
      #expect(try await test.texts(query) == ["word 3"])
      query.kinds = [.import, .dictation]
      #expect(try await test.texts(query).sorted() == ["word 2", "word 3", "word 4"])
      query = ItemQuery(text)
      query.limit = 3
      query.offset = 2
      #expect(try await test.texts(query) == ["word 7", "word 6", "word 5"])
    }
  }

  @Test func anIdIsFoundByItsBeginning() async throws {
    let test = try TestLibrary()
    let item = try await test.add("here", at: 0x0190_0000_0000)
    try await test.add("elsewhere", at: 0x0290_0000_0000)
    let prefix = String(item.id.description.prefix(8))
    #expect(try await test.library.items(idPrefix: prefix, includingDeleted: false).map(\.id) == [item.id])
    #expect(try await test.library.items(idPrefix: "02", includingDeleted: false).count == 1)
    #expect(try await test.library.items(idPrefix: "", includingDeleted: false).count == 2)
    #expect(try await test.library.items(idPrefix: "zz%'", includingDeleted: false).isEmpty)
  }

  @Test func amongTenThousandTheRightOnesAreFound() async throws {
    let test = try TestLibrary()
    try await test.library.write { (database) throws(DictationError) in
      for number in 0..<10_000 {
        let item = makeItem("entry w\(number % 100) tail\(number)", at: UInt64(number))
        try database.run(ItemRows.upsert, try ItemRows.values(item, modifiedAt: 0))
      }
    }
    var query = ItemQuery("w42 entry")
    query.limit = 1000
    let found = try await test.texts(query)
    #expect(found.count == 100)
    #expect(found.first == "entry w42 tail9942")
    #expect(try await test.texts(ItemQuery("tail1234")) == ["entry w34 tail1234"])
  }
}
