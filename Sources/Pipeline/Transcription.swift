import AudioSegmentation
import Configuration
import DictationTypes
import Linux
import Requests
import SpeechRecognition

/// The text of a recording. While it is being made each complete segment goes to the engine at once, and in each pause
/// what was said since: it may be the end, and then its text is there already.
extension Pipeline {
  /// A pause has begun after `tail`.
  func paused(_ tail: SpeechPart, of job: Dictation) {
    job.live.tail = tail
    guard job.settings.speculates, !job.word.now.state.isTerminal else { return }
    // What it would tell is part of what is asked now.
    job.live.guess?.work.cancel()
    job.live.guess = ask(.speculative, for: tail, of: job)
  }

  /// `segment` is complete.
  func cut(_ segment: SpeechPart, of job: Dictation) {
    guard !job.word.now.state.isTerminal else { return }
    if let guess = job.live.guess, guess.part.span.range == segment.span.range, !guess.hasFailed {
      job.live.segments.append(guess)
    } else {
      job.live.guess?.work.cancel()
      job.live.segments.append(ask(.live, for: segment, of: job))
    }
    (job.live.guess, job.live.tail) = (nil, nil)
  }

  /// The transcript of a recording that is over.
  func transcript(of job: Dictation, _ recording: Recording) async throws(DictationError) -> Transcript {
    complete(job, recording)
    let deadline = deadline(of: job)
    guard !job.live.segments.isEmpty else { return try await transcriptOfWhole(job) }
    var parts: [SegmentTranscript] = []
    for index in job.live.segments.indices {
      let question = job.live.segments[index]
      switch await question.work.value {
      case .success: break
      case .failure(let error):
        let isWorthIt = error.retryable || error.kind == .auth || question.priority == .speculative
        guard isWorthIt, !Task.isCancelled else { throw error }
        // It may be minutes ago that it failed.
        let again = ask(.live, for: question.part, of: job, until: deadline)
        job.live.segments[index] = again
        _ = try await again.work.value.get()
      }
      if let part = job.live.segment(job.live.segments[index]) { parts.append(part) }
    }
    job.segments = parts.map { TimedText($0.text, start: $0.start, end: $0.end) }
    guard let transcript = stitch(parts) else { throw DictationError(.cancelled, "cancelled") }
    return transcript
  }

  /// When the text is of no use any more, however many segments are asked for again: each engine has had its time.
  private func deadline(of job: Dictation) -> UInt64 {
    let seconds = job.settings.engines.reduce(0) { $0 + $1.timeout + job.duration / 1000 }
    return monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000
  }

  /// Nobody waits for the text of `job` any more.
  func giveUpTranscription(of job: Dictation) {
    job.live.segments.forEach { $0.work.cancel() }
    job.live.guess?.work.cancel()
  }

  /// Makes the last segment of what has not been cut.
  private func complete(_ job: Dictation, _ recording: Recording) {
    let guess = job.live.guess
    if let tail = recording.tail ?? (guess?.hasFailed != false ? job.live.tail : nil) {
      guess?.work.cancel()
      if job.settings.speculates { job.guess = .missed }
      job.live.segments.append(ask(.live, for: tail, of: job))
    } else if let guess {
      job.live.segments.append(guess)
    }
    if job.guess == nil, job.settings.speculates, let last = job.live.segments.last {
      job.guess = last.answer == nil ? .late : .hit
    }
    (job.live.guess, job.live.tail) = (nil, nil)
  }

  /// Asks the engine for `part`, and notes its answer. `deadline`: when it is of no use any more, if not by the engines'
  /// timeouts.
  private func ask(
    _ priority: RequestPriority, for part: SpeechPart, of job: Dictation, until deadline: UInt64? = nil
  ) -> LiveText.Question {
    var request = TranscriptionRequest(samples: part.samples, language: job.settings.language)
    if [nil, "auto"].contains(request.language) { request.language = job.live.language ?? request.language }
    request.prompt = prompt(job.settings.prompt, after: job.live.stable)
    request.priority = priority
    request.deadline = deadline
    job.live.count += 1
    let number = job.live.count
    // A guess is worth no fail-over: the next engine may be one that costs money.
    let pool = priority == .speculative ? Array(job.settings.engines.prefix(1)) : job.settings.engines
    let work = Task { [engines, request] in
      let answer = await result { () throws(DictationError) in
        try await engines.transcribe(request, with: pool)
      }
      note(answer, to: number, of: job)
      return answer
    }
    return LiveText.Question(number: number, priority: priority, part: part, work: work)
  }

  private func note(_ answer: Result<Transcript, DictationError>, to number: Int, of job: Dictation) {
    job.live.note(answer, to: number)
    guard case .success = answer, job.word.now.state < .filtering else { return }
    if let partial = job.live.partial { hub.publish(.partial(partial), job: job.id) }
  }

  /// The recording in one piece: one that was made earlier, and one in which no segment was found.
  private func transcriptOfWhole(_ job: Dictation) async throws(DictationError) -> Transcript {
    var request = TranscriptionRequest(
      samples: audio(of: job), language: job.settings.language, prompt: job.settings.prompt)
    request.priority = job.claim == 0 ? .file : .live
    // They cost time, which nobody waits for.
    request.wantsWords = job.claim == 0
    return try await engines.transcribe(request, with: job.settings.engines)
  }
}

/// What the engine is told of the words to expect: the user's own, and the end of the text before.
func prompt(_ terms: String?, after text: String) -> String? {
  let context = text.suffix(contextLength).drop { !$0.isWhitespace }
  let parts = [terms, text.count > contextLength ? String(context) : text].compactMap(\.self).filter {
    !$0.isEmpty
  }
  return parts.isEmpty ? nil : parts.joined(separator: " ")
}

/// The characters of the text before that an engine gets for context.
private let contextLength = 200

/// The outcome of `body` as a value.
private func result<Value: Sendable>(
  _ body: () async throws(DictationError) -> Value
) async -> Result<Value, DictationError> {
  do throws(DictationError) { return .success(try await body()) } catch { return .failure(error) }
}
