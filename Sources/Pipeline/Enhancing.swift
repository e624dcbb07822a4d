import Configuration
public import DictationTypes
import Library
import Linux
import Requests
import TextEnhancement
import TextOutput

/// What a language model makes of a text, or why it makes nothing of it.
private typealias Editing = Task<Result<EditOutcome, DictationError>, Never>

/// The stage of the language model. Whatever it does, or does not do, the text goes on.
extension Pipeline {
  /// Has the text of `job` edited, if that was asked for, and waits for it as long as the settings say.
  func enhance(_ job: Dictation) async -> JobInput {
    guard let text = job.text, let name = await promptName(for: job) else { return .enhanced }
    let start = monotonicNanoseconds()
    defer { job.timings.enhance = Double((monotonicNanoseconds() - start) / 10_000) / 100 }
    let editing = begin(text, name, job)
    let result = await withTaskCancellationHandler {
      await value(of: editing, within: job.settings.enhancement.budget)
    } onCancel: {
      editing.cancel()
    }
    if let result {
      if let edited = accept(result, name, job.id), !Task.isCancelled { job.take(edited: edited) }
    } else if !Task.isCancelled {
      tell(
        .late, name, job.id,
        "The language model is late: the text goes on as it was, and the edited one into the history")
      let id = job.id
      track(Task { await takeLate(editing, of: text, name, id) })
    }
    return .enhanced
  }

  /// The text of `source` on the display of `client`; nil when there is none.
  ///
  /// - Throws: `DictationError` when the display does not answer.
  public func context(_ source: ContextSource, _ client: ClientContext) async throws(DictationError)
    -> String?
  {
    guard let display = client.display else { return nil }
    return try await sink.context(source, on: display)
  }

  /// The name of the prompt by which the text of `job` is edited; nil: it is not.
  private func promptName(for job: Dictation) async -> String? {
    var windowClass: String?
    if job.settings.mayDependOnWindow, let target = job.target {
      windowClass = await value(of: target, within: 500)??.windowClass
    }
    return job.settings.prompt(forWindow: windowClass)
  }

  private func begin(_ text: String, _ name: String, _ job: Dictation) -> Editing {
    let (settings, client, editor) = (job.settings.enhancement, job.client, editor)
    return Task {
      do throws(CommandFailure) {
        let prompt = try editor.prompt(named: name, settings)
        do throws(DictationError) {
          var context: String?
          if let source = prompt.context { context = try await self.context(source, client) }
          // What is said next is not to wait for it: its transcription takes the place of this on the way to the host.
          return .success(
            try await editor.edit(text, by: prompt, context: context, settings, priority: .speculative))
        } catch {
          return .failure(error)
        }
      } catch {
        return .failure(DictationError(.config, error.message))
      }
    }
  }

  /// The edited text of `result`; nil when there is none, which is told.
  private func accept(_ result: Result<EditOutcome, DictationError>, _ name: String, _ job: JobID) -> String?
  {
    switch result {
    case .success(.edited(let text)): return text
    case .success(.rejected(let rejection)):
      tell(
        .rejected, name, job, "The language model's answer was not taken: \(rejection.detail)",
        reason: rejection.reason.rawValue)
    case .failure(let error) where error.kind == .cancelled: break
    case .failure(let error): tell(.failed, name, job, "The text was not edited: \(error.message)")
    }
    return nil
  }

  /// Puts what comes after the output of `text` into the history, unless `job` has got another text meanwhile.
  private func takeLate(_ editing: Editing, of text: String, _ name: String, _ job: JobID) async {
    let result = await editing.value
    _ = await outcome(of: job)
    guard let edited = accept(result, name, job) else { return }
    // Whoever has it transcribed again wants another text.
    guard !isOnItsWay(job) else { return }
    guard var item = (try? await storage.items(idPrefix: job.description))?.first ?? newest(job),
      item.result?.text == text, !isOnItsWay(job)
    else { return }
    item.result?.take(edited: edited)
    if newest?.id == job { newest = item }
    if let error = await storage.keepSoon(item) { log(error.message) }
    tell(.ready, name, job, "The edited text has come: `thoth history show \(job.short)` prints it")
  }

  private func newest(_ job: JobID) -> Item? { newest?.id == job ? newest : nil }

  private func tell(
    _ what: EnhanceNotice.What, _ name: String, _ job: JobID, _ message: String, reason: String? = nil
  ) {
    hub.publish(.enhance(EnhanceNotice(what, prompt: name, reason: reason, message: message)), job: job)
  }
}

extension Dictation {
  /// The language model has edited the text.
  fileprivate func take(edited: String) {
    (filteredText, text) = (text, edited)
  }
}
