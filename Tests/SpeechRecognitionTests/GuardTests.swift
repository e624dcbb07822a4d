import DictationTypes
import TestSupport
import Testing

@testable import SpeechRecognition

/// What is taken for an invention of the engine, and what is not.
@Suite struct GuardTests {
  /// What is left of `text`, heard in so many milliseconds of speech, and why the rest is not.
  private func heard(
    _ text: String, in speech: Int, prompt: String? = nil, terms: String? = nil, words: [TimedWord]? = nil
  ) -> (text: String, why: [GuardNotice.What]) {
    var transcript = Transcript(text: text, language: "en", engine: "e", model: "m")
    transcript.words = words
    let prompts = [terms, prompt].compactMap(\.self)
    let hearing = Hearing(
      speech: [500..<500 + speech], prompt: prompts.isEmpty ? nil : prompts.joined(separator: " "),
      terms: terms)
    let result = transcript.withoutInventions(hearing)
    #expect(result.leftOut.isEmpty ? result == transcript : result.rawText == text)
    return (result.text, result.leftOut.map(\.what))
  }

  @Test(arguments: [
    "Thank you.", " Thanks for watching!", "Subtitles by the Amara.org community",
    "Untertitelung des ZDF, 2020", "Sous-titrage Société Radio-Canada", "¡Gracias por ver el video!",
    "Sottotitoli creati dalla comunità Amara.org", "Legendas pela comunidade Amara.org", "ご視聴ありがとうございました",
    "Thanks for watching! Please subscribe to my channel.", "Untertitel im Auftrag des ZDF für funk, 2017",
  ])
  func whatEnginesWriteForSilenceIsNoText(text: String) {
    let result = heard(text, in: 150)
    #expect(result.text == "")
    #expect(!result.why.isEmpty && result.why.allSatisfy { $0 == .hallucination })
  }

  /// Quickly, which takes somebody 0.35 s, and slowly.
  @Test(arguments: [350, 500, 1_000, 3_000]) func whoSaysThankYouGetsIt(milliseconds: Int) {
    #expect(heard("Thank you.", in: milliseconds) == ("Thank you.", []))
    #expect(heard("you", in: milliseconds) == ("you", []))
  }

  @Test(arguments: [1_200, 2_000, 4_000]) func whoDictatesHowVideosEndGetsIt(milliseconds: Int) {
    #expect(heard("Thanks for watching!", in: milliseconds) == ("Thanks for watching!", []))
  }

  /// What passed for speech was music, or a motor.
  @Test func creditsThatStandForALongNoiseAreNoText() {
    #expect(heard("Thanks for watching!", in: 20_000) == ("", [.hallucination]))
    #expect(heard("Thank you.", in: 20_000) == ("Thank you.", []))
    #expect(heard("Go on. Thanks for watching!", in: 20_000).why == [])
  }

