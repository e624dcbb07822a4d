import DictationTypes
public import Library
import Linux

/// Imports are transcribed again as they were the first time: piece by piece, however long they are, and after dictation.
extension FileTranscriber {
  /// Transcribes the audio of the import `item` again, as `options` say; its text is replaced when there is a new one.
  /// A try that was interrupted is gone on with. `tell` hears how far it is, from whatever thread.
  ///
  /// - Returns: what was said; without text where nobody speaks: the old text stays.
  /// - Throws: `CommandFailure`: 3 when it is at work already, 1 when its audio is gone or damaged, 5 and others when the
  ///   engine failed, 130 when it was cancelled.
  public func redo(
    _ item: Item, _ options: RecordOptions, _ client: ClientContext,
    tell: @escaping @Sendable (FileProgress) -> Void
  ) async throws(CommandFailure) -> FileTranscript {
    let path: String
    do throws(DictationError) { path = try await pipeline.storage.archivedPath(item) } catch {
      throw CommandFailure(error)
    }
    var request = FileRequest([MediaSource(item.id.short, path: path)])
    (request.options, request.saves, request.resumes, request.wantsWords) = (options, false, true, true)
    let result = Lock<Result<FileTranscript, FileFailure>?>(nil)
    let write: TextWriter = { [library = pipeline.storage.library] _, transcript throws(DictationError) in
      guard !transcript.text.isEmpty else { return }
      do throws(DictationError) { try await library.replaceText(of: item.id, transcript.result) } catch {
        throw DictationError(error.kind, error.message + ". Mend that: the same command goes on")
      }
    }
    let failure = try await run(item.id, request, client, write: write) { progress in
      if case .finished(_, let ended) = progress { result.withLock { $0 = ended } }
      tell(progress)
    }
    if let failure { throw CommandFailure(failure) }
    switch result.withLock({ $0 }) {
    case .success(let transcript): return transcript
    case .failure(let failure): throw CommandFailure(failure.error)
    case nil: throw CommandFailure(.internalError, "nothing came of it")
    }
  }
}
