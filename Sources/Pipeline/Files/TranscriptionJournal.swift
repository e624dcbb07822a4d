import AudioSegmentation
import Crypto
import DictationTypes
import FoundationEssentials
import Glibc
import Linux
import SpeechRecognition

/// What of a file has been transcribed: a line of JSON for each segment, written as soon as its text is there. A run that
/// was interrupted is continued from it.
///
/// It knows the file by its path, size and time of change, and what it was asked for by the engine, the language and the
/// words to expect: of another file, or asked for otherwise, nothing is taken.
struct TranscriptionJournal: Sendable {
  /// One segment, with its text.
  struct Entry: Sendable, Codable {
    /// Where it is in the file, in samples at 16 kHz.
    var begin: Int
    var end: Int
    /// The silence before it, in milliseconds.
    var pauseBefore: Int
    var transcript: Transcript
  }

  /// That all of a file has been transcribed.
  struct Ending: Sendable, Codable {
    /// How long the file is, in milliseconds.
    var durationMs: Int
    /// What was worth a warning.
    var warnings: [String]
    /// The item of the library; nil: it was not stored.
    var item: JobID?
  }

  private enum Line: Codable {
    case segment(Entry)
    case done(Ending)
  }

  /// How long what was interrupted can be continued, in seconds: 30 days.
  static let life = 30 * 86_400

  private let path: String

  /// The journal of the file with this `identity`, asked for so, in `folder`.
  init?(_ identity: String, request: String, in folder: String) {
    guard let digest = SHA256() else { return nil }
    Array((identity + "\n" + request).utf8).withUnsafeBytes { digest.update($0) }
    path = "\(folder)/\(digest.finish()).jsonl"
  }

  /// What a run has left that was begun anew, and not completed.
  private var before: String { path + ".before" }

  /// Whether something of the file has been transcribed.
  var exists: Bool { access(path, F_OK) == 0 || access(before, F_OK) == 0 }

  /// Whether it was interrupted.
  var isUnfinished: Bool { exists && read().ending == nil }

  /// What has been transcribed, and the end, if it came to it. A line that a crash has cut off is left out.
  func read() -> (segments: [Range<Int>: Entry], ending: Ending?) {
    var segments: [Range<Int>: Entry] = [:]
    var ending: Ending?
    for file in [before, path] {
      ending = nil
      for line in (readFile(file, isPlain: true) ?? []).split(separator: UInt8(ascii: "\n")) {
        switch try? wireDecoder().decode(Line.self, from: Data(line)) {
        case .segment(let entry) where entry.begin < entry.end: segments[entry.begin..<entry.end] = entry
        case .done(let told): ending = told
        default: break
        }
      }
    }
    return (segments, ending)
  }

  /// Begins anew. What there is stays until all of the file has been transcribed: it may have been a mistake.
  func restart() {
    guard let known = readFile(path, isPlain: true), !known.isEmpty else { return }
    if write(known, to: before) { unlink(path) }
  }

  /// Adds a segment. Where the disk refuses, only the continuing suffers.
  func note(_ entry: Entry) { append(.segment(entry)) }

  /// Adds the end.
  func note(_ ending: Ending) { append(.done(ending)) }

  /// Forgets all of it.
  func remove() {
    unlink(path)
    unlink(before)
  }

  private func append(_ line: Line) {
    guard let data = try? wireEncoder().encode(line), makeFolderOfPath() else { return }
    _ = write(Array(data), to: path)
  }

  /// Adds lines to `file`. The one before may have been cut off by a crash.
  private func write(_ lines: [UInt8], to file: String) -> Bool {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let newline = [UInt8(ascii: "\n")]
    return writeAll(descriptor, newline + lines + newline)
  }

  private func makeFolderOfPath() -> Bool {
    (try? makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))) != nil
  }

  /// Removes what nobody has continued for so long in `folder`.
  static func removeOld(in folder: String) {
    for name in listFolder(folder) {
      var found = stat()
      let path = "\(folder)/\(name)"
      if stat(path, &found) == 0 && time(nil) - found.st_mtim.tv_sec > life { unlink(path) }
    }
  }
}
