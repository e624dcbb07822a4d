import DictationTypes
import SpeechRecognition
import TestSupport
import Testing

@testable import Pipeline

/// The text of a file from its segments.
@Suite struct FileTextTests {
  private func segment(
    _ text: String, at start: Int, for length: Int = 5_000, pause: Int = 300
  ) -> SegmentTranscript {
    var transcript = Transcript(text: text, language: "en", engine: "local", model: "base")
    let words = text.split(separator: " ")
    transcript.words = words.enumerated().map { number, word in
      TimedWord(
        String(word), start: length * number / words.count, end: length * (number + 1) / words.count)
    }
    return SegmentTranscript(transcript, start: start, end: start + length, pauseBefore: pause)
  }

  @Test func utterancesAreEditedAndParagraphsAreLines() {
    let text = FileText(
      [
        segment("We begin here.", at: 0), segment("And go on", at: 6_000, pause: 700),
        segment("to the end.", at: 12_000),
        segment("Later.", at: 60_000, pause: 9_000),
      ]) { text, language in language == "en" ? text.uppercased() : "" }
    #expect(text.text == "WE BEGIN HERE. AND GO ON TO THE END.\nLATER.")
    #expect(text.rawText == "We begin here. And go on to the end.\nLater.")
    #expect(text.sentences.map(\.text) == ["WE BEGIN HERE.", "AND GO ON TO THE END.", "LATER."])
    #expect(text.sentences.map(\.start) == [0, 6_000, 60_000])
    #expect(text.words.map(\.word) == text.text.split(whereSeparator: \.isWhitespace).map(String.init))
    #expect(text.words.last == TimedWord("LATER.", start: 60_000, end: 65_000))
  }

  /// Who reads aloud makes no long pauses.
  @Test func aLongParagraphEndsAtABreath() {
    let sentence = "It was the best of times, it was the worst of times, it was the age of wisdom."
    let pauses = (0..<60).map { $0 % 3 == 0 ? 800 : 600 }
    let segments = pauses.enumerated().map { segment(sentence, at: 6_000 * $0.offset, pause: $0.element) }
    let lines = FileText(segments) { text, _ in text }.text.split(separator: "\n")
    #expect(
      lines.count > 4 && lines.dropLast().allSatisfy { (600..<900).contains($0.count) },
      "\(lines.map(\.count))")
    #expect(lines.joined(separator: " ") == Array(repeating: sentence, count: 60).joined(separator: " "))
    // Not even a breath: a sentence ends it.
    let fluent = (0..<60).map { segment(sentence, at: 6_000 * $0, pause: 600) }
    let long = FileText(fluent) { text, _ in text }.text.split(separator: "\n")
    #expect(
      long.count > 2 && long.dropLast().allSatisfy { (1_200..<1_700).contains($0.count) },
      "\(long.map(\.count))")
  }

  @Test func noSpeechIsNoText() {
    let text = FileText([segment("", at: 0), segment(" ", at: 9_000)]) { text, _ in text }
    #expect(text.text.isEmpty && text.rawText.isEmpty && text.words.isEmpty && text.sentences.isEmpty)
  }

  /// Without rules the text is the one that dictation makes of the same segments, whatever they are.
  @Test(arguments: 1...20)
  func segmentsMeetAsInADictation(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let pieces = ["We went home.", "and so", "Then it rained", "the rain.", "Yes?", "No,", "I did"]
    var start = 0
    let segments = (0..<8).map { _ in
      let segment = segment(
        pieces.randomElement(using: &random)!, at: start, pause: [0, 400, 900].randomElement(using: &random)!)
      start = segment.end + segment.pauseBefore
      return segment
    }
    let text = FileText(segments) { text, _ in text }
    #expect(text.text == stitch(segments)?.text)
    #expect(text.words.map(\.start) == text.words.map(\.start).sorted())
  }
}
