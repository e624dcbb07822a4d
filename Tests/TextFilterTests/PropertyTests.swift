import DictationTypes
import TestSupport
import Testing

@testable import TextFilter

/// What holds for every text, with every setting.
@Suite struct PropertyTests {
  private static let languages: [String?] = [nil, "en", "de", "fr", "es", "it", "ja"]

  /// Pieces of which texts are made that touch the rules at many points.
  private static let pieces: [String] = [
    "new line", "New paragraph", "full stop", "comma", "open quote", "close quote", "scratch that", "dash",
    "neue Zeile",
    "à la ligne", "um", "Uh", "äh", "er", "one", "two", "twenty", "hundred", "point", "and", "oh", "color",
    "Organise",
    "example.com", "3.14", "v1.2", "foo.Bar", "end.The", "I", "i", "word", "Wort", "été", "e\u{301}", "👩‍👩‍👧",
    "日本",
    ",", ".", "...", "!!", "?", ";", ":", "…", "¿", "“", "”", "\"", "(", ")", "[", "]", "'", "’", "-", "—",
    "/", "@", "\n",
    " ", "  ", "\t", "\u{a0}", "[music]", "<|en|>", "♪", "\u{200d}", "\u{fe0f}", "ß", "ﬁ", "İ", "\r\n",
  ]

  @Test(arguments: 0..<8)
  func filteringTwiceChangesNothing(_ seed: UInt64) {
    var random = SplitMix(seed: seed)
    for _ in 0..<500 {
      let text = randomText(&random)
      let settings = randomSettings(&random)
      let language = Self.languages.randomElement(using: &random)!
      let once = applyRules(text, settings, language: language)
      let twice = applyRules(once, settings, language: language)
      #expect(
        Array(once.unicodeScalars) == Array(twice.unicodeScalars),
        "\(text.debugDescription) \(language ?? "-") \(settings)")
    }
  }

  @Test func everyScalarIsTaken() {
    var settings = FilterSettings()
    (settings.numbers, settings.sentenceCase, settings.spelling) = (true, true, .british)
    for start in stride(from: UInt32(0), through: 0x10FFFF, by: 1024) {
      var scalars = Scalars()
      for value in start..<start + 1024 {
        guard let scalar = Unicode.Scalar(value), !isEmptySpace(scalar) else { continue }
        scalars += [scalar, "a", " ", scalar, ","]
      }
      let text = applyRules(scalars.text, settings, language: "en")
      let hasControl = text.unicodeScalars.contains {
        $0.properties.generalCategory == .control && $0 != "\n"
      }
      #expect(!hasControl)
    }
  }

  @Test func nothingButPunctuationAndCapitalsChangesInProse() {
    let text = "It was the best of times, it was the worst of times: it was the age of wisdom."
    #expect(applyRules(text, FilterSettings(), language: "en") == text)
  }

  /// Most of Unicode is not assigned, or for private use: of that one in 64 is tried.
  private func isEmptySpace(_ scalar: Unicode.Scalar) -> Bool {
    [.unassigned, .privateUse].contains(scalar.properties.generalCategory) && scalar.value % 64 != 0
  }

  private func randomText(_ random: inout SplitMix) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...14, using: &random) {
      if Int.random(in: 0..<12, using: &random) == 0 {
        // A scalar from anywhere.
        if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) {
          text.unicodeScalars.append(scalar)
        }
      } else {
        text += Self.pieces.randomElement(using: &random)!
      }
      if Bool.random(using: &random) { text += " " }
    }
    return text
  }

  private func randomSettings(_ random: inout SplitMix) -> FilterSettings {
    var settings = FilterSettings()
    settings.fillers = Bool.random(using: &random)
    settings.numbers = Bool.random(using: &random)
    settings.spelling = SpellingVariant.allCases.randomElement(using: &random)!
    settings.punctuation = Bool.random(using: &random)
    settings.collapsesEllipses = Bool.random(using: &random)
    settings.sentenceCase = Bool.random(using: &random)
    settings.voiceCommands = Bool.random(using: &random)
    return settings
  }
}
