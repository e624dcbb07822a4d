/// A capital at the beginning of each sentence, and in English `I` for `i`. What is code stays, and what follows an
/// abbreviation.
func withSentenceCase(_ text: Scalars, language: String?) -> Scalars {
  var scalars = text
  var isFirst = true
  var position = 0
  while position < scalars.count {
    if scalars[position].isBreak { isFirst = true }
    guard !scalars[position].isSpace else {
      position += 1
      continue
    }
    let end = scalars.chunkEnd(from: position)
    // Of the text as it came: a slice of what is written to would be copied with it.
    let chunk = text[position..<end]
    if isCode(chunk) {
      isFirst = false
    } else if let start = chunk.firstIndex(where: \.isWord) {
      let word = scalars.wordEnd(from: start)
      if isFirst { scalars[start] = scalars[start].capital }
      let isPronoun = language == "en" && scalars[start] == "i"
      if isPronoun, word == start + 1 || scalars[start + 1] == "'" || scalars[start + 1] == "’" {
        scalars[start] = "I"
      }
      isFirst = false
    }
    let closing = chunk.reversed().drop(while: \.isClosing)
    if let last = closing.first, last.endsSentence, last != "…" {
      isFirst = !abbreviations.contains(scalars.small(position..<end)) && closing.dropFirst().first != "."
    }
    position = end
  }
  return scalars
}

private let abbreviations: Set = [
  "e.g.", "i.e.", "etc.", "vs.", "mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "no.", "approx.", "z.b.",
  "d.h.", "bzw.",
  "usw.", "ca.", "nr.", "p.ej.", "sr.", "sra.", "m.", "mme.", "cf.",
]
