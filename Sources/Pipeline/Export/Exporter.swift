import AudioExport
public import DictationTypes
import Glibc
public import Library
import Linux

/// Makes audio files of items of the library, one after the other, in the background. The library is only read.
public actor Exporter {
  private let library: Library
  private let hub: EventHub
  private let notes: ExportNotes
  /// The exports that have not ended, in the order in which they are made: the first one is being made.
  private var runs: [ExportRun] = []
  /// How the last ones ended, for those who ask a moment late.
  private var ended: [ExportRun] = []
  private var isEnding = false
  /// How those ended that earlier daemons have begun.
  private lazy var earlier = Task { [notes] in
    await onThread("export-notes") { notes.endings(last: Self.told) }
  }

  /// How many ends are told, and for how long, in milliseconds.
  private static let told = 10
  private static let day: UInt64 = 86_400_000

  /// An exporter of what is in `library` that keeps its notes in `folder`.
  public init(library: Library, hub: EventHub, folder: String) {
    self.library = library
    self.hub = hub
    notes = ExportNotes(folder: folder + "/exports")
  }

  /// Removes what earlier daemons have left, once, after the start.
  public func cleanUp() async {
    let notes = notes
    // Those that begin from here on are not among them.
    let left = await onThread("export-notes") { notes.ids() }
    let own = Set(runs.map(\.id))
    await onThread("export-notes") { notes.cleanUp(left.filter { !own.contains($0) }) }
  }

  /// The first phase: what the file consists of. Nothing is opened, and nothing is written.
  ///
  /// - Throws: `CommandFailure` when it cannot be.
  public nonisolated func plan(_ request: ExportRequest) async throws(CommandFailure) -> PlannedExport {
    var planner = ExportPlanner(library: library)
    return try await planner.plan(request)
  }

  /// The same clips as those of the earlier export whose id begins with `prefix`, into `path` or the same file.
  ///
  /// - Throws: `CommandFailure` 2 when it is not known.
  public nonisolated func request(again prefix: String, path: String?) throws(CommandFailure) -> ExportRequest
  {
    let note = try notes.find(prefix)
    var request = ExportRequest(.cues(note.cues), path: path ?? note.path)
    request.options = note.options
    return request
  }

  /// The second phase: makes the file when those before it are made, as the job whose id is returned. `isShown`: the
  /// folder is opened in the session of `client` when it is there.
  ///
  /// - Throws: `CommandFailure` 3 while the daemon ends.
  public func begin(
    _ planned: PlannedExport, shownTo client: ClientContext?
  ) throws(CommandFailure) -> JobID {
    guard !isEnding else { throw CommandFailure(.notNow, "the daemon is ending: try again in a moment") }
    // Also under another name, or as the captions of another file.
    if let other = runs.first(where: {
      !$0.isOver && !$0.planned.targets.isDisjoint(with: planned.targets)
    }) {
      throw CommandFailure(.notNow, "\(planned.path) is being made by \(other.id.short): name another file")
    }
    let run = ExportRun(newJobID(), planned, client, library: library, hub: hub, notes: notes)
    runs.append(run)
    run.announce()
    if runs.count == 1 { makeNext() }
    return run.id
  }

  /// Waits for the end of `job`; nil when it never was, or ended long ago.
  public func outcome(of job: JobID) async -> ExportOutcome? {
    if let run = ended.last(where: { $0.id == job }) { return run.outcome }
    guard let run = runs.first(where: { $0.id == job }) else { return nil }
    await withCheckedContinuation { run.waiters.append($0) }
    return run.outcome
  }

  /// Ends the export whose id begins with `prefix`, or the newest one; nil when there is none.
  ///
  /// - Throws: `CommandFailure` 2 when several ids begin so.
  public func cancel(prefix: String?) throws(CommandFailure) -> JobID? {
    // One whose end has been told is listed a moment longer.
    let open = runs.filter { !$0.isOver }
    let found = prefix.map { prefix in open.filter { $0.id.description.hasPrefix(prefix) } } ?? open.suffix(1)
    guard found.count < 2 else {
      throw CommandFailure(.usage, "several jobs begin with \(prefix ?? ""): give more of the id")
    }
    found.first.map(cancel)
    return found.first?.id
  }

  /// Ends them all; how many there were.
  public func cancelAll() -> Int {
    let all = runs
    all.forEach(cancel)
    return all.count
  }

  /// Ends them all, for the end of the daemon, and waits for that.
  public func shutDown() async {
    isEnding = true
    let all = runs
    all.forEach(cancel)
    for run in all { _ = await outcome(of: run.id) }
  }

  /// The exports that have not ended, as they were told last.
  public var running: [(job: JobID, notice: ExportNotice)] { runs.map { ($0.id, $0.notice) } }

  /// How those of the last day ended, the newest last; earlier daemons' too.
  public func endings() async -> [EndedExport] {
    let earlier = await earlier.value
    let own = Set((ended + runs).map(\.id))
    let oldest = unixMilliseconds() - Self.day
    return (earlier.filter { !own.contains($0.job) } + ended.compactMap(\.ended))
      .filter { $0.ending.at > oldest }.suffix(Self.told)
  }

  // MARK: -

  private func makeNext() {
    guard let run = runs.first else { return }
    Task {
      await run.make()
      finish(run)
      makeNext()
    }
  }

  private func cancel(_ run: ExportRun) {
    run.cancel()
    // One that has not begun is not waited for.
    if run !== runs.first {
      run.conclude(.failure(DictationError(.cancelled, "cancelled")), durably: false)
      finish(run)
    }
  }

  private func finish(_ run: ExportRun) {
    runs.removeAll { $0 === run }
    ended = ended.suffix(15) + [run]
    run.waiters.forEach { $0.resume() }
    run.waiters = []
  }
}

/// How an export ended.
public struct ExportOutcome: Sendable {
  /// What was told last: `done`, `failed` or `cancelled`.
  public let notice: ExportNotice
  /// Why there is no file; nil: there is one.
  public let error: DictationError?
  /// What whoever asked should know.
  public let warnings: [String]
}
