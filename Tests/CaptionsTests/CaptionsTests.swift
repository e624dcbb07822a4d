import Captions
import DictationTypes
import TestSupport
import Testing

/// How words become captions.
@Suite struct CaptionsTests {
  @Test func sentencesHaveTheirTimes() {
    let text = "He asked Dr. Smith: \u{201c}Is it so?\u{201d} It was. 今日は。明日も。"
    var words: [TimedWord] = []
    for word in text.split(separator: " ") {
      words.append(TimedWord(String(word), start: 1000 * words.count, end: 1000 * words.count + 900))
    }
    let found = sentences(of: words, language: "en")
    #expect(
      found.map(\.text) == [
        "He asked Dr. Smith: \u{201c}Is it so?\u{201d}", "It was.", "今日は。", "明日も。",
      ])
    #expect(found.prefix(2).map(\.start) == [0, 7000] && found.prefix(2).map(\.end) == [6900, 8900])
    #expect(sentences(of: []).isEmpty)
  }

  /// Each word takes 60 ms a character, with nothing between, but `|` is a pause of 600 ms, `|300` one of 300, and `/` a
  /// new paragraph.
  static func spoken(_ text: String, pace: Int = 60) -> [TimedWord] {
    var (words, now) = ([TimedWord](), 0)
    for word in text.split(separator: " ") {
      switch word {
      case "|": now += 600
      case _ where word.first == "|": now += Int(word.dropFirst())!
      case "/": words[words.count - 1].endsParagraph = true
      default:
        words.append(TimedWord(String(word), start: now, end: now + pace * word.count))
        now += pace * word.count
      }
    }
    return words
  }

  private func shown(_ text: String, _ language: String? = nil) -> [String] {
    captionCues(Self.spoken(text), rules: CaptionRules(language: language)).map {
      $0.lines.joined(separator: " / ")
    }
  }

  @Test(
    arguments: [
      ("en", "It fits in one line.", ["It fits in one line."]),
      (
        "en", "When we came home in the evening, the lights were already out.",
        ["When we came home in the evening, / the lights were already out."]
      ),
      (
        "en", "She opened the door of the house because someone had been knocking.",
        ["She opened the door of the house / because someone had been knocking."]
      ),
      (
        "en", "He gave the letter he had been writing to his old friend Peter Miller.",
        ["He gave the letter he had been writing / to his old friend Peter Miller."]
      ),
      (
        "de", "Wir haben gestern das neue Haus gesehen, das am anderen Ufer steht.",
        ["Wir haben gestern das neue Haus gesehen, / das am anderen Ufer steht."]
      ),
      (
        "de", "Ich bleibe heute lieber noch zu Hause weil es draußen sehr kalt ist.",
        ["Ich bleibe heute lieber noch zu Hause / weil es draußen sehr kalt ist."]
      ),
      (
        "fr", "Nous avons passé toute la journée au bord de la mer avec les enfants.",
        ["Nous avons passé toute la journée / au bord de la mer avec les enfants."]
      ),
      (
        "fr", "Je n'avais pas le temps de lui dire : « Je m'endors. » Et la lampe était éteinte.",
        ["Je n'avais pas le temps de lui dire : / « Je m'endors. »", "Et la lampe était éteinte."]
      ),
      (
        "es", "No pudimos salir de la casa porque llovía mucho y hacía mucho frío.",
        ["No pudimos salir de la casa / porque llovía mucho y hacía mucho frío."]
      ),
    ] as [(String, String, [String])])
  func linesBreakAtClauses(language: String, text: String, expected: [String]) {
    #expect(shown(text, language) == expected)
    #expect(shown(text) == expected, "without a language")
  }

  @Test func captionsBeginAtSentencesPausesAndParagraphs() {
    let text =
      "This is the first sentence of them all. And this one is the second one, which goes on |900 until it ends "
      + "here. Short / A new paragraph begins here"
    #expect(
      shown(text, "en") == [
        "This is the first sentence of them all.", "And this one is the second one, / which goes on",
        "until it ends here. Short", "A new paragraph begins here",
      ])
    // Nothing is told before a long pause has passed.
    let words = [TimedWord("Yes,", start: 0, end: 300), TimedWord("sir.", start: 3000, end: 3400)]
    #expect(captionCues(words).map(\.lines) == [["Yes,"], ["sir."]])
  }

  @Test func abbreviationsEndNoSentence() {
    let text =
      "We went to see Dr. Smith and Mr. J. Miller of the U.S. embassy. They were not at home on that day."
    let cues = shown(text, "en")
    #expect(cues.last == "They were not at home on that day.", "\(cues)")
    for cue in cues { #expect(!cue.hasSuffix("Dr.") && !cue.contains("Dr. /") && !cue.contains("J. /")) }
  }

  @Test func scriptsWithoutSpacesAreBroken() {
    let chinese = "今天天气很好，我们一起去公园散步吧。明天可能会下雨，所以最好今天去，不要再等了。"
    let words = [TimedWord(chinese, start: 0, end: 9000)]
    let cues = captionCues(words, rules: CaptionRules(language: "zh"))
    #expect(cues.count >= 2 && cues.flatMap(\.lines).joined() == chinese)
    for line in cues.flatMap(\.lines) {
      #expect(line.count <= 17 && !"，。".contains(line.first ?? "。"), "\(line)")
    }
    #expect(cues.contains { $0.lines.last?.hasSuffix("。") == true && $0.lines.first?.hasPrefix("今") == true })
    let japanese = "「東京」は日本の首都です。".map { TimedWord(String($0), start: 0, end: 0) }
    #expect(captionCues(japanese).flatMap(\.lines).joined() == "「東京」は日本の首都です。")
    // Korean has spaces.
    #expect(shown("안녕하세요 여러분") == ["안녕하세요 여러분"])
  }

  @Test func aLongWordHasALineOfItsOwn() {
    let address = "https://example.org/" + String(repeating: "long", count: 30)
    #expect(shown("see \(address) for more") == ["see", address, "for more"])
  }

  @Test func controlsAreLeftOut() {
    let words = [
      TimedWord("a\u{0}b\u{1b}[31m", start: 0, end: 100), TimedWord("\u{202e}c\u{7}", start: 100, end: 200),
      TimedWord("\u{1}", start: 200, end: 300), TimedWord("", start: 200, end: 300),
      TimedWord("two words", start: 300, end: 500),
    ]
    #expect(captionCues(words).map(\.lines) == [["ab[31m c two words"]])
  }

  @Test func captionsStayUntilTheyAreRead() {
    // 23 characters take 1150 ms to read, and are said in 200.
    let words = [
      TimedWord("one", start: 0, end: 100), TimedWord("two three four five", start: 100, end: 200),
      TimedWord("later", start: 5000, end: 5100),
    ]
    let cues = captionCues(words)
    #expect(cues.map { [$0.start, $0.end] } == [[0, 1150], [5000, 5833]])
    // Small gaps are closed to two frames.
    var close = words
    close[2].start = 1500
    close[2].end = 1600
    #expect(captionCues(close).map { [$0.start, $0.end] } == [[0, 1417], [1500, 2333]])
    // Nothing stays longer than seven seconds.
    #expect(captionCues([TimedWord("aaah", start: 0, end: 60_000)]).map(\.end) == [7000])
  }

  @Test(arguments: [
    [TimedWord("a", start: .min, end: .max), TimedWord("b", start: .max, end: .min)],
    [TimedWord("b", start: 900, end: 100), TimedWord("a", start: 0, end: 5)],
    (0..<50).map { TimedWord("same\($0)", start: 7, end: 7) }, [],
  ])
  func absurdTimesAreMended(words: [TimedWord]) {
    check(words, captionCues(words), CaptionRules())
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func whateverIsSaidIsShown(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let words = randomWords(&random, count: Int.random(in: 1...200, using: &random))
    var rules = CaptionRules(language: ["en", "de", "fr", "es", "xx", nil].randomElement(using: &random)!)
    if seed.isMultiple(of: 5) { rules.maxLines = 1 }
    if seed.isMultiple(of: 7) { rules.maxLineLength = Int.random(in: 1...60, using: &random) }
    check(words, captionCues(words, rules: rules), rules)
  }

  /// A quadratic way would take hours.
  @Test(.timeLimit(.minutes(5))) func aHundredThousandWordsTakeTimeInProportion() {
    var random = SplitMix(seed: 1)
    let words = randomWords(&random, count: 100_000)
    check(words, captionCues(words), CaptionRules())
    // Neither a sentence without an end nor a text without spaces is worse.
    let letters = (0..<20_000).map { TimedWord("a", start: $0 * 10, end: $0 * 10 + 10) }
    check(letters, captionCues(letters), CaptionRules())
    let ideographs = [TimedWord(String(repeating: "字", count: 20_000), start: 0, end: 2_000_000)]
    check(ideographs, captionCues(ideographs), CaptionRules())
  }

  private func randomWords(_ random: inout SplitMix, count: Int) -> [TimedWord] {
    let plain = [
      "the", "a", "and", "of", "house", "Peter", "Miller", "in", "because", "extraordinarily", "der", "Haus",
      "je",
      "y", "x", "internationalisation", "5", "%", "—", "字", "東京", "ひらがな", "한국어", "🙂", "e\u{301}",
      String(repeating: "w", count: 50),
    ]
    var now = 0
    return (0..<count).map { _ in
      var word = plain.randomElement(using: &random)!
      if Int.random(in: 0..<6, using: &random) == 0 {
        word += [".", ",", "?", "…", "。", "\n"].randomElement(using: &random)!
      }
      now += [0, 0, 0, 20, 200, 900, 3000].randomElement(using: &random)!
      let start = now
      now += Int.random(in: 0...400, using: &random)
      return TimedWord(word, start: start, end: now)
    }
  }

  /// What is true of all captions.
  private func check(_ words: [TimedWord], _ cues: [CaptionCue], _ rules: CaptionRules) {
    let said = words.map(\.word).joined().filter { !$0.isWhitespace }
    let told = cues.flatMap(\.lines).joined().filter { !$0.isWhitespace }
    #expect(told == said)
    for (index, cue) in cues.enumerated() {
      #expect(!cue.lines.isEmpty && cue.lines.count <= rules.maxLines)
      for line in cue.lines {
        #expect(!line.isEmpty && line.first != " " && line.last != " ")
        let isOneWord = !line.contains(" ") && line.contains(String(repeating: "w", count: 50))
        #expect(line.count <= rules.maxLineLength || isOneWord || rules.maxLineLength < 20, "\(line)")
      }
      #expect(cue.start < cue.end && cue.end - cue.start <= rules.maxDuration)
      guard index + 1 < cues.count else {
        #expect(cue.end - cue.start >= rules.minDuration)
        continue
      }
      #expect(cue.end <= cues[index + 1].start)
      #expect(cue.end - cue.start >= min(rules.minDuration, cues[index + 1].start - cue.start))
    }
  }
}
