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
      job.live.segments.append(adopt(guess, of: job))
    } else {
      job.live.guess?.work.cancel()
      job.live.segments.append(ask(.live, for: segment, of: job))
    }
    (job.live.guess, job.live.tail) = (nil, nil)
  }

  /// The transcript of a recording that is over.
  func transcript(of job: Dictation, _ recording: Recording) async throws(DictationError) -> Transcript {
    let deadline = deadline(of: job)
    let askedBefore = job.live.count
    complete(job, recording, until: deadline)
    guard !job.live.segments.isEmpty else { return tellInventions(of: try await transcriptOfWhole(job), job) }
    var parts: [SegmentTranscript] = []
    for index in job.live.segments.indices {
      let question = job.live.segments[index]
      if case .failure(let error) = await question.work.value {
        // It may be minutes ago that it failed.
        guard error.retryable || error.kind == .auth, question.number <= askedBefore, !Task.isCancelled else {
          throw error
        }
        guard monotonicNanoseconds() < deadline else { throw error }
        let again = ask(.live, for: question.part, of: job, until: deadline)
        job.live.segments[index] = again
        _ = try await again.work.value.get()
      }
      if let part = job.live.segment(job.live.segments[index]) { parts.append(part) }
    }
    job.segments = parts.map { TimedText($0.text, start: $0.start, end: $0.end) }
    guard let transcript = stitch(parts) else { throw DictationError(.cancelled, "cancelled") }
    return tellInventions(of: transcript, job)
  }

  /// Tells what was left out of `transcript`: once, and nothing of guesses that came to nothing.
  private func tellInventions(of transcript: Transcript, _ job: Dictation) -> Transcript {
    guard job.word.now.state == .transcribing else { return transcript }
    for notice in transcript.leftOut { hub.publish(.guarded(notice), job: job.id) }
    return transcript
  }

  /// When the text is of no use any more, however much is asked for again: each engine has had its time, and its own
  /// failure is told.
  private func deadline(of job: Dictation) -> UInt64 {
    let seconds = job.settings.engines.reduce(1) { $0 + $1.timeout + job.duration / 1000 }
    return monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000
  }

  /// Nobody waits for the text of `job` any more.
  func giveUpTranscription(of job: Dictation) {
    job.live.segments.forEach { $0.work.cancel() }
    job.live.guess?.work.cancel()
  }

  /// Makes the last segment of what has not been cut.
  private func complete(_ job: Dictation, _ recording: Recording, until deadline: UInt64) {
    let guess = job.live.guess
    if let tail = recording.tail ?? (guess?.hasFailed != false ? job.live.tail : nil) {
      guess?.work.cancel()
      if job.settings.speculates { job.guess = .missed }
      job.live.segments.append(ask(.live, for: tail, of: job, until: deadline))
    } else if let last = guess ?? job.live.segments.last, job.settings.speculates {
      job.guess = last.answer == nil ? .late : .hit
      if let guess { job.live.segments.append(adopt(guess, of: job, until: deadline)) }
    }
    (job.live.guess, job.live.tail) = (nil, nil)
  }

  /// Asks the engine for `part`, and notes its answer. `deadline`: when it is of no use any more, if not by the engines'
  /// timeouts.
  private func ask(
    _ priority: RequestPriority, for part: SpeechPart, of job: Dictation, until deadline: UInt64? = nil
  ) -> LiveText.Question {
    var request = TranscriptionRequest(
      samples: part.samples, language: job.settings.language)
    if [nil, "auto"].contains(request.language), let heard = job.live.language {
      (request.language, request.isLanguageHeard) = (heard, true)
    }
    request.prompt = prompt(job.settings.expected, after: job.live.stable)
    request.priority = priority
    request.deadline = deadline
    return question(request, part, of: job, answering: transcribe(request, part, job))
  }

  /// Takes a guess for what it was: a person waits for it now. If it is still on its way it is asked for once more with
  /// that urgency, and with all engines; the request manager makes one transfer of the two.
  private func adopt(
    _ guess: LiveText.Question, of job: Dictation, until deadline: UInt64? = nil
  ) -> LiveText.Question {
    guard guess.answer == nil else { return guess }
    var request = guess.request
    request.priority = .live
    request.deadline = deadline
    let live = transcribe(request, guess.part, job)
    return question(request, guess.part, of: job, answering: Task { await firstAnswer(guess.work, live) })
  }

  private func transcribe(
    _ request: TranscriptionRequest, _ part: SpeechPart, _ job: Dictation
  ) -> LiveText.Work {
    // A guess is worth no fail-over: the next engine may be one that costs money.
    let isGuess = request.priority == .speculative
    let pool = isGuess ? Array(job.settings.engines.prefix(1)) : job.settings.engines
    let hearing = Hearing(speech: part.speech, prompt: request.prompt, terms: job.settings.expected)
    return Task { [engines] in
      do throws(DictationError) {
        return .success(try await engines.transcribe(request, with: pool).heard(in: hearing))
      } catch {
        return .failure(error)
      }
    }
  }

  /// The question whose answer is that of `work`.
  private func question(
    _ request: TranscriptionRequest, _ part: SpeechPart, of job: Dictation, answering work: LiveText.Work
  ) -> LiveText.Question {
    job.live.count += 1
    let number = job.live.count
    let noting = Task {
      let answer = await withTaskCancellationHandler {
        await work.value
      } onCancel: {
        work.cancel()
      }
      note(answer, to: number, of: job)
      return answer
    }
    return LiveText.Question(number: number, request: request, part: part, work: noting)
  }

  private func note(_ answer: LiveText.Answer, to number: Int, of job: Dictation) {
    job.live.note(answer, to: number)
    guard case .success = answer, job.word.now.state < .filtering else { return }
    if let partial = job.live.partial { hub.publish(.partial(partial), job: job.id) }
  }

  private func requestForWhole(_ job: Dictation) -> TranscriptionRequest {
    var request = TranscriptionRequest(samples: audio(of: job), language: job.settings.language)
    request.prompt = request.duration > windowLength ? job.settings.prompt : job.settings.expected
    request.priority = job.claim == 0 ? .file : .live
    // They cost time, which nobody waits for.
    request.wantsWords = job.claim == 0
    return request
  }

  /// The recording in one piece: one that was made earlier, and one in which no segment was found.
  private func transcriptOfWhole(_ job: Dictation) async throws(DictationError) -> Transcript {
    let request = requestForWhole(job)
    // While the engine is at work.
    async let speech = PossibleSpeech(of: request.samples).spans()
    let transcript = try await engines.transcribe(request, with: job.settings.engines)
    return transcript.heard(
      in:
        Hearing(speech: await speech, prompt: request.prompt, terms: request.prompt))
  }
}

/// The first of two answers that is a text, else the failure of the second. The other one is cancelled.
private func firstAnswer(_ first: LiveText.Work, _ second: LiveText.Work) async -> LiveText.Answer {
  await withTaskCancellationHandler {
    await withTaskGroup(of: (isFirst: Bool, answer: LiveText.Answer).self) { group in
      group.addTask { (true, await first.value) }
      group.addTask { (false, await second.value) }
      var failure: LiveText.Answer?
      for await (isFirst, answer) in group {
        if case .success = answer {
          first.cancel()
          second.cancel()
          return answer
        }
        if !isFirst || failure == nil { failure = answer }
      }
      return failure ?? .failure(DictationError(.cancelled, "cancelled"))
    }
  } onCancel: {
    first.cancel()
    second.cancel()
  }
}
