import AudioExport
import DictationTypes
import Glibc
import Library
import Linux

/// One export, from its beginning to its end. It is made on a thread of its own, and ended from any.
final class ExportRun: Sendable {
  let id: JobID
  let planned: PlannedExport
  private let client: ClientContext?
  private let library: Library
  private let hub: EventHub
  private let notes: ExportNotes
  private let note: ExportNote
  private let state: Lock<State>

  private struct State {
    var notice: ExportNotice
    var error: DictationError?
    var ending: ExportEnding?
    var warnings: [String]
    var process: ExportProcess?
    var isCancelled = false
    var waiters: [CheckedContinuation<Void, Never>] = []
    /// When it began to be made, and when it was told of last.
    var start: UInt64 = 0
    var told: UInt64 = 0
  }

  /// At most ten events a second.
  private static let interval: UInt64 = 100_000_000

  init(
    _ id: JobID, _ planned: PlannedExport, _ client: ClientContext?, library: Library, hub: EventHub,
    notes: ExportNotes
  ) {
    (self.id, self.planned, self.client) = (id, planned, client)
    (self.library, self.hub, self.notes) = (library, hub, notes)
    note = ExportNote(
      id: id, cues: planned.cues, options: planned.options, path: planned.path,
      hidden: planned.targets.map { ExportNotes.hidden(for: $0, id) }.sorted())
    let notice = ExportNotice(
      .started, .plan, progress: 0, message: "\(planned.plan.clips.count) clips", path: planned.path,
      durationMs: planned.durationMs)
    state = Lock(State(notice: notice, warnings: planned.notes))
  }

  // MARK: - For the exporter

  /// What was told last.
  var notice: ExportNotice { state.withLock { $0.notice } }

  /// How it ended.
  var outcome: ExportOutcome {
    state.withLock { ExportOutcome(notice: $0.notice, error: $0.error, warnings: $0.warnings) }
  }

  /// Who waits for its end.
  var waiters: [CheckedContinuation<Void, Never>] {
    get { state.withLock { $0.waiters } }
    set { state.withLock { $0.waiters = newValue } }
  }

  /// How it ended, for those who ask later; nil: it has not.
  var ended: EndedExport? {
    state.withLock { $0.ending }.map { EndedExport(job: id, path: planned.path, ending: $0) }
  }

  /// Tells that there is such an export. If the daemon is killed while it waits, the next one knows of it.
  func announce() {
    notes.keep(note, durably: false)
    hub.publish(.export(notice), job: id)
  }

