import DictationTypes
import TextOutput

extension Pipeline {
  /// Takes back what was inserted last on the client's display. The text stays in the history.
  ///
  /// - Throws: `CommandFailure`: 3 when there is nothing that can be taken back now, 7 without a display, or when the
  ///   application does not let it be removed.
  public func undo(_ client: ClientContext) async throws(CommandFailure) {
    guard let display = client.display else {
      throw CommandFailure(
        .outputFailed, "there is no X display (DISPLAY is not set): run thoth in the desktop session")
    }
    let outcome: UndoOutcome
    do throws(DictationError) { outcome = try await sink.undo(on: display) } catch {
      throw CommandFailure(error)
    }
    switch outcome {
    case .refused(let reason): throw CommandFailure(.notNow, reason)
    case .undone(let characters, let job):
      let message = "\(characters) characters were taken back: `thoth history` keeps the text"
      hub.publish(.output(OutputNotice(.undone, message: message)), job: job)
    }
  }
}
