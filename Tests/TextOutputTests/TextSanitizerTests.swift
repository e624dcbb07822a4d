import DictationTypes
import Testing

@testable import TextOutput

@Suite struct TextSanitizerTests {
  @Test(arguments: [
    ("plain, é, 漢, 👩‍💻", "plain, é, 漢, 👩‍💻"),
    ("one\ntwo\tthree", "one\ntwo\tthree"),
    ("a\r\nb\rc\u{85}d\u{2028}e\u{2029}f", "a\nb\nc\nd\ne\nf"),
    ("a\n\nb\r\n\r\nc", "a\n\nb\n\nc"),
    ("a\u{0}b\u{7}c\u{8}d\u{1B}[31me\u{7F}f\u{9B}g\u{B}h\u{C}i", "abcd[31mefghi"),
    ("a\u{202E}b\u{202D}c\u{202C}", "abc\u{202C}"),
    ("\u{200F}שלום\u{2067}a\u{2069}", "\u{200F}שלום\u{2067}a\u{2069}"),
    ("\u{FFFD}", "\u{FFFD}"),
    ("e\u{301} n\u{303}", "e\u{301} n\u{303}"),
    ("", ""),
  ])
  func inAnOrdinaryWindow(text: String, expected: String) {
    #expect(TextSanitizer.scalars(of: text, newline: .enter) == Array(expected.unicodeScalars))
  }

  @Test(arguments: [0xFFFE, 0xFFFF, 0x1FFFF, 0x10FFFE, 0xFDD0, 0xFDEF] as [UInt32])
  func noncharactersAreDropped(value: UInt32) throws {
    let text = String(try #require(Unicode.Scalar(value)))
    #expect(TextSanitizer.scalars(of: text, newline: .enter).isEmpty)
  }

  @Test(arguments: [
    ("ls\nrm -rf x\n", "ls rm -rf x "),
    ("a\tb", "a b"),
    ("a\r\n\r\n\tb", "a b"),
    ("a\n \nb", "a   b"),
    ("a\u{2028}b\u{3}c", "a bc"),
    ("\n", " "),
  ])
  func inATerminal(text: String, expected: String) {
    #expect(TextSanitizer.scalars(of: text, newline: .space) == Array(expected.unicodeScalars))
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
