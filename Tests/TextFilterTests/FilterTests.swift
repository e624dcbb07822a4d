import Testing
import TextFilter

@Suite struct FilterTests {
  @Test(arguments: [
    ("  Hello   world \n", "Hello world"), ("one\r\ntwo\u{a0}three\u{2003}four", "one two three four"),
    ("[BLANK_AUDIO]", ""), (" (silence) ", ""), ("♪ la la ♪", "la la"), ("[Music] Hello.", "Hello."),
    ("Hello.<|endoftext|>", "Hello."), ("<|0.00|> Hello <|2.00|>", "Hello"), ("*laughter*", ""), ("", ""),
    // What a person may have said stays.
    ("see [1] and (music theory)", "see [1] and (music theory)"), ("a*b*c", "a*b*c"), ("x <| y", "x <| y"),
    ("a\u{1b}[31mb\u{9b}1m\u{7}\u{0}c\u{7f}", "a[31mb1mc"), ("日本語 テスト", "日本語 テスト"), ("e\u{301}", "e\u{301}"),
  ])
  func artefactsGoAndWordsStay(raw: String, expected: String) {
    #expect(Array(filter(raw).unicodeScalars) == Array(expected.unicodeScalars))
  }
}
