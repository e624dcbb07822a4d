import Configuration
import DictationTypes
import Linux
import Requests
import SpeechRecognition

/// Asks the engines for segments of files, as long as nobody dictates.
struct SegmentAsker: Sendable {
  let engines: any EngineProvider
  let watch: DictationWatch
  let settings: JobSettings
  /// How many may be on their way at a time, in all files of a run.
  let permits: Permits
  let jobs: Int
  let wantsWords: Bool

  /// The pauses before an engine that failed is tried again, in milliseconds: a network may be away for a moment.
  private static let pauses = [1_000, 2_000, 4_000, 8_000, 15_000]
  /// How long after the first failure it is tried at all, in nanoseconds: one that does not answer takes its time each time.
  private static let patience: UInt64 = 60_000_000_000

  /// The transcript of `part`, for which the caller has a permit.
  ///
  /// - Throws: as `EngineProvider.transcribe`, after some tries where that may help.
  func transcript(of part: SpeechPart) async throws(DictationError) -> Transcript {
    var pauses = Self.pauses[...]
    var end: UInt64?
    while true {
      await watch.quiet()
      guard !Task.isCancelled else { throw DictationError(.cancelled, "cancelled") }
      guard let answer = await watch.whileQuiet({ await ask(part) }) else { continue }
      let now = monotonicNanoseconds()
      guard case .failure(let error) = answer, error.retryable, now < end ?? .max,
        let pause = pauses.popFirst()
      else { return try answer.get() }
      end = end ?? now + Self.patience
      try? await Task.sleep(for: .milliseconds(pause))
    }
  }

  private func ask(_ part: SpeechPart) async -> Result<Transcript, DictationError> {
    var request = TranscriptionRequest(samples: part.samples, language: settings.language)
    request.prompt = settings.expected
    request.priority = .archive
    request.share = jobs
    request.wantsWords = wantsWords
    let hearing = Hearing(speech: part.speech, prompt: request.prompt, terms: settings.expected)
    do throws(DictationError) {
      return .success(
        try await engines.transcribe(request, with: settings.engines).heard(in: hearing))
    } catch {
      return .failure(error)
    }
  }
}
