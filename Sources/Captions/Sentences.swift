public import DictationTypes

/// The sentences of `words`, each with its times. What is an abbreviation, or goes on with a small letter, ends none.
public func sentences(of words: [TimedWord], language: String? = nil) -> [TimedText] {
  let fragments = Fragment.all(words)
  let functionWords = FunctionWords.of(language)
  var sentences: [TimedText] = []
  var start = 0
  for index in fragments.indices {
    let isLast = index + 1 == fragments.count
    let isEnd =
      isLast || fragments[index].endsParagraph
      || Boundary.between(fragments[index], fragments[index + 1], functionWords) == .sentence
    guard isEnd else { continue }
    let sentence = fragments[start...index]
    sentences.append(
      TimedText(
        joined(sentence), start: fragments[start].start,
        end: max(fragments[start].start, fragments[index].end)))
    start = index + 1
  }
  return sentences
}
