/// The text to output for what an engine wrote: without the engine's artefacts, white space in order.
///
/// Artefacts are annotations of what is not speech (`[BLANK_AUDIO]`, `(music)`, `♪ … ♪`) and control tokens
/// (`<|endoftext|>`), as Whisper and its relatives write them. A text of nothing else becomes empty.
public func filter(_ text: String) -> String {
  var text = text.replacing(controlToken, with: "")
  text = text.replacing(annotation, with: "")
  text.removeAll { $0 == "♪" || $0 == "♫" }
  // Text is data: an escape sequence would be obeyed by the terminal that it is printed or pasted into.
  text.unicodeScalars.removeAll { $0.properties.generalCategory == .control && !$0.properties.isWhitespace }
  return text.split { $0.isWhitespace }.joined(separator: " ")
}

nonisolated(unsafe) private let controlToken = /<\|[a-z0-9_.]*\|>/.ignoresCase()

/// Only the names that engines use: a person may dictate brackets.
nonisolated(unsafe) private let annotation =
  /[\[(*] *(?:blank[ _]audio|silence|no (?:speech|audio)|inaudible|music(?: playing)?|applause|laughter|noise|background noise|sound|typing|breathing|sighs?|coughs?) *[\])*]/
  .ignoresCase()
