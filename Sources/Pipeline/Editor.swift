public import Configuration
public import DictationTypes
import Linux
public import Requests
public import TextEnhancement

/// Has texts edited by the language model of the settings.
public struct Editor: Sendable {
  /// The prompts.
  public let prompts: PromptLibrary
  private let requests: RequestManager
  private let keys: KeyRing
  private let runtimeFolder: String

  /// An editor with the prompts of `folder`, which asks over the connections of `engines`, and knows their keys.
  public init(promptFolder folder: String, engines: Engines, runtimeFolder: String) {
    self.init(
      prompts: PromptLibrary(folder: folder), requests: engines.requests, keys: engines.keys,
      runtimeFolder: runtimeFolder)
  }

  init(prompts: PromptLibrary, requests: RequestManager, keys: KeyRing, runtimeFolder: String) {
    self.prompts = prompts
    self.requests = requests
    self.keys = keys
    self.runtimeFolder = runtimeFolder
  }

  /// The prompt called `name`, for which there is a language model.
  ///
  /// - Throws: `CommandFailure`: 2 when there is no such prompt, 6 when its file has a mistake or no model is named.
  public func prompt(
    named name: String, _ settings: EnhancementConfiguration
  ) throws(CommandFailure) -> Prompt {
    guard prompts.names.contains(name) else {
      throw CommandFailure(
        .usage,
        "there is no prompt \"\(name)\": `thoth enhance --list` names them, and "
          + "\(prompts.folder)/\(name).md would make one")
    }
    guard !settings.model.isEmpty else {
      throw CommandFailure(
        .notConfigured,
        "no language model is configured: `thoth config set enhance.model NAME` names it, and enhance.url says "
          + "where it is (\(withoutUser(settings.url)))")
    }
    do throws(PromptProblem) { return try prompts.prompt(named: name) } catch {
      throw CommandFailure(.notConfigured, error.message)
    }
  }

  /// Whether the language model can be asked now, in a sentence. It is given no work.
  ///
  /// - Throws: `DictationError`: it cannot be reached, refuses the key, or its prompt is missing.
  public func examine(_ settings: EnhancementConfiguration) async throws(DictationError) -> String {
    do throws(PromptProblem) { _ = try prompts.prompt(named: settings.prompt) } catch {
      throw DictationError(.config, error.message)
    }
    let address = ServerAddress(settings.url, runtimeFolder: runtimeFolder)
    var request = HTTPRequest(url: address.base + "/models", socketPath: address.socketPath, timeout: 10_000)
    if let key = try await keys.key(at: settings.key) {
      request.headers.append("Authorization: Bearer \(key)")
    }
    var order = RequestOrder(.live, deadline: monotonicNanoseconds() + 10_000_000_000, retries: 0)
    order.name = "enhance"
    let answer = try await requests.send(request, order)
    guard answer.status != 401 && answer.status != 403 else {
      throw DictationError(
        .auth,
        "\(address.url) refuses the key (\(answer.status)): set it with `thoth config set enhance.key.file PATH`"
      )
    }
    return "\(settings.model) is asked at \(address.url), which answers"
  }

  /// `text`, edited by `prompt`. A key that is refused is looked up anew: it may have been changed.
  ///
  /// - Throws: as `LanguageModel.edit`.
  public func edit(
    _ text: String, by prompt: Prompt, context: String? = nil, _ settings: EnhancementConfiguration,
    priority: RequestPriority = .live
  ) async throws(DictationError) -> EditOutcome {
    let key = try await keys.key(at: settings.key)
    do throws(DictationError) {
      return try await model(settings, key).edit(text, by: prompt, context: context, priority: priority)
    } catch {
      guard error.kind == .auth, let source = settings.key else { throw error }
      keys.forget(key, at: source)
      let fresh = try await keys.key(at: source)
      guard fresh != key else { throw error }
      return try await model(settings, fresh).edit(text, by: prompt, context: context, priority: priority)
    }
  }

  private func model(_ configuration: EnhancementConfiguration, _ key: String?) -> LanguageModel {
    var settings = LanguageModel.Settings(
      address: ServerAddress(configuration.url, runtimeFolder: runtimeFolder), model: configuration.model)
    settings.timeout = configuration.timeout
    settings.key = key
    return LanguageModel(settings, requests: requests)
  }
}
