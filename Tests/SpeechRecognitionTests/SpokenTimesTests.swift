import DictationTypes
@testable import SpeechRecognition
import TestSupport
import Testing

@Suite struct SpokenTimesTests {
  private func times(_ words: [(Int, Int)], _ speech: [Range<Int>]) -> [Range<Int>] {
    var transcript = Transcript(text: "", language: nil, engine: "local", model: "base")
    transcript.words = words.map { TimedWord("word", start: $0.0, end: $0.1) }
    return (transcript.within(speech).words ?? []).map { $0.start..<$0.end }
  }

  @Test func aWordIsSaidOnOneSideOfAPause() {
    // "And so, my fellow Americans, | ask not": the engine says that "Americans" ends and "ask" begins at 2100.
    #expect(
      times([(1320, 2100), (2100, 3720), (3720, 4100)], [0..<2290, 3290..<4200]) == [
        1320..<2100, 3190..<3720, 3720..<4100,
      ])
    #expect(times([(100, 1400)], [0..<900, 1300..<2000]) == [100..<1000])
    #expect(times([(0, 500)], [1000..<2000]) == [0..<500], "what is said where nobody speaks is left")
  }

  @Test func aShortSilenceIsPartOfSpeech() {
    #expect(times([(100, 900)], [0..<400, 650..<1000]) == [100..<900])
    #expect(times([(100, 900)], []) == [100..<900])
  }

  @Test(arguments: 0..<50) func wordsStayInTheirOrderAndWithinTheirTimes(seed: UInt64) {
    var random = SplitMix(seed: seed)
    var (words, speech, end) = ([(Int, Int)](), [Range<Int>](), 0)
    for _ in 0..<40 {
      let start = end + Int.random(in: 0...300, using: &random)
      end = start + Int.random(in: 0...1500, using: &random)
      words.append((start, end))
    }
    var at = 0
    while at < end {
      let start = at + Int.random(in: 1...1200, using: &random)
      at = start + Int.random(in: 1...3000, using: &random)
      speech.append(start..<at)
    }
    let found = times(words, speech)
    #expect(found.count == words.count)
    #expect(zip(found, words).allSatisfy { $0.lowerBound >= $1.0 && $0.upperBound <= $1.1 })
  }
}
