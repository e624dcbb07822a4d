import TestSupport

/// Texts of somebody who wants more than to be read.
enum Hostile {
  /// What must never get anywhere, written down apart from the code that leaves it out.
  static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0: true
    case 0x200B, 0x2028, 0x2029, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF0...0xFFFB: true
    case 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A: true
    case 0xFDD0...0xFDEF: true
    case 0xE0100...0xE01EF: false
    case 0xE0000...0xE0FFF: true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }

  /// Those that people have tried, then a thousand that are made of their parts: the same ones every time.
  static let texts: [String] = known + made(1_000)

  /// Each makes a file called `payload…` where it is executed, or does what nobody asked for otherwise.
  static let known = [
    "\u{1B}[201~\ntouch payload1\n", "\u{1B}[201~\rtouch payload2\r", "\u{9B}201~\ntouch payload3\n",
    "\u{1B}\u{1B}[201~[201~\ntouch payload4\n", "\u{1B}\u{200B}[201~\ntouch payload5\n",
    "\u{1B}[200~\u{1B}[201~touch payload6\n\u{1B}[201~", "\u{C2}\u{9B}201~\r\ntouch payload7\r\n",
    "rm -rf payload\n", "ls; touch payload8\u{85}", "touch payload9\u{2028}", "touch payload10\u{2029}x",
    "touch payload11\u{B}\u{C}\n", "touch payload12\u{F}", "touch payload13 \u{18}\u{5}",
    "$(touch payload14)\n",
    "`touch payload15`\n", "\ntouch payload16 &\n", ";\n:\n", "echo \\\ntouch payload17\n",
    "'\ntouch payload18\n",
    "\u{1B}]52;c;dG91Y2ggcGF5bG9hZA==\u{7}", "\u{9D}52;c;dG91Y2g=\u{9C}", "\u{1B}P$q\"p\u{1B}\\",
    "\u{1B}]0;title\u{7}", "\u{1B}[21t", "\u{1B}[6n", "\u{1B}c", "\u{1B}[?2004l\ntouch payload19\n",
    "\u{3}\ntouch payload20\n", "\u{4}", "\u{1A}", "\u{15}touch payload21\n", "\u{16}\n", "\u{10}\n",
    "\u{E}\r",
    "harmless\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}touch payload22\n", "ab\u{7F}\u{7F}touch payload23\n",
    "touch \u{202E}42daolyap\n", "\u{2066}\u{2067}touch payload25\u{2069}\n", "\u{202A}\u{202C}\n\u{202D}",
    "hi\u{E0001}\u{E0074}\u{E006F}\u{E0075}\u{E0063}\u{E0068}\u{E007F}", "t\u{200B}o\u{2060}uch payload26\n",
    "\u{FEFF}touch payload27\n", "👍\u{E0100}\u{E0154}\u{E0155}\u{E0163}", "pay\t\t", "./pay\t\n", "~/\t*\t",
    "\u{0}touch payload28\n", "a\u{0}\nb", "touch payload29\u{FFFF}\n", "x\r\n\r\n\r\ntouch payload30\r\n",
    "! touch payload31\n", "!!\n", "!-1\n", "^payload^x\n", "(\n", "{ touch payload32\n}\n", "cat <<E\nE\n",
  ]

  private static let parts = [
    "\u{1B}[201~", "\u{1B}[200~", "\u{9B}201~", "\u{1B}", "\u{9B}", "\n", "\r", "\r\n", "\u{85}", "\u{2028}",
    "\u{2029}",
    "\t", "\u{0}", "\u{3}", "\u{4}", "\u{5}", "\u{7}", "\u{8}", "\u{B}", "\u{E}", "\u{F}", "\u{15}", "\u{16}",
    "\u{17}",
    "\u{18}", "\u{1A}", "\u{7F}", "\u{90}", "\u{9C}", "\u{9D}52;c;eA==", "\u{202E}", "\u{202A}", "\u{2066}",
    "\u{2069}",
    "\u{200B}", "\u{2060}", "\u{FEFF}", "\u{AD}", "\u{200C}", "\u{200D}", "\u{FE0F}", "\u{FE00}", "\u{E0100}",
    "\u{E0041}",
    "\u{E007F}", "\u{FFF9}", "\u{FFFE}", "touch payload", "; ", " && ", "|", "`", "$(", ")", "'", "\"", "\\",
    "#", "!!",
    "rm -rf payload", " ", "word", "Ünïcode", "é", "ж", "ש", "ی", "क", "葛", "👩", "💻", "1", "e\u{301}",
  ]

  private static func made(_ count: Int) -> [String] {
    var generator = SplitMix(seed: 2004)
    return (0..<count).map { _ in
      let length = Int.random(in: 2...9, using: &generator)
      return (0..<length).map { _ in parts.randomElement(using: &generator)! }.joined()
    }
  }
}
