import AudioCapture
import AudioFiles
import AudioSegmentation
import DictationTypes
public import Library
import Linux

/// Recordings that get a text later: what an earlier daemon left, and what is transcribed again on demand. They are
/// output nowhere by themselves, and hold up nobody.
extension Pipeline {
  /// Tells of a recording that an earlier daemon left; false when there is nothing in it.
  func name(_ leftover: Leftover, _ file: OrphanFile) -> Bool {
    let path = file.path
    guard file.frames > 0 else {
      storage.spool.removeAudio(leftover.job)
      return false
    }
    // It is transcribed all the same.
    if !file.mend() { log("the header of \(path) cannot be mended: \(systemError())") }
    tell(leftover.job, frames: file.frames, path: path)
    return true
  }

  /// Tells of a recording of `frames` frames that an earlier daemon left at `path`.
  func tell(_ job: JobID, frames: Int, path: String) {
    let seconds = AudioFormat.speech.milliseconds(frames: frames) / 1000
    let message =
      "a recording of \(seconds) s that was interrupted was found: `thoth history show \(job.short)` "
      + "has its text as soon as it is transcribed"
    let notice = AudioNotice(.recovered, message: message, path: path)
    hub.publish(.audio(notice), job: job)
    log(message)
    recoveries.append((job, notice))
  }

  /// Names what an earlier daemon left, and stores it as waiting: from now on `thoth history` shows it.
  ///
  /// - Returns: what is to be recovered.
  func takeUp() async -> [Leftover] {
    var left: [Leftover] = []
    var refusal: DictationError?
    for leftover in await storage.leftovers() {
      if let file = leftover.file {
        guard name(leftover, file) else { continue }
      } else if let item = leftover.item, let audio = item.audio,
        let path = storage.library.audioPath(of: item)
      {
        tell(item.id, frames: audio.frames, path: path)
      }
      left.append(leftover)
      var item =
        leftover.item ?? Item(id: leftover.job, createdAt: leftover.job.unixMilliseconds, state: .idle)
      // The start does not wait for a library that refuses, again and again.
      guard item.result == nil, refusal == nil else { continue }
      (item.state, item.isRecovered) = (.idle, true)
      refusal = await storage.keep(item, durably: false)
    }
    return left
  }

  /// Brings a recording that an earlier daemon left into the library, with its text.
  func recover(_ leftover: Leftover) async {
    // The user may have had it transcribed, or removed it, before its turn came.
    let stored = (try? await storage.items(idPrefix: leftover.job.description))?.first
    if let stored, stored.state.isTerminal || stored.deletedAt != nil { return }
    if let item = leftover.item, item.result != nil { return await close(item, leftover.file) }
    var options = RecordOptions()
    options.method = OutputMethod.none
    guard var settings = try? settings(options, ClientContext(environment: [:])),
      let wav = await audio(of: leftover), !isOnItsWay(leftover.job)
    else { return }
    if let item = leftover.item, item.isRecovered, item.state == .transcribing {
      // A daemon has died of it before: if that was for what becomes of the text, it is to be had as the engine wrote it.
      (settings.filter, settings.choice) = (.off, .never)
    }
    let job = later(leftover.job, wav: wav, settings)
    job.spoolLock = leftover.file
    job.isRecovered = true
    job.device = leftover.item?.device
    job.isArchived = leftover.file == nil
    list(job)
    await run(job)
  }

  /// Ends an item whose text was being output when the daemon ended: nobody knows how far that got, and it is not
  /// output twice.
  private func close(_ item: Item, _ file: OrphanFile?) async {
    var item = item
    (item.state, item.isRecovered) = (.completed, true)
    item.error = DictationError(
      .output,
      "thoth ended while it was being output, so it may not have arrived: `thoth history show \(item.id.short)` "
        + "prints it")
    _ = await storage.keep(item, durably: true)
    await storage.archive(item.id, wav: file.flatMap { $0.mend() ? nil : $0.wav() })
  }

  private func audio(of leftover: Leftover) async -> [UInt8]? {
    guard let file = leftover.file else {
      guard let item = leftover.item else { return nil }
      return try? await storage.wav(of: item)
    }
    let wav = await storage.wav(in: file)
    if wav == nil {
      log("\(file.path) cannot be read: \(systemError()). It is kept; the next start tries again")
    }
    return wav
  }

  /// Transcribes an item's audio again, as `options` say; its text is replaced when there is a new one.
  ///
  /// - Throws: `CommandFailure`: 3 when it is at work already, 5 and others when it failed.
  public func redo(
    _ item: Item, _ options: RecordOptions, _ client: ClientContext
  ) async throws(CommandFailure) -> Outcome {
    if isOnItsWay(item.id) { throw .onItsWay(item.id) }
    var options = options
    options.method = OutputMethod.none
    let settings = try settings(options, client)
    var wav: [UInt8] = []
    do throws(DictationError) { wav = try await storage.wav(of: item) } catch { throw CommandFailure(error) }
    // Another one may have been faster.
    if isOnItsWay(item.id) { throw .onItsWay(item.id) }
    let job = later(item.id, wav: wav, settings)
    job.previous = item
    job.isRecovered = item.isRecovered
    job.isArchived = item.audio != nil
    list(job)
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
    job.begunEngines = job.settings.engines
    await engines.begin(job.settings.engines)
    if job.previous == nil, var item = job.item, !item.state.isTerminal {
      item.state = .transcribing
      _ = await storage.keep(item, durably: true)
    }
    let work = Task { await process(job) }
    job.work = work
    await work.value
    _ = await outcome(of: job.id)
  }
}
