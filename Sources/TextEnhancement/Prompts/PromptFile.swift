import DictationTypes

/// Why a prompt cannot be used: one sentence with the way out.
public struct PromptProblem: Error, Sendable, Hashable {
  /// The sentence.
  public let message: String

  init(_ message: String) { self.message = message }

  init(line: Int, _ message: String) { self.init("line \(line): \(message)") }
}

extension Prompt {
  /// The prompt in the text of a Markdown file: `key: value` lines between two lines `---`, then the instructions.
  ///
  /// - Throws: `PromptProblem` with the number of the line.
  public init(name: String, file: String) throws(PromptProblem) {
    // Some editors begin a file with a byte order mark.
    let lines = file.drop { $0 == "\u{feff}" }.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).map(String.init)
    self.init(name: name, body: "")
    var start = 0
    if oneSpaced(lines[0]) == "---" {
      guard let end = lines.dropFirst().firstIndex(where: { oneSpaced($0) == "---" }) else {
        throw PromptProblem(line: 1, "the front matter has no end: add a line \"---\"")
      }
      for index in 1..<end { try set(lines[index], line: index + 1) }
      start = end + 1
    }
    body = lines[start...].joined(separator: "\n")
    guard body.contains("{text}") else {
      throw PromptProblem(line: start + 1, "write {text} where the dictated text belongs")
    }
    if body.contains("{context}") != (context != nil) {
      throw PromptProblem(
        line: start + 1,
        "{context} and a line \"context: clipboard\", \"selection\" or \"window\" belong together")
    }
  }

  private mutating func set(_ text: String, line: Int) throws(PromptProblem) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if oneSpaced(text).isEmpty || text.hasPrefix("#") { return }
    guard parts.count == 2 else { throw PromptProblem(line: line, "write \"key: value\"") }
    let value = withoutQuotes(oneSpaced(parts[1]))
    switch oneSpaced(parts[0]) {
    case "name":
      guard value == name else { throw PromptProblem(line: line, "the name is that of the file, \(name)") }
    case "description": description = value
    case "temperature": temperature = try number(value, in: 0...2, line: line)
    case "max_growth": maxGrowth = try number(value, in: 0.1...20, line: line)
    case "keeps": keeps = try choice(value, "keeps", line: line)
    case "language": language = try choice(value, "language", line: line)
    case "context": context = try choice(value, "context", line: line) as ContextSource
    default:
      throw PromptProblem(
        line: line,
        "the keys are name, description, temperature, max_growth, keeps, language and context")
    }
  }
}

private func oneSpaced(_ text: some StringProtocol) -> String {
  text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

private func withoutQuotes(_ value: String) -> String {
  value.count > 1 && value.hasPrefix("\"") && value.hasSuffix("\"")
    ? String(value.dropFirst().dropLast()) : value
}

private func number(
  _ text: String, in range: ClosedRange<Double>, line: Int
) throws(PromptProblem) -> Double {
  guard let value = Double(text), range.contains(value) else {
    throw PromptProblem(line: line, "write a number from \(range.lowerBound) to \(range.upperBound)")
  }
  return value
}

private func choice<Value: RawRepresentable & CaseIterable>(
  _ text: String, _ key: String, line: Int
) throws(PromptProblem) -> Value where Value.RawValue == String {
  guard let value = Value(rawValue: text) else {
    throw PromptProblem(line: line, "\(key) is \(Value.allCases.map(\.rawValue).joined(separator: " or "))")
  }
  return value
}
