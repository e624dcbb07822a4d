/// The answer without what models put around it: reasoning, an introduction, fences, the tags of the request, quotes.
/// What the original has stays.
func unwrapped(_ answer: String, original: String) -> String {
  let visible = String(String.UnicodeScalarView(answer.unicodeScalars.filter { !isHidden($0) }))
  var text = trimmed(visible[...])
  if !original.hasPrefix(reasoning.start) { text = trimmed(withoutReasoning(text)) }
  text = withoutIntroduction(text, original: original)
  text = withoutFence(text, original: original)
  text = withoutTags(text, original: original)
  for (open, close) in [("\"", "\""), ("“", "”"), ("„", "“"), ("«", "»"), ("'", "'")]
  where text.count > 1 && text.hasPrefix(open) && text.hasSuffix(close) && !original.contains(open)
    && !text.dropFirst().dropLast().contains(open)
  {
    return String(trimmed(text.dropFirst().dropLast()))
  }
  return String(text)
}

/// Whether a character is a command to a terminal, or turns the direction of what follows: nobody dictates such.
private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
    || 0x202A...0x202E ~= scalar.value || 0x2066...0x2069 ~= scalar.value
}

private let reasoning = (start: "<think>", end: "</think>")

/// What follows the reasoning that `text` begins with; nothing when that does not end, for then there is no answer.
func withoutReasoning(_ text: some StringProtocol) -> Substring {
  let text = text.drop(while: \.isWhitespace)
  guard text.hasPrefix(reasoning.start) else { return Substring(text) }
  return text.firstRange(of: reasoning.end).map { Substring(text[$0.upperBound...]) } ?? ""
}

/// A first line that ends with a colon and speaks of what follows.
private func withoutIntroduction(_ text: Substring, original: String) -> Substring {
  guard let end = text.firstIndex(where: \.isNewline) else { return text }
  let line = trimmed(text[..<end])
  let isIntroduction =
    line.hasSuffix(":") && line.count < 100 && words(String(line)).contains(where: introductions.contains)
  guard isIntroduction, !original.lowercased().contains(line.dropLast().lowercased()) else { return text }
  return trimmed(text[end...])
}

/// Words of introductions such as "Here is the corrected text:".
private let introductions: Set<String> = [
  "here", "corrected", "edited", "rewritten", "revised", "version", "hier", "korrigierte", "korrigierter",
  "voici",
  "corrigé", "aquí", "corregido", "ecco", "aqui",
]

private func withoutFence(_ text: Substring, original: String) -> Substring {
  let fence = "```"
  guard text.hasPrefix(fence), text.hasSuffix(fence), text.count > 6, !original.contains(fence),
    let lineEnd = text.firstIndex(where: \.isNewline), let last = text.lastRange(of: fence),
    lineEnd < last.lowerBound
  else { return text }
  return trimmed(text[lineEnd..<last.lowerBound])
}

/// The text in the tags of the request, if the model has repeated them.
private func withoutTags(_ text: Substring, original: String) -> Substring {
  guard text.hasPrefix("<dictation"), !original.lowercased().contains("<dictation"),
    let start = text.firstIndex(of: ">")
  else { return text }
  let inner = text[text.index(after: start)...]
  return trimmed(inner.lastRange(of: "</dictation").map { inner[..<$0.lowerBound] } ?? inner)
}

private func trimmed(_ text: Substring) -> Substring {
  let start = text.drop(while: \.isWhitespace)
  guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
  return start[...end]
}

extension Substring {
  /// Where `part` stands last.
  fileprivate func lastRange(of part: String) -> Range<Index>? { ranges(of: part).last }
}
