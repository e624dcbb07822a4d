import AudioExport
import DictationTypes
import FoundationEssentials
import Glibc
import Linux

/// The helper that makes the file: a process of its own, so that neither its libraries nor its work are the daemon's. When
/// this is gone it ends, and leaves nothing behind. One thread follows it; any may kill it.
final class ExportProcess: Sendable {
  private let process: ChildProcess
  private let job: Int32
  private let reports: Int32
  private let messages: MemoryFile
  private let isKilled = Lock(false)

  /// Starts it.
  ///
  /// - Throws: kind `config` where the helper is missing.
  init() throws(DictationError) {
    guard let input = Pipe(), let output = Pipe(), let messages = MemoryFile([]) else {
      throw DictationError(.internalError, "no export can be started: \(systemError())", retryable: true)
    }
    let program = executableFolder() + "/thoth-media"
    let process = ChildProcess(
      program, ["export"], environment: currentEnvironment(),
      descriptors: [0: input.reading, 1: output.writing, 2: messages.descriptor])
    let code = errno
    for descriptor in [input.reading, output.writing] { close(descriptor) }
    guard let process else {
      for descriptor in [input.writing, output.reading] { close(descriptor) }
      throw helperIsMissing("\(program) cannot be started: \(systemError(code))")
    }
    (self.process, job, reports, self.messages) = (process, input.writing, output.reading, messages)
  }

  deinit {
    close(job)
    close(reports)
  }

  /// Has it make the file of `work`, and waits for its end; what it reports meanwhile goes to `tell`.
  ///
  /// - Throws: what it failed of; `cancelled` when it was killed from here.
  func run(_ work: ExportJob, _ tell: (ExportReport) -> Void) throws(DictationError) {
    let line = ((try? wireEncoder().encode(work)) ?? Data()) + Data("\n".utf8)
    // One that has ended by now says why in the end.
    _ = writeAll(job, Array(line))
    var lines = LineBuffer()
    var chunk = [UInt8](repeating: 0, count: 16_384)
    var bytes: Int?
    while true {
      let count = read(reports, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      for line in lines.add(chunk[..<count]) {
        guard let report = try? wireDecoder().decode(ExportReport.self, from: Data(line)) else { continue }
        bytes = report.bytes ?? bytes
        tell(report)
      }
    }
    let code = process.wait()
    if bytes != nil { return }
    if isKilled.withLock({ $0 }) { throw DictationError(.cancelled, "cancelled") }
    throw HelperMessages(messages).failure(code)
      ?? DictationError(
        .internalError,
        "the export was ended by \(ending(code)): try it again, and nothing is left of it")
  }

  /// Ends it now.
  func kill() {
    isKilled.withLock { $0 = true }
    process.kill()
  }
}

/// Cuts a stream into lines.
private struct LineBuffer {
  private var rest: [UInt8] = []

  /// Takes what has come; the lines that are complete.
  mutating func add(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    rest += bytes
    var lines = rest[...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    rest = Array(lines.removeLast())
    return lines
  }
}
