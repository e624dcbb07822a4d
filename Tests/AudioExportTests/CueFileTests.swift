import TestSupport
import Testing

@testable import AudioExport

@Suite struct CueFileTests {
  @Test func everyFieldIsRead() throws {
    let (cues, mistakes) = CueFile.parse(
      "# a\r\n\n 1:02:03.5 01A1FDA0-04ed 1.5-2:00 -3.5dB music pan=-0.25 # b\r\n0 ab mute\n")
    var first = ClipCue("01a1fda0-04ed", at: 3723.5)
    first.line = 3
    (first.start, first.end, first.gainDb, first.lane, first.pan) = (1.5, 120, -3.5, "music", -0.25)
    var second = ClipCue("ab", at: 0)
    (second.line, second.isMuted) = (4, true)
    #expect(cues == [first, second] && mistakes.isEmpty)
  }

  /// As some editors write it.
  @Test func aByteOrderMarkCountsForNothing() {
    let (cues, mistakes) = CueFile.parse("\u{feff}0 ab\r\n")
    #expect(cues.map(\.item) == ["ab"] && mistakes.isEmpty)
  }

  @Test(arguments: [
    ("12.5", 12.5), ("0", 0), ("2s", 2), ("250ms", 0.25), ("1:02", 62), ("1:02:03.25", 3723.25),
    ("90m", 5400),
    ("1.5h", 5400), ("90:00", 5400),
  ]) func timesAreRead(_ text: String, _ seconds: Double) {
    #expect(CueFile.seconds(text) == seconds)
  }

  @Test(arguments: [
    "", "-1", "+1", "1e3", "1:60", "1:2:3:4", "1.5:00", "s", "ms", ".", "1:", ":1", "nan", "inf", "0x10",
    "1,5", "٣",
    "3600001", "1001h", "9999999999999999999999",
  ]) func whatIsNoTimeIsRefused(_ text: String) {
    #expect(CueFile.seconds(text) == nil)
  }

  @Test(arguments: [
    ("5", "an offset and an id"), ("x ab", "is no offset"), ("0 zz", "is no id"), ("0 ab 5-4", "ends before"),
    ("0 ab 4-4", "ends before"), ("0 ab 1-2 3-4", "second range"), ("0 ab mute -3dB", "second gain"),
    ("0 ab a b", "second lane"), ("0 ab pan=2", "is no pan"), ("0 ab 99dB", "is no gain"),
    ("0 ab 1-2-3", "is no range"),
    ("0 ab -5-4", "is no range"), ("0 ab 17", "is no range"), ("0 ab 250ms-x", "is no range"),
  ]) func eachMistakeIsNamed(_ line: String, _ sentence: String) {
    let (cues, mistakes) = CueFile.parse("0 ab\n" + line + "\n1 cd")
    #expect(cues.map(\.line) == [1, 3])
    #expect(
      mistakes.map(\.line) == [2] && mistakes.allSatisfy { $0.sentence.contains(sentence) }, "\(mistakes)")
  }

  @Test func manyMistakesAreCounted() {
    let error = PlanError(CueFile.parse(String(repeating: "wrong\n", count: 1000)).mistakes)
    #expect(error.problems.count == 1000)
    #expect(error.description.split(separator: "\n").count == 21)
    #expect(error.description.hasPrefix("line 1: ") && error.description.contains("\nline 2: "))
    #expect(error.description.hasSuffix("and 980 more such mistakes"))
  }

  /// Whatever the file holds, it is read or refused.
  @Test func noTextIsTooMuch() {
    var random = SplitMix(seed: 7)
    let pieces = [
      "0", "ab", "-", "1-2", "dB", "pan=", ":", ".", " ", "\n", "#", "\r\n", "é", "9", "mute", "ms", "\u{0}",
    ]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 1...20, using: &random)).map { _ in pieces.randomElement(using: &random)!
      }.joined()
      for cue in CueFile.parse(text).cues {
        #expect(cue.offset! >= 0 && cue.start >= 0 && cue.end.map { $0 > cue.start } ?? true, "\(text)")
      }
    }
  }
}