  /// Ends it now.
  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      state.process?.kill()
    }
  }

  /// Makes the file, and tells how it went.
  func make() async {
    let end: Result<Int, DictationError>
    do throws(DictationError) {
      // Before: what becomes of the items meanwhile is not of this export.
      let captions = try await captions()
      end = .success(
        try await onThread("export") { [self] () throws(DictationError) in
          let size = try render()
          try write(captions)
          return size
        })
    } catch {
      end = .failure(error)
    }
    await onThread("export") { [self] in
      conclude(end)
      notes.prune()
    }
    if case .success = end { show() }
  }

  /// Whether its end has been told.
  var isOver: Bool { state.withLock { $0.ending != nil } }

  /// Notes the end, `durably` so that it outlasts the end of the machine, and tells it: the size of the file, or why there
  /// is none.
  func conclude(_ result: Result<Int, DictationError>, durably: Bool = true) {
    let ending =
      switch result {
      case .success: ExportEnding(.done, at: unixMilliseconds())
      case .failure(let error) where error.kind == .cancelled:
        ExportEnding(.cancelled, at: unixMilliseconds())
      case .failure(let error): ExportEnding(.failed, message: error.message, at: unixMilliseconds())
      }
    var note = note
    note.ending = ending
    notes.keep(note, durably: durably)
    state.withLock { state in
      state.ending = ending
      switch result {
      case .success(let bytes):
        (state.notice.what, state.notice.progress, state.notice.bytes) = (.done, 1, bytes)
        state.notice.message = "\(planned.path) is complete"
      case .failure(let error):
        state.error = error
        state.notice.what = error.kind == .cancelled ? .cancelled : .failed
        state.notice.message = error.message
      }
      // In the order of the events before.
      hub.publish(.export(state.notice), job: id)
    }
  }

  // MARK: - On its own thread

  /// The file's size.
  private func render() throws(DictationError) -> Int {
    var job = ExportJob(
      planned.plan, type: planned.type, path: planned.target,
      temporary: ExportNotes.hidden(for: planned.target, id))
    job.bitrate = planned.options.bitrate
    job.normalizes = planned.options.normalizes
    job.skipsDamaged = planned.options.skipsMissing
    job.replaces = planned.replaces
    job.mode = planned.options.mode
    job.tags = [
      "title": planned.options.title ?? fileTitle, "date": String(timestamp(unixMilliseconds()).prefix(10)),
    ]
    notes.keep(note)
    // The helper removes it, unless it was killed.
    defer { unlink(job.temporary) }
    let process = try ExportProcess()
    let isCancelled = state.withLock { state in
      state.process = process
      state.start = monotonicNanoseconds()
      return state.isCancelled
    }
    if isCancelled { process.kill() }
    defer { state.withLock { $0.process = nil } }
    try process.run(job) { heed($0) }
    return fileSize(planned.target) ?? 0
  }

  private func heed(_ report: ExportReport) {
    state.withLock { state in
      if let warning = report.warning { state.warnings.append(warning) }
      guard let phase = report.phase, let frames = report.frames else { return }
      let share = Double(frames) / Double(max(1, planned.plan.frames))
      let measuring = planned.options.normalizes ? planned.type.measuringShare : 0
      state.notice.what = .progress
      state.notice.phase = phase == .measure ? .measure : .encode
      state.notice.progress = max(
        state.notice.progress,
        min(1, phase == .measure ? measuring * share : measuring + (1 - measuring) * share))
      let now = monotonicNanoseconds()
      let made = Double(frames) / Double(planned.plan.format.sampleRate)
      let elapsed = Double(now - state.start) / 1e9
      if phase == .encode, elapsed > 0 { state.notice.speed = (made / elapsed * 10).rounded() / 10 }
      state.notice.message = phase == .measure ? "measuring the loudness" : "encoding"
      guard now - state.told >= Self.interval else { return }
      state.told = now
      hub.publish(.export(state.notice), job: id)
    }
  }

  private var fileTitle: String {
    let name = lastComponent(planned.path)
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }

  // MARK: - Beside the file

  /// The bytes of the captions; nil: none are wanted.
  private func captions() async throws(DictationError) -> [UInt8]? {
    guard let kind = planned.options.captions else { return nil }
    let items = try await library.items(Set(planned.plan.clips.compactMap { JobID($0.item) }))
    let plan = planned.plan
    return await onThread("export") { ExportCaptions(plan, items).file(kind) }
  }

  private func write(_ captions: [UInt8]?) throws(DictationError) {
    guard let path = planned.captionsTarget, let captions else { return }
    let temporary = ExportNotes.hidden(for: path, id)
    // By the name that is noted: whatever ends the daemon, the next one removes it.
    let isWritten =
      makeFile(temporary, mode: planned.options.mode) { writeAll($0, captions) }
      && moveFile(temporary, to: path, replaces: planned.replaces)
    let code = errno
    unlink(temporary)
    guard isWritten else {
      throw DictationError(
        .storage, "\(planned.path) is complete, but its captions cannot be written: \(systemError(code))")
    }
  }

  /// Shows the folder of the file, where there is something to show it with.
  private func show() {
    guard let client else { return }
    var variables = currentEnvironment()
    for name in OutputCommand.sessionVariables { variables[name] = client.environment[name] }
    let folder = String(planned.path[..<(planned.path.lastIndex(of: "/") ?? planned.path.startIndex)]) + "/"
    WorkerThread(name: "export-show") {
      let process = startProcess(
        "/usr/bin/env", ["xdg-open", folder], environment: variables, newSession: true)
      let code = process.map(waitForProcess) ?? 127
      if code != 0 { log("xdg-open \(folder) ended with \(code)") }
    }.detach()
  }
}

extension AudioFileType {
  /// How much of the work it is to measure the loudness, where that is done: half an hour of speech took 0.7 s, and to make
  /// the file of it then 0.9, 1.5, 14 and 24 s.
  fileprivate var measuringShare: Double {
    switch self {
    case .wav: 0.44
    case .flac: 0.32
    case .m4a: 0.05
    case .opus: 0.03
    }
  }
}
