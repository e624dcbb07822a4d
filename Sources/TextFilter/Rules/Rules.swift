public import DictationTypes

/// `text` after the rules that `settings` switch on, in their order. Each is pure and total: it takes every string, and
/// its work is linear in the length. What has been through them is not changed by them again, but for a command that was
/// to be written literally, and is obeyed the second time.
///
/// - Parameter language: an ISO 639-1 code; nil when it is not known.
public func applyRules(_ text: String, _ settings: FilterSettings, language: String?) -> String {
  var text = Scalars(text)
  // What one rule leaves out may bring together what another one is about.
  for _ in 0..<mostRounds {
    let before = text
    let isLiteral = applyOnce(&text, settings, language)
    if isLiteral || text == before { break }
  }
  return text.text
}

/// Two are enough for what people say; each further one is for texts that nobody says.
private let mostRounds = 8

/// Applies each rule; whether a command was written literally.
private func applyOnce(_ text: inout Scalars, _ settings: FilterSettings, _ language: String?) -> Bool {
  text = withoutArtefacts(text)
  if settings.fillers { text = withoutFillers(text, language: language) }
  if settings.numbers { text = withDigits(text, language: language) }
  text = spelt(text, settings.spelling, language: language)
  if settings.punctuation {
    text = withTidyPunctuation(text, collapsesEllipses: settings.collapsesEllipses, language: language)
  }
  text = withTidySpaces(text)
  if settings.sentenceCase { text = withSentenceCase(text, language: language) }
  return settings.voiceCommands && obeyCommands(in: &text, settings, language: language)
}
