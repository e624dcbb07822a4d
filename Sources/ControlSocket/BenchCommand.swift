import AudioFiles
import AudioProcessing
import CommandLine
import Configuration
import DictationTypes
import Linux
import Pipeline
import Requests
import SpeechRecognition

/// What `thoth engine bench` tells of one engine.
private struct Measurement: Encodable {
  let engine: String
  let model: String
  let text: String?
  let rounds: Int
  let audioMs: Int
  /// From the request to the text, in milliseconds; nil when it failed.
  let medianMs: Double?
  let p95Ms: Double?
  /// The median time for a second of audio, in seconds.
  let secondsPerSecond: Double?
  let error: String?

  init(
    _ engine: EngineConfiguration, _ times: [Double], text: String?, audio: Int, failure: DictationError?
  ) {
    self.engine = engine.name
    model = engine.model
    self.text = text
    rounds = times.count
    audioMs = audio
    error = failure?.message
    let sorted = times.sorted()
    guard failure == nil, !sorted.isEmpty else {
      (medianMs, p95Ms, secondsPerSecond) = (nil, nil, nil)
      return
    }
    let median = sorted[sorted.count / 2]
    medianMs = median
    // The nearest rank: the smallest value that 95 of 100 do not exceed.
    p95Ms = sorted[(sorted.count * 95 + 99) / 100 - 1]
    secondsPerSecond = (1000 * median / Double(max(1, audio))).rounded() / 1000
  }

  /// The same for people.
  var sentences: String {
    guard let medianMs, let p95Ms, let secondsPerSecond else {
      return "\(engine), model \(model): \(error ?? "")"
    }
    return """
      \(engine), model \(model): median \(medianMs) ms, p95 \(p95Ms) ms of \(rounds); \(secondsPerSecond) s for a second of audio
        \(text ?? "")
      """
  }
}

extension Commands {
  /// Asks each engine by itself; 9 when some of them fail, 5 when all do.
  func bench(
    _ request: ControlRequest, _ connection: Connection, _ configured: [EngineConfiguration]
  ) async throws(CommandFailure) -> ExitCode {
    try check(engine: request.options["engine"], request)
    let chosen = configured.filter { [nil, $0.name].contains(request.options["engine"]) }
    let rounds = try request.number("rounds", from: 1, to: 1000) ?? 5
    let samples: [Int16]
    do throws(DictationError) { samples = try benchRecording(request) } catch { throw CommandFailure(error) }
    let measuring = Task {
      var measurements: [Measurement] = []
      for engine in chosen where !Task.isCancelled {
        let measurement = await measure(engine, samples, rounds: rounds)
        if !request.has("json") { connection.send(.output(measurement.sentences)) }
        measurements.append(measurement)
      }
      return measurements
    }
    // Nobody reads the rest.
    connection.onClose { measuring.cancel() }
    let measurements = await measuring.value
    if request.has("json") { connection.send(.output(json(measurements))) }
    let failures = measurements.count { $0.error != nil }
    if failures == 0 { return .done }
    return failures < measurements.count ? .someFailed : .engineFailed
  }

  private func measure(
    _ engine: EngineConfiguration, _ samples: [Int16], rounds: Int
  ) async -> Measurement {
    var request = TranscriptionRequest(samples: samples)
    // A dictation goes first.
    request.priority = .file
    var times: [Double] = []
    var text: String?
    do throws(DictationError) {
      // The first one may have to start the engine, or to make a connection.
      for round in 0...rounds {
        let start = monotonicNanoseconds()
        text = try await engines.transcribe(request, with: [engine]).text
        if round > 0 { times.append((Double(monotonicNanoseconds() - start) / 1e5).rounded() / 10) }
      }
      return Measurement(engine, times, text: text, audio: request.duration, failure: nil)
    } catch {
      return Measurement(engine, times, text: text, audio: request.duration, failure: error)
    }
  }

  /// The recording that the option names, or the one that comes with the engine's application, at 16 kHz mono.
  private func benchRecording(_ request: ControlRequest) throws(DictationError) -> [Int16] {
    guard let path = request.path("file") ?? engines.sampleRecording else {
      throw DictationError(
        .config, "the recording to ask with is not beside this program: name one with --file")
    }
    let file = try WAVFile(path)
    let converter = try SpeechConverter(from: file.format)
    var samples: [Int16] = []
    while true {
      let piece = try file.read(65_536)
      if piece.isEmpty { break }
      piece.withUnsafeBufferPointer { converter.convert($0, into: &samples) }
    }
    converter.flush(into: &samples)
    guard !samples.isEmpty else { throw DictationError(.format, "\(path) holds no sound: name another file") }
    return samples
  }
}
