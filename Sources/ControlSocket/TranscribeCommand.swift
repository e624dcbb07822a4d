import CommandLine
import Configuration
import DictationTypes
import Linux
import Pipeline

extension Commands {
  /// `thoth transcribe`. It ends when the last file is done; a client that goes before ends it.
  func transcribe(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure)
    -> ExitCode
  {
    let style = TranscriptStyle(request)
    let descriptors = connection.descriptors
    var found = await onThread("files") { sources(request, descriptors) }
    // A folder or a pattern may be several files too.
    if !style.canFollow, !request.has("folder"), max(request.arguments.count, found.count) > 1 {
      throw CommandFailure(
        .usage, "captions of several files have to be files: name a folder for them with -o DIR")
    }
    let skips = try request.skipsExisting()
    var files = try fileRequest(request, found.compactMap { try? $0.source.get() }, style)
    let writer = TranscriptWriter(
      style: style, folder: request.path("folder"), modes: (request.newFileMode, request.newFolderMode))
    let paths = writer.paths(for: files.sources.map(\.place))
    let isThere = paths.map { skips && isRegularFile($0) }
    let begun = try await begun(files, request)
    try writer.check(
      paths, replaceable: request.has("force") ? nil : zip(isThere, begun).map { $0 || $1 },
      of: files.sources.map(\.name))
    for (number, source) in found.indices.filter({ found[$0].isToBeHeard }).enumerated() where !paths.isEmpty
    {
      (found[source].path, found[source].isThere) = (paths[number], isThere[number])
      found[source].isReplaced = request.has("force") || begun[number]
    }
    files.sources = found.filter(\.isToBeHeard).compactMap { try? $0.source.get() }
    let id = newJobID()
    let display = ProgressDisplay(
      id, request, connection, hub, weights: found.map(\.weight), skipped: found.count(where: \.isThere))
    let report = TranscribeReport(found, writer, display, connection)
    let work = Task { [transcriber, files] () async -> Result<DictationError?, CommandFailure> in
      do throws(CommandFailure) {
        let failure = try await transcriber.run(
          id, files, request.client,
          write: { number, transcript throws(DictationError) in try await report.write(transcript, number) },
          tell: { report.note($0) })
        return .success(failure)
      } catch {
        return .failure(error)
      }
    }
    connection.onClose { work.cancel() }
    return report.finish(try await work.value.get())
  }

  /// For each file, whether its text may be replaced: `--resume` goes on with those that an earlier run has begun.
  private func begun(_ files: FileRequest, _ request: ControlRequest) async throws(CommandFailure) -> [Bool] {
    files.resumes ? try await transcriber.begun(files, request.client) : files.sources.map { _ in false }
  }

  private func fileRequest(
    _ request: ControlRequest, _ sources: [MediaSource], _ style: TranscriptStyle
  ) throws(CommandFailure) -> FileRequest {
    var files = FileRequest(sources)
    files.options.language = try request.language()
    files.options.engine = request.options["engine"]
    files.options.prompt = request.options["prompt"]
    try check(engine: files.options.engine, request)
    files.jobs = try request.number("jobs", from: 1, to: 64)
    files.track = try request.number("track", from: 1, to: 1000).map { $0 - 1 }
    files.resumes = request.has("resume")
    files.saves = !request.has("no-save")
    files.isRaw = request.has("raw")
    // Captions are made of what is stored too.
    files.wantsWords = style != .text || files.saves
    files.tags = try request.wantedTags()
    return files
  }

  /// The files that the arguments mean, in their order, each once.
  private func sources(_ request: ControlRequest, _ descriptors: [Int32]) -> [FoundSource] {
    let folder = request.environment["PWD"] ?? "/"
    let opened = Dictionary(
      zip(request.opened, descriptors), uniquingKeysWith: { first, _ in first })
    // By bytes: to the system, a letter and a letter with a mark behind it are two names.
    var seen: Set<[UInt8]> = []
    let found = request.arguments.enumerated().flatMap { number, argument -> [FoundSource] in
      if let descriptor = opened[number] {
        return [FoundSource(name: argument, source: .success(MediaSource(argument, descriptor: descriptor)))]
      }
      do throws(DictationError) {
        return try MediaSource.files(argument, from: folder).map {
          FoundSource(name: $0.name, source: .success($0))
        }
      } catch {
        return [FoundSource(name: argument, source: .failure(FileFailure(error, isAboutFile: true)))]
      }
    }
    return found.filter { found in
      guard let path = try? found.source.get().path else { return true }
      return seen.insert(Array(path.utf8)).inserted
    }
  }
}

/// What an argument means, or why it means nothing.
struct FoundSource: Sendable {
  let name: String
  let source: Result<MediaSource, FileFailure>
  /// Where its text goes; nil: to standard output.
  var path: String?
  /// Whether it is left out, because its text is there.
  var isThere = false
  /// Whether a text that is there is replaced.
  var isReplaced = false

  /// Whether it is one of the files of the run.
  var isToBeHeard: Bool { if case .success = source { !isThere } else { false } }

  /// How much of the run it is; nil: nothing.
  var weight: Double? { isToBeHeard ? try? source.get().weight : nil }
}

extension ControlRequest {
  /// Whether files whose texts are there are left out.
  fileprivate func skipsExisting() throws(CommandFailure) -> Bool {
    guard has("skip-existing") else { return false }
    if has("force") {
      throw CommandFailure(
        .usage,
        "--skip-existing and --force exclude each other: one leaves texts as they are, the other replaces them"
      )
    }
    guard has("folder") else {
      throw CommandFailure(.usage, "--skip-existing looks for texts in a folder: name it with -o DIR")
    }
    return true
  }

  /// The whole number in the option `name`.
  func number(_ name: String, from least: Int, to most: Int) throws(CommandFailure) -> Int? {
    guard let text = options[name] else { return nil }
    guard let number = Int(text), (least...most).contains(number) else {
      throw CommandFailure(.usage, "--\(name) is a number from \(least) to \(most), not \"\(text)\"")
    }
    return number
  }
}
