import DictationTypes
import Testing

@testable import TextOutput

@Suite struct JoiningTests {
  @Test(arguments: [
    ("One sentence.", "Another one.", " Another one."),
    ("and", "so on", " so on"),
    ("It was", ", however,", ", however,"),
    ("a list:", "one", " one"),
    ("new line\n", "Here", "Here"),
    ("with a space ", "Here", "Here"),
    ("(", "in brackets", "in brackets"),
    ("„", "Zitat", "Zitat"),
    ("done", ") and", ") and"),
    ("今天天气很好。", "明天也是", "明天也是"),
    ("東京", "Tokyo", "Tokyo"),
    ("서울", "날씨", " 날씨"),
    ("ทดสอบ", "ภาษาไทย", "ภาษาไทย"),
    ("go 🎉", "now", " now"),
    ("well", "–known", " –known"),
    ("half-", "open", " open"),
  ])
  func aSpaceComesBetweenTwoTexts(previous: String, text: String, expected: String) {
    let joined = Joining.joined(Array(text.unicodeScalars), after: Array(previous.unicodeScalars), .auto)
    #expect(joined.elementsEqual(expected.unicodeScalars))
  }

  @Test func withoutATextBeforeThereIsNoSpaceBefore() {
    #expect(Joining.joined(["a"], after: nil, .auto) == ["a"])
    #expect(Joining.joined(["a"], after: [], .auto) == ["a"])
    #expect(Joining.joined([], after: ["a"], .auto) == [])
  }

  @Test func theOtherStylesDoNotLookBack() {
    #expect(Joining.joined(["a"], after: ["b"], .none) == ["a"])
    #expect(Joining.joined(["a"], after: ["b"], .space) == ["a", " "])
    #expect(Joining.joined(["a", "\n"], after: nil, .space) == ["a", "\n"])
  }
}
