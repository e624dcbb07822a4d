import CommandLine
import Configuration
import DictationTypes
import Pipeline

/// What `thoth engine list` tells of one engine.
struct EngineLine: Encodable {
  struct Address: Encodable {
    let url: String
    let answers: Int
    let failures: Int
    /// The median of the last answers; nil: it has not answered since the daemon's start.
    let latencyMs: Int?
    let lastError: String?

    init(_ figures: AddressFigures) {
      url = figures.url
      answers = figures.answers
      failures = figures.failures
      latencyMs = figures.latency
      lastError = figures.lastFailure?.message
    }

    /// The state, for people.
    fileprivate var sentence: String {
      if let lastError { return "fails: \(lastError)" }
      return latencyMs.map { "\($0) ms, \(answers) answered" } ?? "not asked yet"
    }
  }

  let engine: String
  let model: String
  let managed: Bool
  /// As in `engine status`.
  let state: String
  let addresses: [Address]

  /// The same for people, one line an address.
  var sentences: [String] {
    addresses.map { "\(engine), model \(model), at \($0.url): \(managed ? "\(state), " : "")\($0.sentence)" }
  }
}

extension Commands {
  /// The `engine` family, but for `install`, which needs no daemon.
  func engine(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) -> ExitCode {
    let configured = try settings(request).engines
    switch request.command {
    case "engine start":
      do throws(DictationError) {
        try await engines.start(configured.first(where: \.isManaged) ?? configured[0])
      } catch {
        throw CommandFailure(error)
      }
    case "engine stop": try await engines.stop()
    case "engine status":
      let settings = configured.first(where: \.isManaged) ?? configured[0]
      let status = await engineStatus(settings)
      connection.send(.output(request.has("json") ? json(status) : status.sentence))
    case "engine list":
      var lines: [EngineLine] = []
      for settings in configured {
        lines.append(
          EngineLine(
            engine: settings.name, model: settings.model, managed: settings.isManaged,
            state: await engineStatus(settings).state,
            addresses: await engines.figures(of: settings).map(EngineLine.Address.init)))
      }
      if request.has("json") {
        connection.send(.output(json(lines)))
      } else {
        for sentence in lines.flatMap(\.sentences) { connection.send(.output(sentence)) }
      }
    case "engine bench": return try await bench(request, connection, configured)
    default: throw request.isUnknown
    }
    return .done
  }

  private func engineStatus(_ settings: EngineConfiguration) async -> EngineStatus {
    EngineStatus(settings, await engines.status(), isInstalled: doctor.isEngineInstalled)
  }
}
