import DictationTypes

/// The smallest piece of a text that is not broken: a word, or a character of a script that has no spaces.
struct Fragment {
  let text: String
  /// In halves of a character.
  let width: Int
  let start: Int
  var end: Int
  /// Whether a space stands before it, unless a line begins with it.
  var hasSpace: Bool
  /// Whether a paragraph ends behind it.
  var endsParagraph = false

  /// The width of a space.
  static let space = 2

  /// The fragments of `words`, in their order, with times that never go back.
  static func all(_ words: [TimedWord]) -> [Fragment] {
    var fragments: [Fragment] = []
    for word in words { append(word, to: &fragments) }
    return fragments
  }

  private static func append(_ word: TimedWord, to fragments: inout [Fragment]) {
    let parts = visible(word.word).split(whereSeparator: \.isWhitespace).map(pieces)
    let widths = parts.map { $0.map { halves($0) } }
    let total = widths.joined().reduce(0, +)
    let first = max(fragments.last?.start ?? 0, possible(word.start))
    let length = max(0, possible(word.end) - first)
    var done = 0
    for (part, widths) in zip(parts, widths) {
      for (index, (text, width)) in zip(part, widths).enumerated() {
        let start = first + length * done / total
        done += width
        let isJoined = index > 0 || fragments.last.map { areJoined($0.text, text) } ?? false
        fragments.append(
          Fragment(
            text: text, width: width, start: start, end: first + length * done / total, hasSpace: !isJoined))
      }
    }
    if word.endsParagraph == true, !fragments.isEmpty {
      fragments[fragments.count - 1].endsParagraph = true
    }
  }

  /// A time that can be: no recording is longer than 30 years, and nothing overflows.
  private static func possible(_ time: Int) -> Int { min(max(0, time), 1 << 40) }

  /// Whether there is no space between the ends of two words.
  static func areJoined(_ first: String, _ second: String) -> Bool {
    first.last.map(isIdeographic) == true && second.first.map(isIdeographic) == true
  }
}

/// `fragments` with the spaces between them.
func joined(_ fragments: some Collection<Fragment>) -> String {
  var text = ""
  for fragment in fragments { text += (text.isEmpty || !fragment.hasSpace ? "" : " ") + fragment.text }
  return text
}
