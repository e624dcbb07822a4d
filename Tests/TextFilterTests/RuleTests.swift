import DictationTypes
import TestSupport
import Testing

@testable import TextFilter

/// What goes in, the language, what is to come out.
typealias Row = (String, String?, String)

@Suite struct RuleTests {
  @Test(arguments: [
    ("  Hello   world \n", "Hello world"), ("one\r\ntwo\u{a0}three\u{2003}four", "one two three four"),
    ("[BLANK_AUDIO]", ""), (" (silence) ", ""), ("♪ la la ♪", "la la"), ("[Music] Hello.", "Hello."),
    ("Hello.<|endoftext|>", "Hello."), ("<|0.00|> Hello <|2.00|>", "Hello"), ("*laughter*", ""), ("", ""),
    // What a person may have said stays.
    ("see [1] and (music theory)", "see [1] and (music theory)"), ("a*b*c", "a*b*c"), ("x <| y", "x <| y"),
    ("a\u{1b}[31mb\u{9b}1m\u{7}\u{0}c\u{7f}", "a[31mb1mc"), ("日本語 テスト", "日本語 テスト"), ("e\u{301}", "e\u{301}"),
  ])
  func artefactsGoAndWordsStay(raw: String, expected: String) {
    let text = applyRules(onOneLine(raw), FilterSettings(), language: nil)
    #expect(Array(text.unicodeScalars) == Array(expected.unicodeScalars))
  }

  @Test(
    arguments: [
      ("Ah, so then I left.", "en", "So then I left."), ("was, uh, thinking", "en", "was, thinking"),
      ("Ah, 1995", "en", "1995"), ("I like coffee", "en", "I like coffee"), ("you know", "en", "you know"),
      ("I was uh thinking", "en", "I was thinking"), ("I was uh, thinking", "en", "I was thinking"),
      ("I left, um.", "en", "I left."), ("Uh.", "en", ""), ("Well. Uh. Yes.", "en", "Well. Yes."),
      ("Um, uh, yes.", "en", "Yes."), ("Um... so it is", "en", "So it is"), ("Er… no", "en", "No"),
      ("UM, I THINK", "en", "I THINK"), ("He is in the ER now.", "en", "He is in the ER now."),
      ("uh-huh", "en", "uh-huh"), ("the word “um” is", "en", "the word “um” is"),
      ("um.example.org", "en", "um.example.org"),
      ("Um, example.org is up", "en", "example.org is up"),
      ("the error in umbrella", "en", "the error in umbrella"),
      // Words of their own.
      ("Er geht um das Haus.", "de", "Er geht um das Haus."),
      ("Äh, ich glaube, ähm, ja.", "de", "Ich glaube, ja."),
      ("Er kommt um acht.", nil, "Er kommt um acht."), ("Uhm, yes.", nil, "Yes."),
      ("Um carro", "pt", "Um carro"),
      ("Euh, je pense, euh, oui.", "fr", "Je pense, oui."), ("Ah ! C'est bon.", "fr", "Ah ! C'est bon."),
      ("Em, creo que sí.", "es", "Creo que sí."), ("Este libro, eh.", "es", "Este libro, eh."),
      ("We went. Um, then we left.", "en", "We went. Then we left."), ("a\num, b", "en", "a\nb"),
    ] as [Row])
  func fillersGoWhereTheyAreNoWords(_ row: Row) {
    #expect(withoutFillers(Scalars(row.0), language: row.1).text == row.2)
  }

  @Test(
    arguments: [
      ("twenty three", nil, "23"), ("two thousand and twenty four", "en", "2024"),
      ("one two three", "en", "123"),
      ("four oh four", "en", "404"), ("forty-two items", "en", "42 items"), ("no one", "en", "no one"),
      ("every one of them", "en", "every one of them"), ("oh well", "en", "oh well"),
      ("twenty-something", "en", "twenty-something"), ("x-ray", "en", "x-ray"), ("one", "en", "one"),
      ("one hundred and five", "en", "105"), ("three point one four", "en", "3.14"),
      ("nineteen ninety five", "en", "1995"),
      ("twenty twenty four", "en", "2024"), ("five million two hundred thousand", "en", "5200000"),
      ("three-legged", "en", "three-legged"), ("two and three", "en", "2 and 3"),
      ("one hundred", "en", "100"),
      ("zwei drei", "de", "zwei drei"), ("someone", "en", "someone"), ("Twenty-one.", "en", "21."),
      ("a hundred", "en", "a hundred"), ("point five", "en", "point 5"), ("one thousand one", "en", "1001"),
    ] as [Row])
  func numbersBecomeDigits(_ row: Row) {
    #expect(withDigits(Scalars(row.0), language: row.1).text == row.2)
  }

