import AudioCapture
import AudioFiles
import AudioPlayback
import AudioProcessing
import AudioSegmentation
import Configuration
import DictationTypes
import Glibc
import Library
import Linux
import SpeechRecognition
import TextFilter
import TextOutput
import Words

/// The way of one job through the stages. The table says what is next; here it is done.
extension Pipeline {
  func startRecorder(_ job: Dictation) {
    job.recorder = takeRecorder(for: job)
  }

  func handle(_ event: RecorderEvent, of job: Dictation) {
    switch event {
    case .live: break
    case .started(let milliseconds, let device):
      job.timings.open = milliseconds
      job.device = device
      if job.settings.hasCues { cues.play(.start) }
      _ = apply(.frameArrived, to: job, expected: nil)
      job.startWaiters.forEach { $0.resume() }
      job.startWaiters = []
    case .level(let level): hub.publish(.level(level), job: job.id)
    case .paused(let tail): paused(tail, of: job)
    case .cut(let segment): cut(segment, of: job)
    case .overrun(let losses): hub.publish(.audio(AudioNotice(losses)), job: job.id)
    case .notice(let notice): handle(notice, of: job)
    case .speech(let change): hub.publish(.audio(AudioNotice(change)), job: job.id)
    case .silent(let milliseconds):
      hub.publish(.audio(AudioNotice(silentFor: milliseconds)), job: job.id)
      stop(ifRecording: job.id, job.client)
    case .storageFailed(let error): refused(job, error)
    case .storageMended: job.storageError = nil
    case .recorded(let recording):
      job.recording = recording
      if let stop = job.stopTime {
        job.timings.stopToLastFrame = milliseconds(from: stop, to: recording.endTime)
      }
      // Not before the last frame has arrived: then it cannot be in the recording.
      if job.settings.hasCues, job.device != nil { cues.play(.stop) }
      beginStop(job)
      job.work = Task { await process(job) }
    case .closed:
      freeSlot(job)
      refreshStandby()
    }
  }

  /// The state follows the frames: while none come, it does not say that it records.
  private func handle(_ notice: AudioNotice, of job: Dictation) {
    hub.publish(.audio(notice), job: job.id)
    switch notice.what {
    case .deviceLost, .stalled: _ = apply(.framesStopped, to: job, expected: nil)
    case .fallback, .resumed:
      job.device = notice.device ?? job.device
      if job.word.now.state == .stalled { _ = apply(.frameArrived, to: job, expected: nil) }
      if job.word.now.state == .idle { job.warning = notice.message }
    default: break
    }
  }

  /// Takes a job that has been recorded to its end, stage by stage.
  func process(_ job: Dictation) async {
    guard let recording = job.recording, !job.word.now.state.isTerminal else { return }
    if job.stopTime == nil {
      // It ended by itself.
      job.stopTime = monotonicNanoseconds()
      noteTarget(of: job)
    }
    if case .openFailed(let error) = recording.end { return fail(job, error, expected: nil) }
    if let error = recording.end.error { hub.publish(.error(error), job: job.id) }
    if !recording.hasSound { noteSilence(of: job) }
    var input = recording.hasSpeech ? JobInput.recorded : .noSpeech
    var generation = job.word.now.generation
    // A job that was cancelled meanwhile has another generation, and what comes late changes nothing.
    while let step = apply(input, to: job, expected: generation), step.action != .finish {
      generation = step.to.generation
      input = await perform(step.action, job)
    }
  }

  /// Nobody can have spoken: the microphone gave nothing at all.
  private func noteSilence(of job: Dictation) {
    let device = job.device ?? job.settings.device
    let message =
      "The microphone \(device) gave only digital silence: unmute it, or choose another one with --device "
      + "(`thoth devices` lists them)."
    job.error = DictationError(.device, message)
    hub.publish(.audio(AudioNotice(.silent, message: message, device: device)), job: job.id)
  }

  private func perform(_ action: JobAction, _ job: Dictation) async -> JobInput {
    do throws(DictationError) {
      switch action {
      case .transcribe: return try await transcribe(job)
      case .filter: return filterText(of: job)
      case .enhance: return await enhance(job)
      case .none, .finish: return .enhanced
      case .output: return try await output(job)
      }
    } catch {
      if !Task.isCancelled { job.error = error }
      return .failed
    }
  }

  // MARK: - Stages

  private func transcribe(_ job: Dictation) async throws(DictationError) -> JobInput {
    let start = monotonicNanoseconds()
    guard let recording = job.recording else { return .failed }
    job.transcript = try await transcript(of: job, recording)
    job.timings.transcribe = milliseconds(since: start)
    return .transcribed
  }

