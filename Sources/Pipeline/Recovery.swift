import AudioCapture
import AudioSegmentation
import DictationTypes
public import Library
import Linux

/// Recordings that get a text later: what an earlier daemon left, and what is transcribed again on demand. They are
/// output nowhere by themselves, and hold up nobody.
extension Pipeline {
  /// Tells of a recording that an earlier daemon left; false when there is nothing in it.
  func name(_ leftover: Leftover) -> Bool {
    let (path, file) = (leftover.file.path, leftover.file)
    guard file.frames > 0 else {
      storage.spool.removeAudio(leftover.job)
      return false
    }
    // It is transcribed all the same.
    if !file.mend() { log("the header of \(path) cannot be mended: \(systemError())") }
    let seconds = AudioFormat.speech.milliseconds(frames: file.frames) / 1000
    let message =
      "a recording of \(seconds) s that was interrupted was found: `thoth history show \(leftover.job.short)` "
      + "has its text as soon as it is transcribed"
    hub.publish(.audio(AudioNotice(.recovered, message: message, path: path)), job: leftover.job)
    log(message)
    recovered.append(leftover.job)
    return true
  }

  /// Brings a recording that an earlier daemon left into the library, with its text.
  func recover(_ leftover: Leftover) async {
    if var item = leftover.item, item.result != nil {
      // It was being output: nobody knows how far that got, and it is not output twice.
      (item.state, item.isRecovered) = (.completed, true)
      _ = await storage.keep(item, durably: true)
      return await storage.archive(item.id, wav: leftover.file.mend() ? nil : leftover.file.wav())
    }
    var options = RecordOptions()
    options.method = OutputMethod.none
    guard let settings = try? settings(options, ClientContext(environment: [:])) else { return }
    guard let wav = leftover.file.wav() else {
      return log(
        "\(leftover.file.path) cannot be read: \(systemError()). It is kept; the next start tries again")
    }
    let job = later(leftover.job, wav: wav, settings)
    job.spoolLock = leftover.file
    job.isRecovered = true
    // From now on `thoth history` shows it.
    if let item = job.item { _ = await storage.keep(item, durably: true) }
    await run(job)
  }

  /// Transcribes an item's audio again, as `options` say; its text is replaced when there is a new one.
  ///
  /// - Throws: `CommandFailure`: 3 when it is at work already, 5 and others when it failed.
  public func redo(
    _ item: Item, _ options: RecordOptions, _ client: ClientContext
  ) async throws(CommandFailure) -> Outcome {
    guard !jobs.contains(where: { $0.id == item.id }) else {
      throw CommandFailure(
        .notNow, "\(item.id.short) is being transcribed: `thoth status` tells how far it is")
    }
    var options = options
    options.method = OutputMethod.none
    let settings = try settings(options, client)
    var wav: [UInt8] = []
    do throws(DictationError) { wav = try await storage.wav(of: item) } catch { throw CommandFailure(error) }
    let job = later(item.id, wav: wav, settings)
    job.previous = item
    job.isRecovered = item.isRecovered
    await run(job)
    return job.outcome
  }

  private func later(_ id: JobID, wav: [UInt8], _ settings: JobSettings) -> Dictation {
    let job = Dictation(
      id: id, claim: 0, path: storage.spool.audioPath(id), settings: settings,
      client: ClientContext(environment: [:]), method: .none)
    job.recording = Recording(
      wav: wav, frames: WAVHeader.frames(bytes: wav.count), hasSpeech: true, end: .stopped)
    job.isSpooled = true
    return job
  }

  private func run(_ job: Dictation) async {
    list(job)
    await engines.begin(job.settings.engine)
    let work = Task { await process(job) }
    job.work = work
    await work.value
    _ = await outcome(of: job.id)
  }
}
