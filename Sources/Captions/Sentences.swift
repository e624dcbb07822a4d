public import DictationTypes

/// The sentences of `words`, each with its times. What is an abbreviation, or goes on with a small letter, ends none.
///
/// - Parameter language: an ISO 639-1 code; nil: the language whose words are found.
public func sentences(of words: [TimedWord], language: String? = nil) -> [TimedText] {
  let fragments = Fragment.all(words)
  let boundaries = Boundary.all(fragments, language: language)
  var sentences: [TimedText] = []
  var start = 0
  for index in fragments.indices {
    let end = index + 1
    guard end == fragments.count || boundaries[end] == .sentence || boundaries[end] == .paragraph else {
      continue
    }
    sentences.append(
      TimedText(
        joined(fragments[start..<end]), start: fragments[start].start,
        end: max(fragments[start].start, fragments[index].end)))
    start = end
  }
  return sentences
}
