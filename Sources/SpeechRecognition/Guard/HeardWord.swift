/// A word of a transcript as the guard compares it.
struct HeardWord {
  /// As the engine wrote it, with its punctuation.
  let text: Substring
  /// Whether white space stands before it.
  let isSpaced: Bool
  /// Its letters and digits alone, all small: by this words are the same. Empty for punctuation.
  let key: String
  /// How much there is to say in it, in letters of the Latin alphabet.
  let letters: Int
  /// Its place among the words of the transcript.
  let index: Int

  init(_ text: Substring, isSpaced: Bool, index: Int) {
    self.text = text
    self.isSpaced = isSpaced
    self.index = index
    let characters = text.filter { $0.isLetter || $0.isNumber }
    key = characters.lowercased()
    letters = characters.reduce(0) { $0 + (isSyllable($1) ? lettersOfSyllable : 1) }
  }

  /// Whether a sentence ends with it.
  var endsSentence: Bool {
    text.last { !closing.contains($0) }.map(sentenceEnds.contains) ?? false
  }
}

/// The words of `text`: what stands between white space, and sentences that are not separated by any.
func heardWords(_ text: String) -> [HeardWord] {
  var words: [HeardWord] = []
  for piece in text.split(whereSeparator: \.isWhitespace) {
    var isSpaced = true
    var start = piece.startIndex
    while start < piece.endIndex {
      let stop = piece[start...].firstIndex { wideSentenceEnds.contains($0) }
      var end = stop.map { piece.index(after: $0) } ?? piece.endIndex
      while end < piece.endIndex, closing.contains(piece[end]) || wideSentenceEnds.contains(piece[end]) {
        end = piece.index(after: end)
      }
      words.append(HeardWord(piece[start..<end], isSpaced: isSpaced, index: words.count))
      (start, isSpaced) = (end, false)
    }
  }
  return words
}

/// `words` as a text.
func joined(_ words: some Sequence<HeardWord>) -> String {
  words.reduce(into: "") { text, word in text += (word.isSpaced && !text.isEmpty ? " " : "") + word.text }
}

/// Hiragana, Katakana, Chinese characters and Hangul: each is a syllable, or the better part of one.
private func isSyllable(_ character: Character) -> Bool {
  character.unicodeScalars.first.map { scalar in
    scalar.properties.isIdeographic || (0x3041...0x30ff).contains(scalar.value)
      || (0xac00...0xd7a3).contains(scalar.value)
  } ?? false
}

/// A syllable of Chinese, Japanese or Korean takes as long as so many letters of English.
private let lettersOfSyllable = 3
private let wideSentenceEnds: Set<Character> = ["。", "！", "？"]
private let sentenceEnds = wideSentenceEnds.union([".", "!", "?", "…"])
private let closing: Set<Character> = ["\"", "'", "”", "’", "»", "“", ")", "」", "』"]