  /// The recording as the engine gets it: without the cue that a loudspeaker may have played into it.
  func audio(of job: Dictation) -> [Int16] {
    var samples = (job.recording?.wav ?? []).withUnsafeBytes { bytes in
      Array(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(WAVHeader.size)).bindMemory(to: Int16.self))
    }
    if let filter = job.settings.cueFilter {
      samples.withUnsafeMutableBufferPointer { filter.removeCues(from: $0) }
    }
    return samples
  }

  private func filterText(of job: Dictation) -> JobInput {
    let start = monotonicNanoseconds()
    let heard = job.transcript
    var text = applyRules(onOneLine(heard?.text ?? ""), job.settings.filter, language: heard?.language)
    if job.settings.filter.dictionary { text = words.compiled.apply(text).text }
    job.timings.filter = milliseconds(since: start)
    job.timings.stopToText = milliseconds(since: job.stopTime ?? start)
    guard !text.isEmpty else {
      // Somebody spoke, as far as the detector knows: the audio may be all there is of it.
      job.error = DictationError(.server, "the engine heard no words in it")
      return .noSpeech
    }
    job.text = text
    return .filtered
  }

  private func output(_ job: Dictation) async throws(DictationError) -> JobInput {
    await waitForTurn(job)
    // What was recovered, or is done again, was said earlier.
    if job.claim != 0, let item = job.item { newest = item }
    guard job.word.now.state == .outputting, let text = job.text else { return .failed }
    // Stored before it is output: whatever happens now, the text is there.
    if let item = job.item, let error = await storage.keepSoon(item) { refused(job, error) }
    guard job.word.now.state == .outputting else { return .failed }
    let start = monotonicNanoseconds()
    defer {
      job.timings.output = milliseconds(since: start)
      job.timings.stopToOutput = milliseconds(since: job.stopTime ?? start)
      // After a cancellation there is nothing to tell any more.
      if job.word.now.state == .outputting, let result = job.result {
        hub.publish(.result(result), job: job.id)
      }
    }
    let target = await job.target?.value
    do throws(DictationError) {
      switch try await put(
        text, job.method, job.client, job.settings.output, target: target, job: job.id)
      {
      case .inserted(let report):
        job.report = report
        if report.submitted == false { tellUnsubmitted(job) }
      case .held(let reason): throw hold(job, reason)
      }
      return .delivered
    } catch {
      guard job.word.now.state == .outputting, !job.isHeld else { throw error }
      throw await fallBack(job, text, error)
    }
  }

  /// Puts `text` where `method` says.
  func put(
    _ text: String, _ method: OutputMethod, _ client: ClientContext, _ output: OutputSettings,
    target: OutputTarget?, job: JobID?
  ) async throws(DictationError) -> InsertionOutcome {
    let method = method.inSession(of: client, hasCommand: output.command != nil)
    if method == .stdout || method == .none {
      return .inserted(OutputReport(method: method, chars: text.unicodeScalars.count))
    }
    if method == .command {
      guard let command = output.command else { throw DictationError(.output, OutputCommand.missing) }
      return .inserted(try await command.put(text, for: client))
    }
    guard let display = client.display else {
      throw DictationError(
        .output,
        client.isWayland
          ? "there is no X display in this Wayland session: `thoth doctor` tells what takes the text instead"
          : "there is no X display (DISPLAY is not set): run thoth in the desktop session, "
            + "or use --output stdout")
    }
    if method == .clipboard { return .inserted(try await sink.setClipboard(text, on: display)) }
    var insertion = output.insertion(of: text, method, origin: target)
    insertion.job = job
    return try await sink.insert(insertion, on: display)
  }

  private func tellUnsubmitted(_ job: Dictation) {
    let message = "The text is in the window, but Return could not be pressed behind it"
    hub.publish(.error(DictationError(.output, message)), job: job.id)
  }

  /// No window may have the text, which stays where it is: not on the clipboard either, of which a password prompt and
  /// a lock screen are no place to leave traces.
  private func hold(_ job: Dictation, _ reason: String) -> DictationError {
    job.isHeld = true
    let message =
      "\(ended(reason.prefix(1).uppercased() + reason.dropFirst())) The text is kept: `thoth last --type` inserts it"
    hub.publish(.output(OutputNotice(.held, message: message)), job: job.id)
    return DictationError(.output, message)
  }

  /// The text could not be output: it goes to the clipboard, if there is one, and the failure says where it is.
  private func fallBack(_ job: Dictation, _ text: String, _ error: DictationError) async -> DictationError {
    var place = "`thoth last` prints it"
    if job.method != .clipboard, let display = job.client.display,
      (try? await sink.setClipboard(text, on: display)) != nil
    {
      place = "it is on the clipboard, and \(place)"
    }
    let message = "\(ended(error.message)) The text is kept: \(place)"
    hub.publish(.output(OutputNotice(.fallback, message: message)), job: job.id)
    return DictationError(.output, message)
  }

  /// The disk does not take what belongs to `job`, which goes on.
  private func refused(_ job: Dictation, _ error: DictationError) {
    job.storageError = error
    hub.publish(.error(error), job: job.id)
  }

  // MARK: - Ends

  /// Applies `input` to the job's word, tells it, and concludes a job that has ended. Nil when it is too late.
  func apply(_ input: JobInput, to job: Dictation, expected: UInt64?) -> StateWord.Step? {
    // A job that is not listed any more was left to the next daemon.
    guard isListed(job), let step = job.word.apply(input, expected: expected) else { return nil }
    if step.to.state == .failed, let error = job.error { hub.publish(.error(kept(error, job)), job: job.id) }
    let device = step.to.state == .recording ? job.device : nil
    hub.publish(
      .state(StateChange(state: step.to.state, from: step.from.state, device: device)), job: job.id)
    if step.to.state.isTerminal { conclude(job) }
    return step
  }

  func fail(_ job: Dictation, _ error: DictationError, expected: UInt64?) {
    job.error = error
    _ = apply(.failed, to: job, expected: expected)
  }

  private func conclude(_ job: Dictation) {
    if let error = job.error { job.error = kept(error, job) }
    giveUpTranscription(of: job)
    unlist(job)
    track(Task { await store(job) })
  }

  /// Stores a job that has ended, then tells whoever waits for it.
  private func store(_ job: Dictation) async {
    if let item = job.item {
      if newest?.id == item.id { newest = item }
      if let error = await storage.keepSoon(item) {
        refused(job, error)
        log(error.message)
      }
    }
    tellOutcome(job)
    countTerms(of: job)
    if let begun = job.begunEngines { await engines.finish(begun) }
    job.isConcluded = true
    await archive(job)
  }

  /// Counts the terms that were said, when nobody waits any more.
  private func countTerms(of job: Dictation) {
    guard job.word.now.state == .completed, job.settings.filter.dictionary, let text = job.text else {
      return
    }
    let words = words
    track(
      Task {
        let now = Int64(unixMilliseconds() / 1000)
        if let problem = await onThread("terms", { words.count(text, at: now) }) { log(problem) }
      })
  }

  /// The microphone is closed, and the spool file is complete.
  func recorderEnded(_ job: Dictation) async {
    job.isSpooled = true
    await archive(job)
  }

  /// Moves the audio of a job that has ended into the library, or removes it when there is nothing to keep.
  private func archive(_ job: Dictation) async {
    guard job.isConcluded, job.isSpooled else { return }
    guard let item = job.item, job.recording?.frames ?? 0 > 0 else {
      // What could not be done again is still there.
      if job.previous == nil { await storage.removeAudio(job.id) }
      return
    }
    if let error = await storage.keep(item, durably: true) {
      log(error.message)
    } else if item.isExpendable && job.settings.keepAudio == 0 {
      await storage.removeAudio(job.id)
      if job.isArchived { await maintain() }
    } else if item.state.isTerminal && !job.isArchived {
      await storage.archive(job.id, wav: job.recording?.wav)
    }
    await storage.library.checkpoint()
  }

  /// The failure with the way to the audio, unless the text is there or nothing was recorded.
  private func kept(_ error: DictationError, _ job: Dictation) -> DictationError {
    guard job.text == nil, job.recording?.hasSpeech == true, !error.message.contains("history redo") else {
      return error
    }
    let hint = "The recording is kept: `thoth history redo \(job.id.short)` tries again"
    return DictationError(error.kind, "\(ended(error.message)) \(hint)", retryable: error.retryable)
  }

  private func milliseconds(since start: UInt64) -> Double {
    milliseconds(from: start, to: monotonicNanoseconds())
  }

  private func milliseconds(from start: UInt64, to end: UInt64) -> Double {
    (Double(end > start ? end - start : 0) / 1e4).rounded() / 100
  }
}

/// `sentence` with a full stop, unless it ends already.
private func ended(_ sentence: String) -> String {
  sentence.last.map { ".?!".contains($0) } == true ? sentence : sentence + "."
}
