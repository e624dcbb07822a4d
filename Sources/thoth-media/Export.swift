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
  // A daemon that has died hears nothing: that is no end without tidying up.
  signal(SIGPIPE, SIG_IGN)
  guard let line = firstLine(), let job = decodeJob(line) else {
    tell(
      HelperMessage(kind: ErrorKind.internalError.rawValue, message: "the job of the export cannot be read"))
    return 1
  }
  do throws(DictationError) {
    let file = try create(job)
    defer { close(file) }
    removeAtEnd(of: 0, job.temporary)
    try make(job, file)
    return 0
  } catch {
    unlink(job.temporary)
    tell(HelperMessage(error))
    return 1
  }
}

/// Removes the file at `path` and ends this process as soon as `input` ends.
private func removeAtEnd(of input: Int32, _ path: String) {
  WorkerThread(name: "export-watch") {
    var byte: UInt8 = 0
    while case let count = read(input, &byte, 1), count > 0 || count < 0 && errno == EINTR {}
    unlink(path)
    _exit(ExitCode.cancelled.rawValue)
  }.detach()
}

/// The address space that it may have, in bytes. It begins with 0.4 GB; a clip that is heard takes 0.2 to 0.9 MB more.
private let memoryLimit: UInt64 = 4 << 30

/// Makes the hidden file of `job`; its descriptor. It is there before anything watches that removes it.
private func create(_ job: ExportJob) throws(DictationError) -> Int32 {
  let file = open(job.temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  guard file >= 0, fchmod(file, job.mode) == 0 else { throw failure(job, systemError()) }
  return file
}

/// Writes the file of `job` to `file`, and puts it into its place when it is complete.
private func make(_ job: ExportJob, _ file: Int32) throws(DictationError) {
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
