public import Configuration
public import DictationTypes
public import Requests
import SpeechRecognition
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
