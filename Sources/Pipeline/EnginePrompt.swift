/// The words that an engine is to expect: the names of `terms`, the likeliest first, as many as it heeds, and what the
/// user says of them in `own`. Nil: none.
///
/// The likeliest stand last: an engine leaves out the beginning of what is too long for it.
func expectedWords(_ terms: [String], _ own: String?) -> String? {
  var room = termsLength - (own?.utf8.count ?? 0)
  var names: [String] = []
  for name in terms.prefix(mostTerms) {
    room -= name.utf8.count + 2
    guard room >= 0 else { break }
    names.append(name)
  }
  let list = names.isEmpty ? nil : names.reversed().joined(separator: ", ") + "."
  let parts = [list, own].compactMap(\.self).filter { !$0.isEmpty }
  return parts.isEmpty ? nil : parts.joined(separator: " ")
}

/// What an engine is told: the words to expect, and the end of the text before, in whole words.
///
/// It always ends with a sentence. Whisper goes on with a text that does not, instead of with the sound: it has made "as
/// what you can do" of "ask what you can do", and lost all but one word of it.
func prompt(_ expected: String?, after text: String) -> String? {
  let end = text.suffix(contextLength)
  let context =
    end.count < text.count ? end.drop(while: { !$0.isWhitespace }).drop(while: \.isWhitespace) : end
  let parts = [expected, context.isEmpty ? nil : ended(String(context))].compactMap(\.self).filter {
    !$0.isEmpty
  }
  return parts.isEmpty ? nil : parts.joined(separator: " ")
}

/// `text` as a whole sentence.
private func ended(_ text: String) -> String {
  if text.last.map({ ".?!…。？！".contains($0) }) == true { return text }
  return text.droppingLast(while: { $0.isPunctuation || $0.isWhitespace }) + "."
}

/// The characters of the text before that an engine gets for context: some ten words. With 200 Whisper now and then
/// takes the first sentence of a segment for part of the text before, and leaves it out (docs/benchmarks.md).
private let contextLength = 60

/// The bytes (UTF-8) of all words to expect. Whisper heeds 224 tokens; of names each is two bytes and a half, or fewer
/// where they have letters of their own, and the context takes some 20.
private let termsLength = 400

/// The terms that an engine is told at most: with 20 it makes no more mistakes in other words than with none, with 30 it
/// does (docs/benchmarks.md).
private let mostTerms = 20

/// What Whisper hears at once, in milliseconds. Of a longer recording only the beginning is heard with the prompt, and the
/// times that it is then given have cost words where the next part begins: it goes without terms.
let windowLength = 30_000
