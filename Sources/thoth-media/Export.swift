import AudioExport
import DictationTypes
import FoundationEssentials
import Glibc
import Linux
import MediaFiles

/// `thoth-media export`: the job is a line of JSON on standard input, which stays open behind it: its end means that the
/// daemon has gone, or does not want the file any more. Then nothing of it is left, at once. How far it is comes as lines of
/// JSON on standard output. The exit code.
func export() -> Int32 {
  limitMemory(to: memoryLimit)
  raiseDescriptorLimit()
  guard let line = firstLine(), let job = decodeJob(line) else {
    tell(
      HelperMessage(kind: ErrorKind.internalError.rawValue, message: "the job of the export cannot be read"))
    return 1
  }
  let temporary = job.temporary
  WorkerThread(name: "export-watch") {
    var byte: UInt8 = 0
    while case let count = read(0, &byte, 1), count > 0 || count < 0 && errno == EINTR {}
    unlink(temporary)
    _exit(ExitCode.cancelled.rawValue)
  }.detach()
  do throws(DictationError) {
    try make(job)
    return 0
  } catch {
    unlink(temporary)
    tell(HelperMessage(error))
    return 1
  }
}

/// The address space that it may have, in bytes. It begins with 0.4 GB; a clip that is heard takes 0.2 to 0.9 MB more.
private let memoryLimit: UInt64 = 4 << 30

/// Makes the file of `job`, and puts it into its place when it is complete.
private func make(_ job: ExportJob) throws(DictationError) {
  let file = open(job.temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  guard file >= 0, fchmod(file, job.mode) == 0 else { throw failure(job, systemError()) }
  defer { close(file) }
  do throws(DictationError) {
    try Rendering(job).run(into: file)
  } catch {
    throw error.kind == .storage && error.retryable ? failure(job, error.message) : error
  }
  guard fsync(file) == 0 else { throw failure(job, systemError()) }
  let bytes = fileSize(job.temporary)
  guard moveFile(job.temporary, to: job.path, replaces: job.replaces) else {
    if errno == EEXIST {
      throw DictationError(.storage, "\(job.path) exists by now: name another file, or add --force")
    }
    throw failure(job, systemError())
  }
  syncFolder(of: job.path)
  var report = ExportReport()
  report.bytes = bytes
  _ = writeAll(1, jsonLine(report))
}

private func failure(_ job: ExportJob, _ reason: String) -> DictationError {
  DictationError(.storage, "\(job.path) cannot be written: \(reason)", retryable: true)
}

/// What comes on standard input up to the first newline; not a byte more, since its end is waited for.
private func firstLine() -> [UInt8]? {
  var line: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while line.last != UInt8(ascii: "\n") {
    let count = read(0, &chunk, chunk.count)
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return nil }
    line += chunk[..<count]
  }
  return line
}

private func decodeJob(_ line: [UInt8]) -> ExportJob? {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try? decoder.decode(ExportJob.self, from: Data(line))
}
