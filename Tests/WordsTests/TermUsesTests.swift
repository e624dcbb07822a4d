import DictationTypes
import TestSupport
import Testing

@testable import Words

@Suite struct TermUsesTests {
  private let day: Int64 = 86_400

  @Test(arguments: ["-9223372036854775808", "9223372036854775807", "x"])
  func aTimeThatIsNoneIsPassedOver(time: String) {
    var uses = TermUses(csv: "term,weight,last_said\nThoth,2,\(time)\n")
    uses.add(["Thoth"], at: 100)
    uses.count(["Thoth"], at: 200)
    #expect(uses.csv(of: ["Thoth"]).contains("Thoth,") == true)
  }

  @Test func whatIsSaidMoreOftenComesFirst() {
    var uses = TermUses()
    uses.add(["a", "b", "c"], at: 0)
    uses.count(["b"], at: 10)
    uses.count(["b", "a"], at: 20)
    #expect(uses.likeliest(of: ["a", "b", "c"]) == ["b", "a", "c"])
  }

  @Test func whatIsSaidLatelyComesFirstWhenTheRestIsLongAgo() {
    var uses = TermUses()
    uses.add(["old", "new"], at: 0)
    for second in 1...20 { uses.count(["old"], at: Int64(second)) }
    #expect(uses.likeliest(of: ["old", "new"]) == ["old", "new"])
    // Twenty-one halved five times is less than one, and a halved one beside it.
    uses.count(["new"], at: 70 * day)
    #expect(uses.likeliest(of: ["old", "new"]) == ["new", "old"])
  }

  @Test func aUseCountsHalfAfterTwoWeeks() {
    var uses = TermUses()
    uses.add(["a"], at: 0)
    uses.count(["a"], at: 14 * day)
    #expect(uses.csv(of: ["a"]) == "term,weight,last_said\na,1.5,\(14 * day)\n")
  }

  @Test func aNewTermCountsAsSaidOnceAndTheLastOfThemFirst() {
    var uses = TermUses()
    uses.add(["a", "b"], at: 0)
    uses.add(["a", "b", "c", "d"], at: day)
    #expect(uses.likeliest(of: ["a", "b", "c", "d"]) == ["d", "c", "b", "a"])
  }

  @Test func aClockThatGoesBackTakesNothing() {
    var uses = TermUses()
    uses.add(["a"], at: 100)
    uses.count(["a"], at: 50)
    #expect(uses.csv(of: ["a"]) == "term,weight,last_said\na,2.0,100\n")
  }

  @Test func whatIsWrittenIsRead() {
    var uses = TermUses()
    uses.add(["a, \"b\"", "Zoë"], at: 100)
    uses.count(["Zoë"], at: 200)
    #expect(
      TermUses(csv: uses.csv(of: ["a, \"b\"", "Zoë"])) == TermUses(csv: uses.csv(of: ["Zoë", "a, \"b\""])))
    #expect(
      TermUses(csv: uses.csv(of: ["a, \"b\"", "Zoë"])).likeliest(of: ["a, \"b\"", "Zoë"]).first == "Zoë")
  }

  @Test(arguments: [
    "", "\0\0\0", "term,weight", "a,nan,1\nb,inf,1\nc,-1,1\nd,0,1", "a,1,99999999999999999999", "\"a,1,1",
  ])
  func aBrokenFileSaysNothing(_ text: String) {
    #expect(TermUses(csv: text) == TermUses())
  }

  @Test func theDictionaryCountsWhatWasSaidAndKnowsItAfterwards() throws {
    let folder = try TemporaryFolder()
    let (path, uses) = (folder.file("dictionary.csv"), folder.file("terms.csv"))
    try folder.write(
      "term,Redis,,\nterm,GitLab,lab of git,\nterm,Kafka,,\nsome,thing\n", to: "dictionary.csv")
    try folder.write("Kafka,no number,\n\0", to: "terms.csv")
    let store = DictionaryStore(path: path, uses: uses)
    #expect(store.problem == nil && store.likeliest == ["Kafka", "GitLab", "Redis"])
    let later: Int64 = 4_000_000_000
    #expect(store.count("Ask git lab, Redis and some.", at: later) == nil)
    #expect(store.count("Redis. Redis!", at: later) == nil)
    #expect(store.likeliest == ["Redis", "GitLab", "Kafka"])
    #expect(DictionaryStore(path: path, uses: uses).likeliest == ["Redis", "GitLab", "Kafka"])
    try store.change { words throws(DictionaryProblem) in _ = words.remove("Redis") }
    #expect(store.count("GitLab", at: later) == nil && folder.read("terms.csv")?.contains("Redis") == false)
  }

  @Test func whatCannotBeWrittenIsToldAndCountsAllTheSame() throws {
    let folder = try TemporaryFolder()
    try folder.write("term,Redis,,\nterm,Kafka,,\n", to: "dictionary.csv")
    let store = DictionaryStore(path: folder.file("dictionary.csv"), uses: folder.file("none/terms.csv"))
    #expect(store.count("Redis", at: 4_000_000_000)?.contains("none/terms.csv cannot be written") == true)
    #expect(store.likeliest == ["Redis", "Kafka"])
    #expect(store.count("Nothing.", at: 4_000_000_000) == nil, "nothing to write")
  }
}
