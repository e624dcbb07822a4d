import AudioFiles
import AudioSegmentation
public import DictationTypes
public import FoundationEssentials
import Glibc
import Library
import Linux

/// The spool folder: recordings on their way (`ID.wav`), and what the library has refused so far (`ID.json`).
public struct Spool: Sendable {
  /// The folder.
  public let folder: String
  /// The frames of a recording that may be in memory alone, because the disk does not take them.
  let memoryLimit: Int

  /// A spool in `folder`.
  public init(folder: String) { self.init(folder: folder, memoryLimit: SpoolFile.memoryLimit) }

  init(folder: String, memoryLimit: Int) {
    self.folder = folder
    self.memoryLimit = memoryLimit
  }

  /// Makes the folder, and removes what killed processes left half written.
  ///
  /// - Throws: `DictationError` of kind `storage`.
  func prepare() throws(DictationError) {
    do throws(LocationError) { try makeFolder(folder) } catch {
      throw DictationError(.storage, error.description)
    }
    for name in listFolder(folder) where isAbandoned(name) { unlink("\(folder)/\(name)") }
  }
  /// Whether `name` is a file on its way (`ID.json.PROCESS.TIME.new`) of a process that is gone.
  private func isAbandoned(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    guard parts.count == 5, JobID(String(parts[0])) != nil, parts[1] == "json", parts[4] == "new",
      let process = Int32(parts[2])
    else { return false }
    // Our own number was somebody else's before: nothing is on its way at the start.
    return process == getpid() || kill(process, 0) != 0 && errno == ESRCH
  }

  /// Where the audio of `job` is until it is in the library.
  public func audioPath(_ job: JobID) -> String { "\(folder)/\(job).wav" }

  /// The recordings that nobody is writing to, or has taken up, oldest first. What is no recording, or cannot be
  /// read, is logged and left alone.
  func recordings() -> [(job: JobID, file: OrphanFile)] {
    jobs(".wav").compactMap { job in
      let path = audioPath(job)
      do throws(OrphanProblem) { return (job, try OrphanFile(path)) } catch {
        switch error {
        case .inUse, .unreadable(ENOENT): break
        case .foreign(let what): log("\(path) is no recording of ours but \(what): it is left alone")
        case .unreadable(let code):
          log(
            "the recording \(path) cannot be read: \(systemError(code)). It is kept; the next start tries again"
          )
        }
        return nil
      }
    }
  }

  /// Whether the spool has all of the audio of `job`, which is `wav`.
  func holds(_ wav: [UInt8], of job: JobID) -> Bool {
    let path = audioPath(job)
    guard fileSize(path) == wav.count else { return false }
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var header = [UInt8](repeating: 0, count: WAVHeader.size)
    return read(descriptor, &header, header.count) == header.count && wav.starts(with: header)
  }

  /// Removes the audio of `job`.
  func removeAudio(_ job: JobID) { unlink(audioPath(job)) }

  /// Keeps `item`, which the library refuses, so that it outlasts a power cut.
  ///
  /// - Throws: `DictationError` of kind `storage`.
  func keep(_ item: Item) throws(DictationError) {
    let path = itemPath(item.id)
    guard let data = try? wireEncoder().encode(item) else {
      throw DictationError(.internalError, "the result of \(item.id) cannot be written down")
    }
    guard replaceFile(path, with: Array(data)) else {
      throw DictationError(
        .storage, "\(path) cannot be written: \(systemError()). Free the disk, or mend its owner")
    }
  }

  /// What the library has refused so far, oldest first.
  func refused() -> [Item] { jobs(".json").compactMap(refused) }

  /// What the library has refused of `job`.
  func refused(_ job: JobID) -> Item? {
    let path = itemPath(job)
    guard let bytes = readFile(path, isPlain: true) else { return nil }
    if let item = try? wireDecoder().decode(Item.self, from: Data(bytes)) { return item }
    if rename(path, path + ".broken") == 0 {
      log("\(path) is damaged: it is kept as \(path).broken, and \(job) is not stored from it")
    }
    return nil
  }

  /// Forgets what the library has taken meanwhile.
  func forget(_ job: JobID) {
    let path = itemPath(job)
    // Looking does not wait for a disk that hangs, and there is hardly ever something.
    if access(path, F_OK) == 0 { unlink(path) }
  }

  private func itemPath(_ job: JobID) -> String { "\(folder)/\(job).json" }

  private func jobs(_ suffix: String) -> [JobID] {
    listFolder(folder).filter { $0.hasSuffix(suffix) }.compactMap { JobID(String($0.dropLast(suffix.count))) }
  }
}

/// How JSON is written, in files and on the socket: snake case, sorted keys, one line.
public func wireEncoder() -> JSONEncoder {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.keyEncodingStrategy = .convertToSnakeCase
  return encoder
}

/// How it is read.
func wireDecoder() -> JSONDecoder {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return decoder
}
