import DictationTypes
import TestSupport
import TextFilter
import Testing

@testable import Words

@Suite struct DictionaryFileTests {
  @Test func whatIsWrittenIsRead() throws {
    var words = WordDictionary()
    try words.set(Replacement("a, \"b\"", "c\nd", matchesCase: true))
    try words.set(Term("Zoë", aliases: ["so e", "zoo"], policy: .phonetic))
    #expect(try WordDictionary(csv: words.csv) == words)
  }

  @Test func rowsOfTwoColumnsAreReplacements() throws {
    let words = try WordDictionary(csv: "from,to\r\nteh,the\r\n\r\n\"a \"\"b\"\"\",c")
    #expect(words.replacements == [Replacement("teh", "the"), Replacement("a \"b\"", "c")])
  }

  @Test(arguments: [
    ("zzz,a,b", "line 1: it is neither"), ("a,b\nreplace,,x,", "line 2: what is replaced is empty"),
    ("term,A,,loud", "line 1: \"loud\" is no policy: there are alias, phonetic, conservative"),
    ("replace,a,b,upper", "line 1: the options"), ("a,a", "would be replaced by itself"),
    ("term,--,,", "has no letter"), ("term, A,,", "has white space around it"),
    ("a\u{7}b,c", "control character"),
    ("\(String(repeating: "x", count: 201)),c", "longer than 200"), ("a,b,c,d,e", "it is neither"),
  ])
  func mistakesAreToldWithTheirLine(_ text: String, _ message: String) {
    let problem = #expect(throws: DictionaryProblem.self) { try WordDictionary(csv: text) }
    #expect(problem?.message.contains(message) == true, "\(problem?.message ?? "")")
  }

  @Test func anEntryTakesThePlaceOfTheOneBefore() throws {
    var words = try WordDictionary(csv: "a,b\na,c\n")
    #expect(words.replacements == [Replacement("a", "c")])
    #expect(words.remove("a") == 1 && words.remove("a") == 0)
  }

  @Test func theFileIsReadAgainWhenItChanges() async throws {
    let folder = try TemporaryFolder()
    let store = DictionaryStore(path: folder.file("deep/dictionary.csv"), uses: folder.file("terms.csv"))
    try store.change { words throws(DictionaryProblem) in try words.set(Term("GitLab")) }
    #expect(folder.read("deep/dictionary.csv") == "kind,name,text,options\nterm,GitLab,,conservative\n")
    let (told, continuation) = AsyncStream.makeStream(of: DictionaryProblem?.self)
    store.watch { continuation.yield($0) }
    defer { store.stopWatching() }
    var iterator = told.makeAsyncIterator()
    try folder.write("broken,line,\n", to: "deep/dictionary.csv")
    while store.problem == nil, await iterator.next() != nil {}
    #expect(store.compiled.apply("git lab").text == "GitLab", "the last good one stays")
    #expect(throws: DictionaryProblem.self) {
      try store.change { words throws(DictionaryProblem) in try words.set(Term("Redis")) }
    }
    #expect(folder.read("deep/dictionary.csv") == "broken,line,\n")
    try folder.write("git lab,GL\n", to: "deep/dictionary.csv")
    while store.problem != nil, await iterator.next() != nil {}
    #expect(store.compiled.apply("git lab").text == "GL")
  }
}
