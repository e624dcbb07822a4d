import Captions
import DictationTypes
import TestSupport
import Testing

/// How an edited text gets the times of what was said.
@Suite struct WordTimesTests {
  private let spoken = [
    TimedWord("Um,", start: 1000, end: 1200), TimedWord("hello", start: 1300, end: 1600),
    TimedWord("comma", start: 1600, end: 1900), TimedWord("I", start: 2000, end: 2100),
    TimedWord("have", start: 2100, end: 2300), TimedWord("twenty", start: 2300, end: 2700),
    TimedWord("five", start: 2700, end: 3000), TimedWord("post", start: 3000, end: 3200),
    TimedWord("gress", start: 3200, end: 3600), TimedWord("servers.", start: 3700, end: 4200),
  ]

  private func times(_ text: String) -> [String] {
    timedWords(of: text, spoken: spoken, from: 900, to: 5000).map { "\($0.word) \($0.start)-\($0.end)" }
  }

  @Test func editedWordsHaveTheTimesOfWhatWasSaid() {
    #expect(
      times("Hello, I have 25 PostgreSQL servers.") == [
        "Hello, 1300-1600", "I 2000-2100", "have 2100-2300", "25 2300-2877", "PostgreSQL 2877-3600",
        "servers. 3700-4200",
      ])
  }

  @Test func whatNobodySaidLiesBetweenItsNeighbours() {
    #expect(
      times("Well hello I — have twenty five post gress servers here") == [
        "Well 1000-1200", "hello 1300-1600", "I 2000-2100", "— 2100-2100", "have 2100-2300",
        "twenty 2300-2700",
        "five 2700-3000", "post 3000-3200", "gress 3200-3600", "servers 3700-4200", "here 4200-4520",
      ])
    let late = [TimedWord("late", start: 60_000, end: 60_500)]
    #expect(
      timedWords(of: "Too late", spoken: late, from: 0, to: 61_000) == [
        TimedWord("Too", start: 59_760, end: 60_000), TimedWord("late", start: 60_000, end: 60_500),
      ])
  }

  @Test func withoutTimesTheyShareTheWholeByLength() {
    #expect(
      timedWords(of: "one threes", spoken: [], from: 100, to: 1000) == [
        TimedWord("one", start: 100, end: 400), TimedWord("threes", start: 400, end: 1000),
      ])
    #expect(timedWords(of: " \n ", spoken: spoken, from: 0, to: 10).isEmpty)
    #expect(timedWords(of: "—", spoken: [], from: 5, to: 10) == [TimedWord("—", start: 5, end: 5)])
  }

  @Test func linesEndParagraphs() {
    let words = timedWords(of: "\nHello\r\n \r\nI have\n", spoken: spoken, from: 0, to: 5000)
    #expect(words.map(\.word) == ["Hello", "I", "have"])
    #expect(words.map(\.endsParagraph) == [true, nil, true])
    #expect(captionCues(words).map(\.lines) == [["Hello"], ["I have"]])
  }

  @Test func wordsArePutTogetherAgain() {
    for text in ["Hello, I have — 25 servers.", "今天天气，很好。", "「東京」は日本の首都です。", "한국어 is Korean", ""] {
      #expect(Captions.text(of: timedWords(of: text, spoken: [], from: 0, to: 5000)) == text)
    }
  }

  @Test func textWithoutSpacesIsAligned() {
    let spoken = [
      TimedWord("今天", start: 0, end: 400), TimedWord("天气", start: 400, end: 800),
      TimedWord("很好", start: 2000, end: 2400),
    ]
    let words = timedWords(of: "今天天气，很好。", spoken: spoken, from: 0, to: 3000)
    #expect(words.map(\.word) == ["今", "天", "天", "气，", "很", "好。"])
    #expect(words.map(\.start) == [0, 200, 400, 600, 2000, 2200])
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func timesNeverGoBack(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let vocabulary = ["a", "b", "c", "d,", "—", "E", "字", "\u{202e}", "f\ng"]
    let spoken = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
      let start = Int.random(in: -100..<20_000, using: &random)
      return TimedWord(
        vocabulary.randomElement(using: &random)!, start: start,
        end: start + Int.random(in: -50..<900, using: &random))
    }
    let text = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
      vocabulary.randomElement(using: &random)!
    }
    .joined(separator: " ")
    let words = timedWords(of: text, spoken: spoken, from: 500, to: 15_000)
    #expect(
      words.map(\.word).joined().filter { !$0.isWhitespace }
        == text.filter { !$0.isWhitespace && $0 != "\u{202e}" })
    var now = 500
    for word in words {
      #expect(word.start >= now && word.end >= word.start && word.end <= 15_000, "\(words)")
      now = word.end
    }
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func wordsThatStayedKeepTheirTimes(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let spoken = (0..<300).map { TimedWord("word\($0)", start: $0 * 400, end: $0 * 400 + 300) }
    var kept: [TimedWord] = []
    var text: [String] = []
    for word in spoken {
      switch Int.random(in: 0..<10, using: &random) {
      case 0: break
      case 1: text.append("other")
      case 2: text += ["new", word.word]
      default: text.append(word.word)
      }
      if text.last == word.word { kept.append(word) }
    }
    let words = timedWords(of: text.joined(separator: " "), spoken: spoken, from: 0, to: 120_000)
    #expect(words.filter { $0.word.hasPrefix("word") } == kept)
  }

  /// A quadratic way would take hours.
  @Test(.timeLimit(.minutes(5))) func aLongTextTakesTimeInProportion() {
    let spoken = (0..<100_000).map { TimedWord("word\($0)", start: $0 * 400, end: $0 * 400 + 300) }
    let text = spoken.enumerated().map { $0.isMultiple(of: 10) ? "other\($0)" : $1.word }
    let words = timedWords(of: text.joined(separator: " "), spoken: spoken, from: 0, to: 40_000_000)
    #expect(words.count == text.count && zip(words, spoken).allSatisfy { $0.start == $1.start })
    // Nothing in common.
    let strange = (0..<20_000).map { "strange\($0)" }.joined(separator: " ")
    #expect(timedWords(of: strange, spoken: spoken, from: 0, to: 40_000_000).count == 20_000)
  }
}
