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
  /// For the files of the run, in their order, the numbers of what was found.
  private let numbers: [Int]
  private let writer: TranscriptWriter
  private let display: ProgressDisplay
  private let connection: Connection
  private let state = Lock(State())
  private let start = monotonicNanoseconds()

  init(
    _ found: [FoundSource], _ writer: TranscriptWriter, _ display: ProgressDisplay, _ connection: Connection
  ) {
    self.found = found
    numbers = found.indices.filter { found[$0].isToBeHeard }
    self.writer = writer
    self.display = display
    self.connection = connection
  }

  /// Takes what the run tells.
  func note(_ progress: FileProgress) {
    switch progress {
    case .began:
      for (number, file) in found.enumerated() {
        if case .failure(let failure) = file.source { finish(number, .failure(failure)) }
        if file.isThere { ended(number, Output()) }
      }
    case .started(let source, let wasInterrupted):
      display.started(numbers[source], found[numbers[source]].name)
      if wasInterrupted { tellOfInterruption(found[numbers[source]].name) }
    case .heard(let source, let share): display.heard(numbers[source], share)
    case .finished(let source, let result): finish(numbers[source], result)
    }
  }

  /// Writes the text of the file of this number in the run, if it is to be a file of its own.
  func write(_ transcript: FileTranscript, _ source: Int) async throws(DictationError) {
    let file = found[numbers[source]]
    guard let path = file.path else { return }
    let writer = writer
    do throws(DictationError) {
      try await onThread("file-text") { () throws(DictationError) in
        try writer.write(
          writer.style.contents(of: transcript, file.name), to: path, replaces: file.isReplaced)
      }
    } catch {
      for problem in transcript.problems { display.warned(file.name, problem) }
      let isKept = (try? file.source.get().path) != nil
      throw DictationError(
        error.kind, error.message + (isKept ? ". Mend that: the same command with --resume writes it" : ""))
    }
  }

  private func tellOfInterruption(_ name: String) {
    guard state.withLock({ $0.isFirstInterrupted() }) else { return }
    let message = "an earlier run was interrupted: with --resume this one would go on with it"
    display.warned(name, message)
    if display.showsBar { connection.send(.message("thoth: \(message)")) }
  }

  private func finish(_ number: Int, _ result: Result<FileTranscript, FileFailure>) {
    let file = found[number]
    var output = Output()
    switch result {
    case .failure(let failure): output.messages = [failure.error.message]
    case .success(let transcript):
      if file.path == nil { output.text = writer.style.contents(of: transcript, file.name) }
      output.messages = transcript.problems
      for message in output.messages { display.warned(file.name, message) }
    }
    display.finished(number, file.name, result)
    state.withLock { $0.results[number] = result }
    ended(number, output)
  }

  /// Nothing more comes of this file: `output` is told as soon as all before it are.
  private func ended(_ number: Int, _ output: Output) {
    let ready = state.withLock { state in
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
    let name = plain(found[number].name)
    if !display.tellsLines {
      for message in output.messages { connection.send(.message("thoth: \(name): \(message)")) }
    }
    guard let text = output.text else { return }
    // As head(1) and tail(1) do it.
    if found.count > 1, writer.style == .text {
      let isFirst = state.withLock { $0.isFirstText() }
      connection.send(.output((isFirst ? "" : "\n") + "==> \(name) <=="))
    }
    // A line ends by itself.
    let lines = text.utf8.last == UInt8(ascii: "\n") ? String(text.unicodeScalars.dropLast()) : text
    if !lines.isEmpty { connection.send(.output(lines)) }
  }

  /// The run is over, or has been stopped by `failure`: tells the sum, and gives the exit code.
  func finish(_ failure: DictationError?) -> ExitCode {
    let (results, waiting) = state.withLock { ($0.results, $0.waiting.sorted { $0.key < $1.key }) }
    // Of a run that was stopped: those before them have no text.
    for (number, output) in waiting { print(output, number) }
    let code = failure?.exitCode ?? exitCode(results)
    let sum = failure.map { interruption($0) } ?? sum(results.values.compactMap { try? $0.get() })
    display.end(failure == nil ? .finished : .stopped, sum, code)
    if !display.tellsLines, failure != nil || found.count > 1 || display.counts.skipped > 0 {
      connection.send(.message("thoth: \(sum)"))
    }
    return code
  }

  private func interruption(_ failure: DictationError) -> String {
    let reason = failure.kind == .cancelled ? "cancelled" : failure.message
    return
      "\(reason)\(reason.hasSuffix("?") ? "" : ".") \(display.counts.done) of \(found.count) files are done: the same command with --resume goes on"
  }

  private func sum(_ done: [FileTranscript]) -> String {
    let counts = display.counts
    let seconds = done.reduce(0) { $0 + $1.durationMs } / 1000
    return "\(counts.done) of \(counts.files) files transcribed"
      + (counts.withoutSpeech > 0 ? ", \(counts.withoutSpeech) of them without speech" : "")
      + (counts.failed > 0 ? ", \(counts.failed) failed" : "")
      + (counts.skipped > 0 ? ", \(counts.skipped) there already" : "")
      + ": \(clock(seconds)) of audio in \(clock(Int((monotonicNanoseconds() - start) / 1_000_000_000)))"
  }

  private func exitCode(_ results: [Int: Result<FileTranscript, FileFailure>]) -> ExitCode {
    let isUnstored = results.values.contains { (try? $0.get())?.storageError != nil }
    guard found.count > 1 else {
      switch results[0] {
      case .failure(let failure): return failure.exitCode
      case .success(let transcript) where isUnstored: return transcript.storageError?.exitCode ?? .done
      case .success(let transcript): return transcript.text.isEmpty ? .noSpeech : .done
      case nil: return found[0].isThere ? .done : .internalError
      }
    }
    let hasFailed = results.values.contains { if case .failure = $0 { true } else { false } }
    return hasFailed || isUnstored ? .someFailed : .done
  }
}

extension FileTranscript {
  /// What whoever asked has to know of it, in sentences.
  fileprivate var problems: [String] {
    var problems = warnings
    if text.isEmpty { problems.append("nobody speaks in it") }
    if let storageError {
      let lost = item == nil ? "it is not in the history" : "its audio is not in the history"
      problems.append("\(lost): \(storageError.message)")
    }
    return problems
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
