extension Prompt {
  /// The most Unicode scalars that an edited `text` may have. A short one needs room for a stop and a capital.
  func longestText(of text: String) -> Int { Int(Double(text.unicodeScalars.count) * maxGrowth) + 40 }

  /// The same of an answer, which may have an introduction, tags and quotes around the text.
  func longestAnswer(to text: String) -> Int { longestText(of: text) + 200 }
}

/// Judges whether `answer` is `original`, edited as `prompt` asks: pure, total, and strict in doubt, since what was said
/// is there anyway. `messages` is what the model was told, `context` what it was told besides.
func judge(
  _ answer: String, of original: String, by prompt: Prompt, _ messages: ChatMessages, context: String? = nil
) -> EditOutcome {
  let text = unwrapped(answer, original: original)
  let pair = EditedPair(original: original, text: text, context: context ?? "")
  let rejection = pair.emptiness ?? pair.leak(of: messages.instructions) ?? pair.changes(prompt)
  return rejection.map(EditOutcome.rejected) ?? .edited(text)
}
