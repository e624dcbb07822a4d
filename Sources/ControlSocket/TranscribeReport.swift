import CommandLine
import DictationTypes
import Linux
import Pipeline

/// What a run over files tells whoever asked: texts in the order of the files, what went wrong, and the exit code.
final class TranscribeReport: Sendable {
  private struct State {
    /// What waits for the files before it, by number of what was found.
    var waiting: [Int: Output] = [:]
    var next = 0
    var results: [Int: Result<FileTranscript, FileFailure>] = [:]
    /// Those whose text the disk has not taken.
    var unwritten: Set<Int> = []
    private var wasInterrupted = false
    private var hasText = false

    /// Whether this is the first text that is printed.
    mutating func isFirstText() -> Bool {
      defer { hasText = true }
      return !hasText
    }

    /// Whether this is the first that an earlier run had begun.
    mutating func isFirstInterrupted() -> Bool {
      defer { wasInterrupted = true }
      return !wasInterrupted
    }
  }

  /// What is to be told of one file.
  private struct Output {
    var text: String?
    var messages: [String] = []
  }

  private let found: [FoundSource]
  /// For the sources, in their order, the numbers of what was found.
  private let numbers: [Int]
  private let paths: [String]
  private let writer: TranscriptWriter
  private let display: ProgressDisplay
  private let connection: Connection
  private let state = Lock(State())
  private let start = monotonicNanoseconds()

  init(
    _ found: [FoundSource], _ paths: [String], _ writer: TranscriptWriter, _ display: ProgressDisplay,
    _ connection: Connection
  ) {
    self.found = found
    numbers = found.indices.filter { if case .success = found[$0].source { true } else { false } }
    self.paths = paths
    self.writer = writer
    self.display = display
    self.connection = connection
    for (number, source) in found.enumerated() {
      if case .failure(let failure) = source.source { finish(number, .failure(failure), nil) }
    }
  }

  /// Takes what the run tells.
  func note(_ progress: FileProgress) {
    switch progress {
    case .started(let source, let wasInterrupted):
      let name = found[numbers[source]].name
      display.started(source, name)
      if wasInterrupted, !display.isQuiet, state.withLock({ $0.isFirstInterrupted() }) {
        connection.send(
          .message("thoth: an earlier run was interrupted: with --resume this one would go on with it"))
      }
    case .heard(let source, let share): display.heard(source, share)
    case .finished(let source, let result):
      display.finished(source, found[numbers[source]].name, result)
      finish(numbers[source], result, paths.isEmpty ? nil : paths[source])
    }
  }

  private func finish(_ number: Int, _ result: Result<FileTranscript, FileFailure>, _ path: String?) {
    var output = Output()
    var isUnwritten = false
    let name = plain(found[number].name)
    switch result {
    case .failure(let failure): output.messages.append("thoth: \(name): \(failure.error.message)")
    case .success(let transcript):
      let text = writer.style.contents(of: transcript, found[number].name)
      if let path {
        do throws(DictationError) { try writer.write(text, to: path) } catch {
          output.messages.append("thoth: \(error.message)")
          isUnwritten = true
        }
      } else {
        output.text = text
      }
      output.messages += transcript.warnings.map { "thoth: \(name): \($0)" }
      if transcript.text.isEmpty { output.messages.append("thoth: \(name): nobody speaks in it") }
      if let error = transcript.storageError {
        output.messages.append("thoth: \(name) is not in the history: \(error.message)")
      }
    }
    let ready = state.withLock { state in
      state.results[number] = result
      if isUnwritten { state.unwritten.insert(number) }
      state.waiting[number] = output
      var ready: [(Int, Output)] = []
      while let output = state.waiting.removeValue(forKey: state.next) {
        ready.append((state.next, output))
        state.next += 1
      }
      return ready
    }
    for (number, output) in ready { print(output, number) }
  }

  private func print(_ output: Output, _ number: Int) {
    output.messages.forEach { connection.send(.message($0)) }
    guard let text = output.text else { return }
    // As head(1) and tail(1) do it.
    if found.count > 1, writer.style == .text {
      let isFirst = state.withLock { $0.isFirstText() }
      connection.send(.output((isFirst ? "" : "\n") + "==> \(plain(found[number].name)) <=="))
    }
    // A line ends by itself.
    let lines = text.utf8.last == UInt8(ascii: "\n") ? String(text.unicodeScalars.dropLast()) : text
    if !lines.isEmpty { connection.send(.output(lines)) }
  }

  /// The run is over, or has been stopped by `failure`: tells the sum, and gives the exit code.
  func finish(_ failure: DictationError?) -> ExitCode {
    let (results, unwritten, waiting) = state.withLock {
      ($0.results, $0.unwritten, $0.waiting.sorted { $0.key < $1.key })
    }
    // Of a run that was stopped: those before them have no text.
    for (number, output) in waiting { print(output, number) }
    display.end(failure?.message)
    let done = results.values.compactMap { try? $0.get() }
    if let failure {
      let rest = failure.kind == .cancelled ? "cancelled" : failure.message
      connection.send(
        .message(
          "thoth: \(rest). \(done.count) of \(found.count) files are done: the same command with --resume goes on"
        ))
      return failure.exitCode
    }
    if found.count > 1 {
      let lost = unwritten.isEmpty ? "" : ". \(unwritten.count) texts could not be written"
      connection.send(.message("thoth: " + sum(done) + lost))
    }
    return unwritten.isEmpty ? exitCode(results) : found.count > 1 ? .someFailed : .internalError
  }

  private func sum(_ done: [FileTranscript]) -> String {
    let silent = done.count(where: \.text.isEmpty)
    let seconds = done.reduce(0) { $0 + $1.durationMs } / 1000
    let failed = found.count - done.count
    return "\(done.count) of \(found.count) files transcribed"
      + (silent > 0 ? ", \(silent) of them without speech" : "") + (failed > 0 ? ", \(failed) failed" : "")
      + ": \(clock(seconds)) of audio in \(clock(Int((monotonicNanoseconds() - start) / 1_000_000_000)))"
  }

  private func exitCode(_ results: [Int: Result<FileTranscript, FileFailure>]) -> ExitCode {
    let isUnstored = results.values.contains { (try? $0.get())?.storageError != nil }
    guard found.count > 1 else {
      switch results[0] {
      case .failure(let failure): return failure.exitCode
      case .success(let transcript) where isUnstored: return transcript.storageError?.exitCode ?? .done
      case .success(let transcript): return transcript.text.isEmpty ? .noSpeech : .done
      case nil: return .internalError
      }
    }
    let hasFailed = results.values.contains { if case .failure = $0 { true } else { false } }
    return hasFailed || isUnstored ? .someFailed : .done
  }
}

/// `name` as it can stand in a line of a terminal: file names may hold anything.
func plain(_ name: String) -> String {
  var text = ""
  for scalar in name.unicodeScalars {
    let isControl = [.control, .format, .lineSeparator, .paragraphSeparator].contains(
      scalar.properties.generalCategory)
    text.unicodeScalars.append(isControl ? "?" : scalar)
  }
  return text
}

/// `seconds` as `1:02:03` or `2:03`.
func clock(_ seconds: Int) -> String {
  func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
  let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
  return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(seconds % 60)
}
