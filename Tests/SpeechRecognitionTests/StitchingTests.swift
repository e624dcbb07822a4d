import DictationTypes
import Testing

@testable import SpeechRecognition

@Suite struct StitchingTests {
  private func segment(
    _ text: String, start: Int = 0, pause: Int = 1_000, language: String? = "en", words: [TimedWord]? = nil
  ) -> SegmentTranscript {
    var transcript = Transcript(text: text, language: language, engine: "e", model: "m")
    transcript.words = words
    return SegmentTranscript(transcript, start: start, end: start + 1_000, pauseBefore: pause)
  }

  private func stitched(_ segments: SegmentTranscript...) -> String? { stitch(segments)?.text }

  @Test func sentencesStayAsTheyAre() {
    #expect(stitched(segment(" One. "), segment("Two?"), segment("Three!")) == "One. Two? Three!")
  }

  @Test func aSmallLetterGoesOnWithTheSentence() {
    #expect(stitched(segment("It was the best."), segment("of times.")) == "It was the best of times.")
    // A question and an ellipsis were meant.
    #expect(stitched(segment("Was it?"), segment("of course.")) == "Was it? of course.")
    #expect(stitched(segment("Well..."), segment("of course.")) == "Well... of course.")
  }

  @Test(arguments: [
    ("We went to. ", "The house.", "We went to the house."), ("And so.", "I said.", "And so I said."),
    ("The.", "NASA one.", "The NASA one."), ("The.", "iPhone.", "The iPhone."),
    ("The.", "3 of us.", "The. 3 of us."),
    ("Über.", "Été.", "Über été."),
  ])
  func inAShortPauseNoSentenceEnds(first: String, second: String, expected: String) {
    #expect(stitched(segment(first), segment(second, pause: 300)) == expected)
  }

  @Test func inALongerOneItDoes() {
    #expect(stitched(segment("We went."), segment("The house.", pause: 500)) == "We went. The house.")
  }

  @Test(arguments: [
    ("We went to", "The house.", 300, "We went to the house."),
    ("We went", "The house.", 600, "We went. The house."),
    ("In this regard,", "It is.", 300, "In this regard, it is."),
    ("In this regard,", "It is.", 600, "In this regard, It is."),
    ("We went", "to the house.", 600, "We went to the house."),
  ])
  func whatHadNoEndGetsOneInALongPause(first: String, second: String, pause: Int, expected: String) {
    #expect(stitched(segment(first), segment(second, pause: pause)) == expected)
  }

  @Test func germanCapitalsMayBeNouns() {
    let segments = [segment("Wir sahen.", language: "de"), segment("Häuser.", pause: 300, language: "de")]
    #expect(stitch(segments)?.text == "Wir sahen. Häuser.")
  }

  @Test func chineseAndJapaneseHaveNoSpaces() {
    #expect(stitched(segment("你好。", language: "zh"), segment("世界", language: "zh")) == "你好。世界")
    #expect(stitched(segment("これは", language: "ja"), segment("テスト", language: "ja")) == "これはテスト")
  }

  @Test func silentSegmentsLeaveNothing() {
    #expect(stitched(segment(""), segment("One."), segment(" "), segment("Two.")) == "One. Two.")
    #expect(stitched(segment("")) == "")
    #expect(stitch([]) == nil)
  }

  @Test func wordsCountFromTheBeginningOfTheRecording() {
    let first = segment("one", words: [TimedWord("one", start: 10, end: 200)])
    let second = segment("two", start: 3_000, words: [TimedWord("two", start: 50, end: 300)])
    #expect(
      stitch([first, second])?.words == [
        TimedWord("one", start: 10, end: 200), TimedWord("two", start: 3_050, end: 3_300),
      ])
    #expect(stitch([first, segment("two")])?.words == nil)
    #expect(stitch([first, segment("")])?.words?.count == 1)
  }

  @Test func theLanguageIsThatOfMostOfIt() {
    var segments = [segment("Hm.", language: "en"), segment("Guten Tag.", language: "de")]
    segments[1].end += 5_000
    #expect(stitch(segments)?.language == "de")
    #expect(stitch([segment("Hm.", language: nil), segments[1]])?.language == "de")
    #expect(stitch([segment("Hm.", language: nil)])?.language == nil)
  }

  @Test func whatWasLeftOutIsRemembered() {
    var second = segment("Two.")
    second.transcript.rawText = "Two. Thank you."
    second.transcript.leftOut = [GuardNotice(.hallucination, text: "Thank you.", message: "")]
    let all = stitch([segment("One."), second])
    #expect(all?.text == "One. Two." && all?.rawText == "One. Two. Thank you.")
    #expect(all?.leftOut.count == 1)
    second.transcript.text = ""
    #expect(stitch([second])?.text == "" && stitch([second])?.rawText == "Two. Thank you.")
    #expect(stitch([segment("One.")])?.rawText == nil)
  }

  /// What is written with a capital in the middle of a sentence elsewhere is a name.
  @Test func namesKeepTheirCapitals() {
    func text(_ pieces: String..., language: String = "en") -> String? {
      stitch(pieces.map { segment($0, pause: 300, language: language) })?.text
    }
    #expect(
      text("We went to", "Paris at night.", "I love Paris.") == "We went to Paris at night I love Paris.")
    #expect(
      text("said", "Mrs. Allen to", "Catherine.", "And Mrs. Allen, Catherine too,")
        == "said Mrs. Allen to Catherine and Mrs. Allen, Catherine too,")
    // Nobody has seen it elsewhere.
    #expect(text("We went to", "Paris at night.") == "We went to paris at night.")
    // It is a word as well.
    #expect(
      text("we met", "Will there.", "They said Will will come.")
        == "we met will there they said Will will come.")
  }
}
