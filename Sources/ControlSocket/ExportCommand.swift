import AudioExport
import CommandLine
import DictationTypes
import Library
import Linux
import Pipeline

extension Commands {
  /// `thoth export`: the plan, and then the id of the job that makes the file.
  func makeExport(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure)
    -> ExitCode
  {
    let planned = try await exporter.plan(try exportRequest(request))
    if request.has("dry-run") {
      connection.send(.output(request.has("json") ? json(PlanLine(planned)) : planned.sentences))
      return .done
    }
    if !request.has("wait") { planned.notes.forEach { connection.send(.message("thoth: \($0)")) } }
    let id = try await exporter.begin(planned, shownTo: request.has("open") ? request.client : nil)
    guard request.has("wait") else {
      connection.send(.output(request.has("json") ? json(ExportLine(id, planned)) : id.description))
      return .done
    }
    return await finish(id, request, connection)
  }

  /// Waits for the file, and says how it went. A client that goes before does not want it.
  private func finish(_ id: JobID, _ request: ControlRequest, _ connection: Connection) async -> ExitCode {
    connection.onClose { [exporter] in Task { _ = try? await exporter.cancel(prefix: id.description) } }
    let follower = showProgress(of: id, request, connection)
    defer { if let follower { hub.unfollow(follower) } }
    guard let outcome = await exporter.outcome(of: id) else { return .internalError }
    outcome.warnings.forEach { connection.send(.message("thoth: \($0)")) }
    if let error = outcome.error {
      connection.send(.message("thoth: \(error.message)"))
      return error.exitCode
    }
    connection.send(.output(request.has("json") ? json(FinishedLine(id, outcome)) : outcome.notice.path))
    return .done
  }

  /// A bar on the client's terminal, if it has one.
  private func showProgress(of id: JobID, _ request: ControlRequest, _ connection: Connection) -> Int? {
    guard let width = request.environment[ControlRequest.terminalWidth].flatMap({ Int($0) }) else {
      return nil
    }
    return hub.follow(levels: false) { record in
      guard record.job == id, case .export(let notice) = record.event else { return }
      let speed = notice.speed.map { "\(Int($0))× real time" } ?? ""
      connection.send(.progress(progressLine(notice.progress, label: notice.message, speed, width: width)))
    }
  }

  private func exportRequest(_ request: ControlRequest) throws(CommandFailure) -> ExportRequest {
    let path = request.path("file")
    var export: ExportRequest
    if let earlier = request.options["again"] {
      guard !request.selectsItems else {
        throw CommandFailure(.usage, "--again has its own clips: leave out IDs, --search and the like")
      }
      export = try exporter.request(again: earlier, path: path)
    } else {
      export = ExportRequest(
        try request.selection(now: unixMilliseconds()),
        path: path ?? request.path(named: "thoth_export_\(fileTime(unixMilliseconds())).m4a"))
    }
    try request.change(&export.options)
    export.replaces = request.has("force")
    if let type = AudioFileType(path: export.path), !type.isLossy, request.has("bitrate") {
      throw CommandFailure(.usage, "--bitrate is for M4A and Opus: FLAC and WAV lose nothing")
    }
    return export
  }
}

extension ControlRequest {
  /// Whether anything says which items are meant.
  fileprivate var selectsItems: Bool {
    !arguments.isEmpty || ["search", "since", "until", "tag", "kind", "cues"].contains(where: has)
  }

  /// Which clips are meant.
  fileprivate func selection(now: UInt64) throws(CommandFailure) -> ExportRequest.Selection {
    guard selectsItems else {
      throw CommandFailure(
        .usage,
        "nothing says what to export: name IDs (`thoth history` lists them), or use --search, --since, --until, --tag, --kind or --cues"
      )
    }
    let finds = ["search", "since", "until", "tag", "kind"].contains(where: has)
    guard [!arguments.isEmpty, finds, has("cues")].count(where: { $0 }) == 1 else {
      throw CommandFailure(.usage, "IDs, --cues, and what is searched for exclude each other")
    }
    if has("cues") {
      let file = CueFile.parse(input ?? "")
      guard !file.cues.isEmpty || !file.mistakes.isEmpty else {
        throw CommandFailure(.usage, "the file of cues has no clip: a line is `offset id`")
      }
      return .cues(file.cues, mistakes: file.mistakes)
    }
    if let empty = arguments.first(where: { $0.isEmpty || !$0.allSatisfy { $0.isHexDigit || $0 == "-" } }) {
      throw CommandFailure(.usage, "\"\(empty)\" is no id: `thoth history` lists them")
    }
    if !arguments.isEmpty { return .items(arguments) }
    var query = ItemQuery(options["search"])
    query.since = try time("since", now: now)
    query.until = try time("until", now: now)
    query.tags = try wantedTags()
    query.kinds = kinds
    query.states = Set(PipelineState.allCases).subtracting([.cancelled, .discarded])
    query.limit = .max
    return .query(query)
  }

  /// Puts what the options say into `options`.
  fileprivate func change(_ options: inout ExportOptions) throws(CommandFailure) {
    if let text = self.options["gap"] {
      guard let gap = CueFile.seconds(text) else {
        throw CommandFailure(.usage, "--gap is a time such as 500ms or 2s, not \"\(text)\"")
      }
      options.gap = gap
    }
    if let bitrate = try number("bitrate", from: 6, to: 512) { options.bitrate = 1000 * bitrate }
    if let captions = self.options["captions"] {
      options.captions = ExportOptions.Captions(rawValue: captions)
    }
    if let title = self.options["title"] { options.title = title }
    if has("normalize") { options.normalizes = true }
    if has("skip-missing") { options.skipsMissing = true }
    options.mode = newFileMode
  }
}
