import DictationTypes
import TestSupport
import Testing

@testable import TextOutput

@Suite struct TextSanitizerTests {
  @Test(arguments: [
    ("plain, é, 漢, 👩‍💻", "plain, é, 漢, 👩‍💻"),
    ("one\ntwo\tthree", "one\ntwo\tthree"),
    ("a\r\nb\rc\u{85}d\u{2028}e\u{2029}f", "a\nb\nc\nd\ne\nf"),
    ("a\n\nb\r\n\r\nc\r\n", "a\n\nb\n\nc\n"),
    ("\u{200F}שלום \u{61C}عربي\u{200E}", "\u{200F}שלום \u{61C}عربي\u{200E}"),
    ("\u{FFFD}\u{FFFC}\u{E000}\u{378}", "\u{FFFD}\u{FFFC}\u{E000}\u{378}"),
    ("e\u{301} n\u{303}", "e\u{301} n\u{303}"),
    ("\u{301}a", "\u{301}a"),
    ("", ""),
  ])
  func whatIsTextStays(text: String, expected: String) {
    let clean = TextSanitizer.sanitized(text, newline: .enter)
    #expect(clean.scalars == Array(expected.unicodeScalars))
    #expect(clean.stripped == 0)
  }

  @Test(
    arguments: [
      ("a\u{0}b\u{7}c\u{8}d\u{1B}[31me\u{7F}f\u{9B}g\u{B}h\u{C}i", "abcd[31mefghi", 8),
      ("a\u{1B}[201~\nrm -rf ~\n", "a[201~\nrm -rf ~\n", 1),
      ("a\u{202E}b\u{202D}c\u{202C}d\u{202A}\u{202B}", "abcd", 5),
      ("\u{2066}a\u{2067}b\u{2068}c\u{2069}\u{206A}\u{206F}", "abc", 6),
      ("a\u{200B}b\u{2060}c\u{FEFF}d\u{AD}e\u{2061}\u{2064}\u{34F}\u{3164}", "abcde", 8),
      ("a\u{FFF9}b\u{FFFA}c\u{FFFB}", "abc", 3),
      ("hi\u{E0001}\u{E0072}\u{E006D}\u{E007F}", "hi", 4),
      ("\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", "\u{1F3F4}", 6),
      ("\u{FFFE}\u{FFFF}\u{10FFFF}", "", 3),
    ] as [(String, String, Int)])
  func whatIsNoTextIsLeftOutAndCounted(text: String, expected: String, count: Int) {
    let clean = TextSanitizer.sanitized(text, newline: .enter)
    #expect(
      clean.text.unicodeScalars.elementsEqual(expected.unicodeScalars), "\(clean.text.debugDescription)")
    #expect(clean.stripped == count)
    #expect(OutputReport(method: .type, clean).stripped == count)
  }

  /// Professions, flags, families, keycaps; half forms and conjuncts of Indic scripts; Persian; variants.
  @Test(arguments: [
    "👩‍💻 🧑🏽‍🔬 👨‍👩‍👧‍👦 🏳️‍🌈 🏴‍☠️ ❤️‍🔥 🐦‍⬛", "🇯🇵 1️⃣ #️⃣ ☺︎ ❤️",
    "क्‍ष क्‌ष", "র‍্যাব", "ශ්‍රී", "അവന്‍", "می‌خواهم", "ه‍", "葛\u{E0100} 㐂\u{FE00}", "ᠠ\u{180B} ᠠ\u{180E}",
    "က\u{FE00}",
  ])
  func joinersAndSelectorsStayWhereTheyShapeSomething(text: String) {
    let clean = TextSanitizer.sanitized(text, newline: .enter)
    #expect(clean.scalars == Array(text.unicodeScalars))
    #expect(clean.stripped == 0)
  }

  @Test(arguments: [
    ("a\u{200D}b\u{200C}c", "abc"), ("\u{200D}👩", "👩"), ("👩\u{200D}", "👩"),
    ("👩\u{200D}\u{200D}💻", "👩\u{200D}💻"),
    ("👩\u{200D}x", "👩x"), ("👩\u{200D}1", "👩1"), ("1\u{200D}👩", "1👩"),
    ("می\u{200C}\u{200C}\u{200D}خ", "می\u{200C}خ"),
    ("a\u{FE0F}b\u{FE00}\u{E0100}", "ab"), ("❤\u{FE0F}\u{FE0F}\u{FE0E}", "❤\u{FE0F}"),
    ("😀\u{E0100}\u{E0101}\u{FE00}", "😀"), ("葛\u{180B}\u{FE0F}", "葛"), ("葛\u{E0100}\u{E0101}", "葛\u{E0100}"),
    ("\u{FE0F}", ""),
  ])
  func elsewhereTheyHideSomething(text: String, expected: String) {
    let clean = TextSanitizer.sanitized(text, newline: .enter)
    #expect(
      clean.text.unicodeScalars.elementsEqual(expected.unicodeScalars), "\(clean.text.debugDescription)")
    #expect(clean.stripped == text.unicodeScalars.count - expected.unicodeScalars.count)
  }

  @Test(arguments: [
    ("ls\nrm -rf x\n", "ls rm -rf x"),
    ("a\tb", "a b"),
    ("a\r\n\r\n\tb", "a b"),
    ("a\n \nb", "a   b"),
    ("a\u{2028}b\u{3}c", "a bc"),
    ("a\n\u{3}\nb", "a b"),
    ("\r\n\ta \n", "a "),
    ("\n", ""),
    ("葛\n\u{E0100}", "葛"),
  ])
  func whereNewlinesBecomeSpaces(text: String, expected: String) {
    #expect(TextSanitizer.sanitized(text, newline: .space).scalars == Array(expected.unicodeScalars))
  }

  @Test func everyCharacterOfUnicode() {
    for value in 0...0x10FFFF as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(value) else { continue }
      // Alone, and behind a letter, an ideograph, an emoji and a Persian letter: some stay behind one of them.
      let clean = TextSanitizer.sanitized(
        "\(scalar)a\(scalar)葛\(scalar)👩\(scalar)ی\(scalar)", newline: .enter)
      let isLineEnd = "\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains(scalar)
      let isCounted = clean.stripped == 5 || isLineEnd || !Hostile.isForbidden(scalar)
      guard
        clean.scalars.count + clean.stripped == 9, isCounted,
        !clean.scalars.contains(where: Hostile.isForbidden)
      else {
        Issue.record("U+\(String(value, radix: 16)) gives \(clean)")
        return
      }
    }
  }

  @Test(arguments: NewlineStyle.allCases) func whatIsSanitizedIsSane(newline: NewlineStyle) {
    for text in Hostile.texts {
      let once = TextSanitizer.sanitized(text, newline: newline)
      #expect(!once.scalars.contains(where: Hostile.isForbidden), "\(text.debugDescription)")
      if newline == .space { #expect(!once.scalars.contains("\n") && !once.scalars.contains("\t")) }
      let twice = TextSanitizer.sanitized(once.text, newline: newline)
      #expect(twice.scalars == once.scalars && twice.stripped == 0, "\(text.debugDescription)")
    }
  }

  @Test(arguments: [
    "XTerm", "UXTerm", "URxvt", "Alacritty", "kitty", "Gnome-terminal", "org.gnome.Terminal",
    "Xfce4-terminal", "konsole", "st-256color", "Terminator", "Tilix", "qterminal", "Lxterminal",
    "Mate-terminal", "org.wezfurlong.wezterm", "foot",
  ])
  func terminalsAreKnown(name: String) { #expect(WindowTraits(windowClass: name).kind == .terminal) }

  @Test(arguments: ["Gedit", "firefox", "Emacs", "Gvim", "", nil])
  func otherWindowsAreOrdinary(name: String?) { #expect(WindowTraits(windowClass: name).kind == .ordinary) }
}
