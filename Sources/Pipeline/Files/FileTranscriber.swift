import Configuration
public import DictationTypes
import Linux
import SpeechRecognition
import Words

/// Puts the text of the file of this number, from 0, where it is to be.
public typealias TextWriter = @Sendable (Int, FileTranscript) async throws(DictationError) -> Void

/// Transcribes files, some at a time, as long as nobody dictates.
public actor FileTranscriber {
  let pipeline: Pipeline
  private let journals: String
  private let scratchFolder: String
  /// The runs that have not ended.
  private var runs: [JobID: Run] = [:]
  private var lastNumber = 0
  private var isEnding = false

  /// A transcriber that keeps what can be continued in `folder`.
  public init(pipeline: Pipeline, folder: String) {
    self.pipeline = pipeline
    journals = folder + "/transcribe"
    scratchFolder = folder
  }

  /// Transcribes the files of `request` as run `id`, and tells `tell` how far it is, from whatever thread.
  ///
  /// A file that cannot be transcribed is told, and the rest goes on. When the engine fails the rest would too: the run
  /// ends, and what there is can be continued.
  ///
  /// - Parameter write: puts the text of the file of this number, from 0, where it is to be. A file whose text is refused
  ///   has failed, and can be continued.
  /// - Returns: why it ended before its end; nil when it came to it.
  /// - Throws: `CommandFailure` 6 when the settings do not allow it, 3 while the daemon ends, or when run `id` is not over.
  public func run(
    _ id: JobID, _ request: FileRequest, _ client: ClientContext, write: @escaping TextWriter,
    tell: @escaping @Sendable (FileProgress) -> Void
  ) async throws(CommandFailure) -> DictationError? {
    guard !isEnding else { throw CommandFailure(.notNow, "the daemon is ending: try again in a moment") }
    let settings = try await pipeline.settings(request.options, client)
    let work = FileRun(
      request: request, settings: settings, pipeline: pipeline, journals: journals,
      scratchFolder: scratchFolder, write: write, tell: tell)
    // No one begins between the question and the answer.
    if runs[id] != nil { throw .onItsWay(id) }
    lastNumber += 1
    let task = Task { await work.run() }
    runs[id] = Run(number: lastNumber, files: request.sources.count, work: task)
    defer { runs[id] = nil }
    return await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// For each file of `request`, whether an earlier run has begun it.
  ///
  /// - Throws: `CommandFailure` 6 when the settings do not allow it.
  public func begun(_ request: FileRequest, _ client: ClientContext) async throws(CommandFailure) -> [Bool] {
    let settings = try await pipeline.settings(request.options, client)
    let run = FileRun(
      request: request, settings: settings, pipeline: pipeline, journals: journals,
      scratchFolder: scratchFolder, write: { _, _ in }, tell: { _ in })
    return request.sources.map { run.journal(of: $0)?.exists == true }
  }

  /// Ends the run whose id begins with `prefix`, or the newest one; nil when there is none.
  ///
  /// - Throws: `CommandFailure` 2 when several ids begin so.
  public func cancel(prefix: String?) throws(CommandFailure) -> JobID? {
    let found =
      prefix.map { prefix in runs.keys.filter { $0.description.hasPrefix(prefix) } } ?? runs.max {
        $0.value.number < $1.value.number
      }.map { [$0.key] }
      ?? []
    guard found.count < 2 else {
      throw CommandFailure(.usage, "several jobs begin with \(prefix ?? ""): give more of the id")
    }
    found.first.flatMap { runs[$0] }?.work.cancel()
    return found.first
  }

  /// Ends all runs.
  public func cancelAll() { for run in runs.values { run.work.cancel() } }

  /// Ends all runs, for the end of the daemon: they can be continued.
  public func shutDown() async {
    isEnding = true
    cancelAll()
    for run in runs.values { _ = await run.work.value }
  }

  /// The runs that have not ended, and over how many files they are.
  public var running: [(job: JobID, files: Int)] {
    runs.map { ($0.key, $0.value.files) }.sorted { $0.job < $1.job }
  }
}

/// A run that has not ended.
private struct Run {
  /// How many were begun before it, and itself.
  var number: Int
  var files: Int
  var work: Task<DictationError?, Never>
}

/// One run: its files, and what they share.
private struct FileRun: Sendable {
  let request: FileRequest
  let settings: JobSettings
  let pipeline: Pipeline
  let journals: String
  let scratchFolder: String
  let write: TextWriter
  let tell: @Sendable (FileProgress) -> Void

  func run() async -> DictationError? {
    tell(.began)
    guard !request.sources.isEmpty else { return nil }
    TranscriptionJournal.removeOld(in: journals)
    await pipeline.engines.begin(settings.engines)
    let jobs = request.jobs ?? settings.engines[0].usualJobs
    let asker = SegmentAsker(
      engines: pipeline.engines, watch: pipeline.watch, settings: settings, permits: Permits(jobs),
      jobs: jobs,
      wantsWords: request.wantsWords)
    let ending = await withTaskGroup(of: Ending.self) { group in
      var worst = Ending.done
      for number in request.sources.indices {
        if number >= jobs, let ended = await group.next() { worst = max(worst, ended) }
        if worst.isStopped || Task.isCancelled { break }
        group.addTask { await work(number, asker) }
      }
      while let ended = await group.next() {
        worst = max(worst, ended)
        if worst.isStopped { group.cancelAll() }
      }
      return worst
    }
    await pipeline.engines.finish(settings.engines)
    if case .stopped(let error) = ending { return error }
    if Task.isCancelled { return DictationError(.cancelled, "cancelled") }
    // Where some have failed, the others are not done once more when these are tried again.
    if ending == .done { request.sources.forEach { journal(of: $0)?.remove() } }
    return nil
  }

  /// Transcribes one file, and tells what came of it.
  private func work(_ number: Int, _ asker: SegmentAsker) async -> Ending {
    let source = request.sources[number]
    let journal = journal(of: source)
    tell(.started(number, wasInterrupted: !request.resumes && journal?.isUnfinished == true))
    let tell = tell
    let work = FileWork(
      source: source, request: request, settings: settings, asker: asker, words: pipeline.words,
      storage: pipeline.storage, journal: journal, scratchFolder: scratchFolder,
      meter: FileMeter { tell(.heard(number, share: $0)) })
    do throws(FileFailure) {
      let transcript = try await work.run()
      do throws(DictationError) { try await write(number, transcript) } catch {
        throw FileFailure(error, isAboutFile: false)
      }
      tell(.finished(number, .success(transcript)))
      return .done
    } catch {
      if error.isAboutEveryFile { return .stopped(error.error) }
      tell(.finished(number, .failure(error)))
      return .failed
    }
  }

  func journal(of source: MediaSource) -> TranscriptionJournal? {
    source.identity.flatMap { TranscriptionJournal($0, request: question, in: journals) }
  }

  /// What makes another text of the same file.
  private var question: String {
    let engine = settings.engines[0]
    return [
      engine.name, engine.model, settings.language ?? "", settings.expected ?? "",
      request.track.map(String.init) ?? "", String(request.wantsWords),
    ].joined(separator: "\n")
  }
}

/// How a file ended, the worst last.
private enum Ending: Comparable {
  case done
  case failed
  /// The next one would fail of the same.
  case stopped(DictationError)

  var isStopped: Bool { if case .stopped = self { true } else { false } }

  private var rank: Int {
    switch self {
    case .done: 0
    case .failed: 1
    // Others are cancelled because of it.
    case .stopped(let error): error.kind == .cancelled ? 2 : 3
    }
  }

  static func < (left: Ending, right: Ending) -> Bool { left.rank < right.rank }
}

extension EngineConfiguration {
  /// How many segments it is likely to take at a time: the embedded one has as many places as the machine has
  /// processors, and others take some for each address.
  fileprivate var usualJobs: Int {
    isManaged || isOnThisMachine ? max(1, processorCount()) * urls.count : 4 * urls.count
  }
}
