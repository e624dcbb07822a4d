import DictationTypes

/// What engines answer: OpenAI's `json` and `verbose_json`, and what others make of them.
struct TranscriptionAnswer: Decodable {
  let text: String
  /// The code of the language, when one was told that is known.
  let language: String?
  let model: String?
  let words: [TimedWord]?

  private enum Key: String, CodingKey { case text, language, model, words, segments }

  /// Only the text has to be there: what else is odd must not cost it.
  init(from decoder: any Decoder) throws {
    let table = try decoder.container(keyedBy: Key.self)
    text = try table.decode(String.self, forKey: .text)
    language = (try? table.decode(String.self, forKey: .language)).flatMap(languageCode)
    model = try? table.decode(String.self, forKey: .model)
    let pieces =
      (try? table.decode([Piece].self, forKey: .words))
      ?? (try? table.decode([Segment].self, forKey: .segments))?.flatMap { $0.words ?? [] } ?? []
    words = pieces.isEmpty ? nil : timedWords(pieces)
  }

  private struct Segment: Decodable { let words: [Piece]? }
}

/// One word with its times in seconds, or a part of one: whisper.cpp tells tokens.
private struct Piece: Decodable {
  let word: String
  let start: Double
  let end: Double
}

/// The words of `pieces`. Where any begins with white space (as faster-whisper and whisper.cpp write them), those that do
/// not go on with the word before.
private func timedWords(_ pieces: [Piece]) -> [TimedWord] {
  let areMarked = pieces.contains { $0.word.first?.isWhitespace == true }
  var words: [TimedWord] = []
  for piece in pieces {
    let text = piece.word.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard !text.isEmpty, let start = milliseconds(piece.start), let end = milliseconds(piece.end) else {
      continue
    }
    if areMarked && piece.word.first?.isWhitespace == false, let last = words.indices.last {
      words[last].word += text
      words[last].end = max(words[last].end, end)
    } else {
      words.append(TimedWord(text, start: start, end: max(start, end)))
    }
  }
  return words
}

/// `seconds` in milliseconds; nil for what is no time of a recording.
private func milliseconds(_ seconds: Double) -> Int? {
  (0...1e6).contains(seconds) ? Int((seconds * 1000).rounded()) : nil
}
