import CommandLine
import Configuration
import DictationTypes
import Library
import Linux
import Pipeline
import Requests
import SpeechRecognition

/// What `thoth status` tells.
struct Status: Encodable {
  struct Job: Encodable {
    let job: JobID
    let state: PipelineState
  }

  struct Transcription: Encodable {
    let job: JobID
    let files: Int
  }

  struct Export: Encodable {
    let job: JobID
    let phase: ExportNotice.Phase
    let progress: Double
    let path: String
  }

  struct Ended: Encodable {
    let job: JobID
    let path: String
    let what: ExportEnding.What
    let message: String?
    let ts: String

    init(_ export: EndedExport) {
      (job, path) = (export.job, export.path)
      (what, message) = (export.ending.what, export.ending.message)
      ts = timestamp(export.ending.at)
    }

    /// The same for people.
    var sentence: String {
      switch what {
      case .done: "job \(job): exported \(path)"
      case .failed: "job \(job): the export of \(path) failed: \(message ?? "")"
      case .cancelled: "job \(job): the export of \(path) was cancelled"
      case .interrupted:
        "job \(job): the export of \(path) was interrupted: `thoth export --again \(job) --force` makes it"
      }
    }
  }

  let v = 1
  let version = thothVersion
  let boot: String
  /// The newest job's state, or idle.
  let state: PipelineState
  let device: String?
  /// Whether the microphone is open though nobody records, for `audio.pre_roll`.
  let listening: Bool
  let jobs: [Job]
  /// Files that are being transcribed.
  let transcriptions: [Transcription]
  /// Files that are being made, or wait for that.
  let exports: [Export]
  /// How the files of the last day ended.
  let endedExports: [Ended]
  let engine: EngineStatus
  /// What goes over HTTP.
  let requests: RequestStatus
  /// What is wrong with the settings file.
  let config: String?
  /// Recordings of earlier daemons that were taken up.
  let recovered: [JobID]
  /// Why the library refuses what it is given.
  let library: String?
  /// Why the disk does not take what is dictated now.
  let storage: String?
  /// How many results wait until the library takes them.
  let waiting: Int

  /// The same for people.
  var sentences: String {
    var lines = [sentence]
    lines += jobs.map { "job \($0.job): \($0.state.name)" }
    lines += transcriptions.map {
      "job \($0.job): transcribing \($0.files == 1 ? "a file" : "\($0.files) files")"
    }
    lines += exports.map { "job \($0.job): exporting \($0.path), \(Int(100 * $0.progress)) %" }
    lines += endedExports.map(\.sentence)
    lines.append(engine.sentence)
    lines += requests.complaints
    if let config { lines.append("settings: \(config)") }
    if let library { lines.append("library: \(library)") }
    if let storage, storage != library { lines.append("storage: \(storage)") }
    if waiting > 0 { lines.append("waiting until the library takes them: \(waiting). Nothing is lost") }
    lines += recovered.map { "recovered: `thoth history show \($0.short)`" }
    return lines.joined(separator: "\n")
  }

  private var sentence: String {
    let microphone = device ?? "the microphone"
    return switch state {
    case .recording: "recording from \(microphone)"
    case .stalled: "stalled: no sound comes from \(microphone); it, or the default one, is tried"
    case .idle where listening: "idle, and listening: audio.pre_roll keeps the microphone open"
    default: state.name
    }
  }
}

/// What `thoth engine status` tells.
struct EngineStatus: Encodable {
  let engine: String
  let url: String
  let model: String
  let managed: Bool
  let installed: Bool?
  let state: String
  let message: String?

  init(_ settings: EngineConfiguration, _ status: ManagedEngine.Status, isInstalled: Bool) {
    engine = settings.name
    url = settings.urls.joined(separator: " ")
    model = settings.model
    managed = settings.isManaged
    installed = settings.isManaged ? isInstalled : nil
    guard settings.isManaged else {
      (state, message) = ("remote", nil)
      return
    }
    switch status {
    case .stopped where !isInstalled: (state, message) = ("missing", "`thoth engine install` installs it")
    case .stopped: (state, message) = ("stopped", "it starts with the next recording")
    case .starting: (state, message) = ("starting", nil)
    case .ready(let id): (state, message) = ("ready", "process \(id)")
    case .failed(let error): (state, message) = ("failed", error.message)
    }
  }

  /// The same for people.
  var sentence: String {
    let more = message.map { " (\($0))" } ?? ""
    return "engine \(engine), model \(model), at \(url): \(state)\(more)"
  }
}

extension Commands {
  func status(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) -> ExitCode {
    if request.has("usage") { return try await usage(request, connection) }
    if request.has("metrics") {
      let requests = await engines.requestStatus()
      connection.send(.output(request.has("json") ? json(requests) : requests.table))
      return .done
    }
    let jobs = await pipeline.jobStates()
    let newest = jobs.last { $0.isLive } ?? jobs.last
    let settings = try settings(request).engines[0]
    let standing = await storage.standing()
    let status = Status(
      boot: hub.boot, state: newest?.state ?? .idle, device: newest?.device,
      listening: await pipeline.isListening,
      jobs: jobs.map { Status.Job(job: $0.job, state: $0.state) },
      transcriptions: await transcriber.running.map { Status.Transcription(job: $0.job, files: $0.files) },
      exports: await exporter.running.map {
        Status.Export(job: $0.job, phase: $0.notice.phase, progress: $0.notice.progress, path: $0.notice.path)
      },
      endedExports: await exporter.endings().map(Status.Ended.init),
      engine: EngineStatus(settings, await engines.status(), isInstalled: doctor.isEngineInstalled),
      requests: await engines.requestStatus(), config: configuration.problem?.description,
      recovered: await pipeline.recovered,
      library: standing.problem?.message, storage: await pipeline.storageError?.message,
      waiting: standing.waiting)
    connection.send(.output(request.has("json") ? json(status) : status.sentences))
    return .done
  }

  private func usage(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure)
    -> ExitCode
  {
    do throws(DictationError) {
      let usage = Usage(try await storage.library.usage())
      connection.send(.output(request.has("json") ? json(usage) : usage.sentences))
    } catch {
      throw CommandFailure(error)
    }
    return .done
  }
}
