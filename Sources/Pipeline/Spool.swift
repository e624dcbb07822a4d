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

  /// A spool in `folder`.
  public init(folder: String) { self.folder = folder }

  /// Makes the folder.
  ///
  /// - Throws: `DictationError` of kind `storage`.
  func prepare() throws(DictationError) {
    do throws(LocationError) { try makeFolder(folder) } catch {
      throw DictationError(.storage, error.description)
    }
  }

  /// Where the audio of `job` is until it is in the library.
  public func audioPath(_ job: JobID) -> String { "\(folder)/\(job).wav" }

  /// The recordings that nobody is writing to, oldest first.
  func recordings() -> [JobID] { jobs(".wav").filter { !SpoolFile.isInUse(audioPath($0)) } }

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
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return readFile(itemPath(job)).flatMap { try? decoder.decode(Item.self, from: Data($0)) }
  }

  /// Forgets what the library has taken meanwhile.
  func forget(_ job: JobID) { unlink(itemPath(job)) }

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
