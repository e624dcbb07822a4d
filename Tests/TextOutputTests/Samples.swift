import DictationTypes
import Foundation
import TestSupport

@testable import TextOutput

/// Texts that between them need every way of typing a character.
enum Samples {
  static let all: [(name: String, text: String)] = [
    ("ASCII", "Pack my box with five dozen liquor jugs; 1234567890 of them."),
    ("punctuation", ##"~`!@#$%^&*()_-+={}[]|\:;"'<>,.?/"##),
    ("accents", "Ça été où l'île à Noël, ÄÖÜäöüß ÅåØøÆæ Œœ ÿŸ ñÑ çÇ łŁ žŽ"),
    ("Cyrillic", "Эй, жлоб! Где туз? Прячь юных съёмщиц в шкаф"),
    ("Greek", "Ταχίστη αλώπηξ βαφής ψημένη γη, δρασκελίζει υπέρ νωθρού κυνός"),
    ("CJK", "東京の天気は晴れ ひらがな カタカナ 서울 날씨 北京天气"),
    ("emoji", "go 🧑‍🔬 🇯🇵 👋🏿 🎉🎉 ❤️ ok"),
    ("combining", "a\u{301}o\u{308}\u{304} n\u{303}x\u{323}\u{302} z\u{30C}"),
    ("lines", "first\nsecond\tcolumn\n\nlast"),
    ("typographic", "“Yes,” ‘no’ — maybe… «oui» „ja“ £€¥¢ ©®™ ½×÷ ≤≥≠"),
    ("mixed", "Hi Привет Γεια 你好 🙂 é ñ — “end” 한국. Hi Привет Γεια 你好 🙂 é ñ — “end” 한국."),
  ]

  /// Whether the full size was asked for: every layout with every application.
  static let isFullSize = ProcessInfo.processInfo.environment["THOTH_PROOF"] != nil
}

extension VirtualDisplay {
  /// The address that a client on this display sends.
  var address: DisplayAddress { DisplayAddress(display: name) }

  /// The keyboard map as text, for comparison.
  func keyboardMap() throws -> String { try tool("xkbcomp", ["-w0", name, "-"], package: "x11-xkb-utils") }

  /// What the clipboard (or another selection) holds as `target`, read by another program.
  func selection(_ name: String = "clipboard", as target: String = "UTF8_STRING") throws -> String {
    try tool("xclip", ["-o", "-selection", name, "-t", target], package: "xclip")
  }

  /// A program that owns a selection with `text` as `target`, until it is ended.
  func own(_ name: String = "clipboard", _ text: String, as target: String = "UTF8_STRING") throws
    -> RunningProcess
  {
    let owner = try RunningProcess(
      "/usr/bin/xclip", ["-i", "-quiet", "-selection", name, "-t", target], environment: environment)
    owner.send(text)
    owner.closeInput()
    guard eventually({ (try? selection(name, as: target)) == text }) else {
      throw CocoaError(.fileReadUnknown)
    }
    return owner
  }
}

extension TargetApplication {
  /// What it shall hold after `text` was inserted.
  func expected(_ text: String) -> String {
    TextSanitizer.sanitized(text, newline: self == .xterm ? .space : .enter).text
  }
}

extension X11Output {
  /// Inserts `text` by `method` into whatever has the focus, or as `policy` says; the report. A text that is held is an
  /// error here.
  func insert(
    _ text: String, by method: OutputMethod, on address: DisplayAddress, origin: OutputTarget? = nil,
    policy: TargetPolicy = .focus
  ) async throws(DictationError) -> OutputReport {
    var insertion = Insertion(text)
    insertion.method = method
    insertion.origin = origin
    insertion.policy = policy
    switch try await insert(insertion, on: address) {
    case .inserted(let report): return report
    case .held(let reason): throw DictationError(.output, "held: \(reason)")
    }
  }
}
