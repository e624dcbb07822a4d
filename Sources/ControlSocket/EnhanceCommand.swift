import CommandLine
import Configuration
import DictationTypes
import Pipeline
import Requests
import TextEnhancement

/// `thoth enhance`.
extension Commands {
  func enhance(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) -> ExitCode {
    if request.has("list") { return list(request, connection) }
    if let name = request.options["show"] {
      do throws(PromptProblem) {
        connection.send(.output(try editor.prompts.source(of: name)))
        _ = try editor.prompts.prompt(named: name)
      } catch {
        throw CommandFailure(.usage, error.message)
      }
      return .done
    }
    let settings = try settings(request).enhancement
    let prompt = try editor.prompt(named: request.options["prompt"] ?? settings.prompt, settings)
    let text = try text(of: request)
    let outcome = await outcome(of: text, by: prompt, settings, request)
    let line = EditLine(text, outcome)
    connection.send(.output(request.has("json") ? json(line) : line.text))
    guard let message = line.message else { return .done }
    connection.send(.message("thoth: \(message). The text is as it was"))
    if case .failure(let error) = outcome { return error.exitCode }
    return .engineFailed
  }

  /// Waits for the answer however long it takes: nobody's cursor does.
  private func outcome(
    of text: String, by prompt: Prompt, _ settings: EnhancementConfiguration, _ request: ControlRequest
  ) async -> Result<EditOutcome, DictationError> {
    do throws(DictationError) {
      var context: String?
      if let source = prompt.context { context = try await pipeline.context(source, request.client) }
      return .success(
        try await editor.edit(text, by: prompt, context: context, settings, priority: .file))
    } catch {
      return .failure(error)
    }
  }

  private func text(of request: ControlRequest) throws(CommandFailure) -> String {
    var text = request.input ?? ""
    // A line ends by itself.
    while text.last?.isNewline == true { text.removeLast() }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw CommandFailure(.usage, "there is no text: name a file, or give it on standard input")
    }
    return text
  }

  private func list(_ request: ControlRequest, _ connection: Connection) -> ExitCode {
    let lines = editor.prompts.names.map { PromptLine($0, editor.prompts) }
    if request.has("json") {
      connection.send(.output(json(lines)))
      return .done
    }
    let width = lines.map(\.name.count).max() ?? 0
    for line in lines {
      let space = String(repeating: " ", count: width - line.name.count + 2)
      connection.send(.output(line.name + space + line.told))
    }
    return .done
  }
}

/// What became of a text, for scripts.
private struct EditLine: Encodable {
  let text: String
  let enhanced: Bool
  let reason: String?
  let message: String?

  init(_ original: String, _ outcome: Result<EditOutcome, DictationError>) {
    switch outcome {
    case .success(.edited(let edited)): (text, enhanced, reason, message) = (edited, true, nil, nil)
    case .success(.rejected(let rejection)):
      (text, enhanced, reason) = (original, false, rejection.reason.rawValue)
      message = "the language model's answer was not taken: \(rejection.detail)"
    case .failure(let error):
      (text, enhanced, reason, message) = (original, false, error.kind.rawValue, error.message)
    }
  }
}

/// One prompt of the list.
private struct PromptLine: Encodable {
  let name: String
  let description: String?
  let problem: String?

  /// For people.
  var told: String {
    if let problem { return "(\(problem))" }
    return description.flatMap { $0.isEmpty ? nil : $0 } ?? "(no description)"
  }

  init(_ name: String, _ prompts: PromptLibrary) {
    self.name = name
    do throws(PromptProblem) {
      (description, problem) = (try prompts.prompt(named: name).description, nil)
    } catch {
      (description, problem) = (nil, error.message)
    }
  }
}
