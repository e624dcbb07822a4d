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
    first.last.map(isUnspaced) == true && second.first.map(isUnspaced) == true
  }
}

/// `fragments` with the spaces between them.
func joined(_ fragments: some Collection<Fragment>) -> String {
  var text = ""
  for fragment in fragments { text += (text.isEmpty || !fragment.hasSpace ? "" : " ") + fragment.text }
  return text
}

/// `text` without what cannot be seen and changes what is: controls but white space, and the controls that override
/// the direction (Unicode Standard Annex 9, §2.1 and §2.2: isolates have replaced them).
func visible(_ text: String) -> String {
  func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    (0x202a...0x202e).contains(scalar.value)
      || scalar.properties.generalCategory == .control && !scalar.properties.isWhitespace
  }
  guard text.unicodeScalars.contains(where: isHidden) else { return text }
  var shown = String.UnicodeScalarView()
  shown.append(contentsOf: text.unicodeScalars.lazy.filter { !isHidden($0) })
  return String(shown)
}

/// The width of `text` in halves of a character: 2 for most, 5 for a wide one.
func halves(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + (isWide($1) ? 5 : 2) } }

/// `word` cut where a script without spaces may be broken: a punctuation mark stays with what it belongs to.
func pieces(_ word: Substring) -> [String] {
  var pieces: [String] = []
  var last: Character?
  for character in word {
    if let last, !mayBreak(last, character) {
      pieces[pieces.count - 1].append(character)
    } else {
      pieces.append(String(character))
    }
    last = character
  }
  return pieces
}

/// Whether a line may end between two neighbours of one word. What may not begin or end a line is that of JIS X 4051,
/// its common part.
private func mayBreak(_ first: Character, _ second: Character) -> Bool {
  guard isUnspaced(first) || isUnspaced(second) else { return false }
  return !neverFirst.contains(second) && !neverLast.contains(first)
}

private let neverFirst = Set(
  "、。，．・：；？！ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ」』）】〉》〕］｝”’…‥〜～,.!?;:)]}%％")
private let neverLast = Set("「『（【〈《〔［｛“‘([{")

/// Whether it is a character of a script that is written without spaces: Chinese and Japanese.
func isUnspaced(_ character: Character) -> Bool {
  guard let scalar = character.unicodeScalars.first?.value, scalar >= 0x2e80 else { return false }
  return scalar <= 0x9fff || (0xf900...0xfaff).contains(scalar) || (0xfe30...0xfe4f).contains(scalar)
    || (0xff00...0xffef).contains(scalar) || (0x20000...0x3ffff).contains(scalar)
}

/// Whether it takes the room of two and a half Latin letters.
private func isWide(_ character: Character) -> Bool {
  guard let scalar = character.unicodeScalars.first?.value, scalar >= 0x1100 else { return false }
  return isUnspaced(character) || scalar <= 0x115f || (0xac00...0xd7a3).contains(scalar)
    || (0x1f300...0x1faff).contains(scalar)
}
