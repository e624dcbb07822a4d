import AudioSegmentation
public import DictationTypes
public import FoundationEssentials
import Glibc
import Linux

/// What is kept of a job beside its audio: `ID.json` next to `ID.wav` in the spool folder.
public struct JobRecord: Sendable, Codable {
  /// The job.
  public var job: JobID
  /// Where it got to.
  public var state: PipelineState
  /// The text and where it came from.
  public var result: DictationResult?
  /// Why it failed.
  public var error: DictationError?
}

/// The spool folder: recordings on their way, and what came of them.
public struct ResultStore: Sendable {
  /// The folder.
  public let folder: String

  /// A store in `folder`.
  public init(folder: String) { self.folder = folder }

  /// Makes the folder.
  ///
  /// - Throws: `DictationError` of kind `storage`.
  func prepare() throws(DictationError) {
    do throws(LocationError) { try makeFolder(folder) } catch {
      throw DictationError(.storage, error.description)
    }
  }

  /// Where the audio of `job` is.
  public func audioPath(_ job: JobID) -> String { "\(folder)/\(job).wav" }

  /// Keeps `record`; `durably`: also through a power cut.
  ///
  /// - Throws: `DictationError` of kind `storage`.
  func save(_ record: JobRecord, durably: Bool) throws(DictationError) {
    let path = "\(folder)/\(record.job).json"
    guard let data = try? wireEncoder().encode(record) else {
      throw DictationError(.internalError, "the result of \(record.job) cannot be written down")
    }
    guard replaceFile(path, with: Array(data), durably: durably) else {
      throw DictationError(
        .storage, "\(path) cannot be written: \(systemError()). Free the disk, or mend its owner")
    }
  }

  /// The newest record with a text; nil when there is none.
  func latest() -> JobRecord? {
    names(".json").reversed().lazy.compactMap(record).first { $0.result != nil }
  }

  /// The recordings that a daemon left without an end, oldest first.
  func orphans() -> [JobID] {
    names(".wav").filter { record($0)?.state.isTerminal != true }.compactMap { JobID($0) }
      .filter { !SpoolFile.isInUse(audioPath($0)) }
  }

  /// Deletes the audio of jobs that ended well, or without speech, or by the user, more than `seconds` ago.
  func purgeAudio(olderThan seconds: Int) {
    for name in names(".wav") {
      var found = stat()
      guard let state = record(name)?.state, state.isTerminal, state != .failed,
        stat("\(folder)/\(name).wav", &found) == 0, time(nil) - found.st_mtim.tv_sec >= seconds
      else { continue }
      unlink("\(folder)/\(name).wav")
    }
  }

  private func names(_ suffix: String) -> [String] {
    listFolder(folder).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
  }

  private func record(_ name: String) -> JobRecord? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return readFile("\(folder)/\(name).json").flatMap { try? decoder.decode(JobRecord.self, from: Data($0)) }
  }
}

/// How JSON is written, in files and on the socket: snake case, sorted keys, one line.
public func wireEncoder() -> JSONEncoder {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.keyEncodingStrategy = .convertToSnakeCase
  return encoder
}