  @Test(arguments: [
    ("The COLOR of my Neighbor", SpellingVariant.british, "The COLOUR of my Neighbour"),
    ("size seize prize doctor motor", .british, "size seize prize doctor motor"),
    ("We organize and analyze.", .british, "We organise and analyse."),
    ("We realised it.", .american, "We realized it."),
    ("travelled, cancelling", .american, "traveled, canceling"), ("color.css", .british, "color.css"),
    ("colour", .asHeard, "colour"), ("the centre", .american, "the center"), ("color", .australian, "colour"),
    ("meter", .british, "meter"),
  ])
  func wordsAreSpeltAsAsked(_ text: String, _ variant: SpellingVariant, _ expected: String) {
    #expect(spelt(Scalars(text), variant, language: "en").text == expected)
  }

  @Test(
    arguments: [
      ("No!!! Really???", nil, "No! Really?"), ("Wait ,what", nil, "Wait, what"),
      ("word , next", nil, "word, next"),
      ("Hello .", nil, "Hello."), ("a,,b", nil, "a, b"), (", so it is", nil, " so it is"),
      ("well, . yes", nil, "well. yes"),
      ("well. , yes", nil, "well. yes"), ("one,two", nil, "one, two"), ("Stop!Now", nil, "Stop! Now"),
      ("the end.The next", nil, "the end. The next"),
      // What is no prose.
      ("see example.com, or a@b.org.", nil, "see example.com, or a@b.org."),
      ("https://x.org/a?b=c!d", nil, "https://x.org/a?b=c!d"),
      ("3.14 and 1,000 at 10:30", nil, "3.14 and 1,000 at 10:30"),
      ("README.md v1.2.3", nil, "README.md v1.2.3"),
      ("foo.bar(a,b) a[i,j] std::x", nil, "foo.bar(a,b) a[i,j] std::x"),
      ("edit .gitignore", nil, "edit .gitignore"),
      ("foo.Bar e.g. this", nil, "foo.Bar e.g. this"), ("--flag=a,b", nil, "--flag=a,b"),
      ("so :) yes", nil, "so :) yes"),
      ("Wait... what", nil, "Wait... what"), ("Wait…", nil, "Wait…"), ("¿Qué? ¡No!", "es", "¿Qué? ¡No!"),
      ("C'est bon !", "fr", "C'est bon !"), ("Good !", "en", "Good!"), ("../a ..", nil, "../a .."),
      ("Really?!", nil, "Really?!"),
    ] as [Row])
  func punctuationIsPutRight(_ row: Row) {
    #expect(withTidyPunctuation(Scalars(row.0), collapsesEllipses: false, language: row.1).text == row.2)
  }

  @Test func ellipsesBecomeFullStopsIfAsked() {
    #expect(
      withTidyPunctuation(Scalars("Wait... what… no."), collapsesEllipses: true, language: nil).text
        == "Wait. what. no.")
  }

  @Test(
    arguments: [
      ("hello. is it? yes", nil, "Hello. Is it? Yes"),
      ("example.com is up. ok", nil, "example.com is up. Ok"),
      ("i think i'm, e.g. here", "en", "I think I'm, e.g. here"), ("i quattro", "it", "I quattro"),
      ("a\nb", nil, "A\nB"), ("“so.” then", nil, "“So.” Then"), ("well... no", nil, "Well... no"),
      ("élan. être", "fr", "Élan. Être"),
    ] as [Row])
  func sentencesBeginWithCapitals(_ row: Row) {
    #expect(withSentenceCase(Scalars(row.0), language: row.1).text == row.2)
  }
}