  @Test func aStockPhraseIsTakenFromTheEndOfWhatWasSaid() {
    #expect(
      heard("Go forward ten meters. Thanks for watching!", in: 700) == (
        "Go forward ten meters.", [.hallucination]
      ))
    #expect(
      heard("Untertitelung des ZDF, 2020. Geh nach Hause, bitte.", in: 700).text == "Geh nach Hause, bitte.")
    #expect(heard("Go forward ten meters. Thank you.", in: 1_300).why == [])
  }

  @Test func aStockPhraseWhoseTimesAreSilenceIsTakenAway() {
    func times(_ second: Int) -> [TimedWord] {
      [
        TimedWord("Go", start: 600, end: 900), TimedWord("on.", start: 900, end: 1_300),
        TimedWord("Thank", start: second, end: second + 300),
        TimedWord("you.", start: second + 300, end: second + 500),
      ]
    }
    let silent = heard("Go on. Thank you.", in: 2_000, words: times(6_000))
    #expect(silent == ("Go on.", [.hallucination]))
    #expect(heard("Go on. Thank you.", in: 2_000, words: times(2_800)).why == [])
    #expect(heard("Go on. Stop there.", in: 2_000, words: times(6_000)).why == [])
  }

  @Test(arguments: [
    "no no no", "No, no, no, no, no!", "ha ha ha", "very very good",
    "It was the best of times, it was the worst of times.",
    "Try again. Fail again. Fail better.", "one two one two one two one two",
    "that that is is that that is not is not",
    "bla bla bla bla bla bla",
  ])
  func whatIsRepeatedInSpeechStays(text: String) {
    // At 20 letters a second: nobody speaks so fast.
    let letters = text.filter { $0.isLetter }.count
    #expect(heard(text, in: 50 * letters) == (text, []))
  }

  @Test(arguments: [
    ("Go forward" + String(repeating: " and on", count: 60), 1_500, "Go forward and on"),
    (String(repeating: "I'm sorry. ", count: 40), 1_000, "I'm sorry."),
    ("Yes." + String(repeating: " you", count: 200) + " Good.", 1_000, "Yes. you Good."),
    (
      "Go. " + String(repeating: "we are going to be able to do it, ", count: 12), 3_000,
      "Go. we are going to be able to do it,"
    ),
  ])
  func loopsAreSaidOnce(text: String, speech: Int, expected: String) {
    #expect(heard(text, in: speech) == (expected, [.loop]))
  }

  @Test func aTailThatNobodyCanHaveSaidIsCutAtTheEndOfASentence() {
    let invented =
      "And then we walked along the river until the evening came over the fields and the old bridge."
    #expect(heard("Go forward ten meters. \(invented)", in: 1_000) == ("Go forward ten meters.", [.tail]))
    #expect(
      heard("go forward ten meters " + invented.lowercased(), in: 800).text.hasPrefix("go forward ten meters")
    )
    // It is quick, and not impossible.
    #expect(heard("Go forward ten meters. \(invented)", in: 3_500).why == [])
    // For a click.
    #expect(heard(invented, in: 130) == ("", [.tail]))
  }

  @Test func theWordsToExpectAreNoTextWhenNobodySaysThem() {
    let terms = "Thoth, Kubernetes, Vaultwarden, Ptah, PostgreSQL, Hypatia, Elbphilharmonie, Nextcloud."
    for echo in [terms, "Kubernetes, Vaultwarden", "Vaultwarden", terms + " " + terms] {
      #expect(heard(echo, in: 150, terms: terms) == ("", [.echo]), "\(echo)")
    }
    // All of them, in their order: nobody reads that out.
    #expect(heard(terms, in: 8_000, terms: terms) == ("", [.echo]))
    for said in [
      "Kubernetes, Vaultwarden", "Vaultwarden", "Thoth, Kubernetes, Vaultwarden, Ptah", "Ptah asks Hypatia.",
      "Nextcloud, Hypatia, Elbphilharmonie",
    ] {
      #expect(heard(said, in: 3_000, terms: terms) == (said, []), "\(said)")
    }
  }

  @Test func theTextBeforeMayBeSaidAgain() {
    #expect(heard("Fail again.", in: 900, prompt: "Try again. Fail again.") == ("Fail again.", []))
    #expect(heard("Fail again.", in: 200, prompt: "Try again. Fail again.") == ("", [.echo]))
    #expect(heard("Try again. Fail again.", in: 2_000, prompt: "Try again. Fail again.").why == [])
  }

  /// Only now and then the detector notices 100 ms of it.
  @Test func whoSpeaksVeryQuietlyLosesNothing() {
    let text = "It was the best of times, it was the worst of times, it was the age of wisdom. Thank you."
    let speech = stride(from: 0, to: 4_400, by: 400).map { $0..<$0 + 100 }
    let transcript = Transcript(text: text, engine: "e", model: "m")
    #expect(transcript.withoutInventions(Hearing(speech: speech)) == transcript)
  }

  @Test func wordsKeepTheirTimes() {
    let words = ["Go", "on.", "Thanks", "for", "watching."].enumerated().map {
      TimedWord($1, start: $0 * 50, end: 50 + $0 * 50)
    }
    var transcript = Transcript(text: " Go on. Thanks for watching.", engine: "e", model: "m")
    transcript.words = words
    let result = transcript.withoutInventions(Hearing(speech: [0..<200]))
    #expect(result.text == "Go on." && result.words == Array(words.prefix(2)))
    transcript.words = Array(words.dropLast())
    #expect(transcript.withoutInventions(Hearing(speech: [0..<200])).words == nil)
  }

  @Test func languagesWithoutSpacesAreCounted() {
    #expect(heard("今日はいい天気です。明日は雨が降るでしょう。", in: 4_000).why == [])
    #expect(heard("今日はいい天気です。ご視聴ありがとうございました。", in: 1_200) == ("今日はいい天気です。", [.hallucination]))
  }

  /// Any text, of any length, with any amount of speech: what is left is of it, in its order.
  @Test func anythingIsTaken() {
    var random = SplitMix(seed: 7)
    let pieces = [
      "Thank you.", "you", " ", "\n", "。", "ありがとう", "é", "\u{301}", "👩🏽‍🚀", "…", "and on", "\"",
      "Thanks for watching!", "\u{0}",
      "ZDF", "1", "Bye.", "\u{202e}",
    ]
    for _ in 0..<2_000 {
      let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        pieces.randomElement(using: &random)! + (Bool.random(using: &random) ? " " : "")
      }.joined()
      let prompt = Bool.random(using: &random) ? String(text.prefix(20)) : nil
      let rest = heard(text, in: Int.random(in: 0...4_000, using: &random), prompt: prompt).text
      var left = text.unicodeScalars[...]
      let isPartOfIt = rest.unicodeScalars.allSatisfy { scalar in
        if scalar == " " { return true }
        defer { left = left.dropFirst() }
        left = left.drop { $0 != scalar }
        return !left.isEmpty
      }
      #expect(isPartOfIt, "\(text.debugDescription) became \(rest.debugDescription)")
    }
  }

  @Test func aTextWithoutEndIsTakenToo() {
    let text = (0..<20_000).map { "word\($0 % 977) Thank you." }.joined(separator: " ")
    #expect(heard(text, in: 1_000).text.count < 200)
    #expect(
      heard(String(repeating: "Bye. So. ", count: 20_000), in: 1_000, prompt: "So. Bye.").text.count < 200)
  }
}
