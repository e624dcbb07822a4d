import AudioExport
import DictationTypes
import FoundationEssentials
import Glibc
import Linux

/// What is written down of an export: enough to repeat it, and, as long as it runs, which file it leaves behind when
/// nobody lives to remove it. No text of any item is in it.
struct ExportNote: Sendable, Codable {
  /// The job.
  var id: JobID
  /// The clips.
  var cues: [ClipCue]
  /// How it is made.
  var options: ExportOptions
  /// The file.
  var path: String
  /// The file until it is complete; nil: it has ended.
  var temporary: String?
}

/// The notes of the last exports, a file each.
struct ExportNotes: Sendable {
  /// How many are kept.
  private static let limit = 50

  private let folder: String

  /// Notes in `folder`, which is made when it is needed.
  init(folder: String) { self.folder = folder }

  /// Keeps `note`, so that it outlasts the end of this process, or of the machine. What cannot be kept is no reason not to
  /// export.
  func keep(_ note: ExportNote) {
    guard (try? makeFolder(folder)) != nil, let data = try? wireEncoder().encode(note),
      replaceFile(path(note.id), with: Array(data))
    else {
      log("the export \(note.id) cannot be noted in \(folder): \(systemError())")
      return
    }
  }

  /// The note of the job whose id begins with `prefix`.
  ///
  /// - Throws: `CommandFailure` 2 when there is none, or several.
  func find(_ prefix: String) throws(CommandFailure) -> ExportNote {
    let found = ids().filter { $0.description.hasPrefix(prefix.lowercased()) }
    guard let id = found.first, let note = read(id) else {
      throw CommandFailure(.usage, "no export \(prefix) is known: the last \(Self.limit) can be repeated")
    }
    guard found.count == 1 else {
      throw CommandFailure(.usage, "several exports begin with \(prefix): give more of the id")
    }
    return note
  }

  /// Removes what the exports `left` have left that were running when the daemon was killed.
  func cleanUp(_ left: [JobID]) {
    for id in left {
      guard var note = read(id), let temporary = note.temporary else { continue }
      if isTemporary(temporary) { unlink(temporary) }
      note.temporary = nil
      keep(note)
    }
  }

  /// Forgets the oldest ones.
  func prune() { for id in ids().dropLast(Self.limit) { unlink(path(id)) } }

  /// A name for the file at `path` until it is complete, in the same folder.
  static func temporary(for path: String, _ id: JobID) -> String {
    let (folder, name) = placeBeside(path)
    return "\(folder).\(name).\(id).part"
  }

  /// Whether `path` is the name of such a file. The notes could have been changed.
  private func isTemporary(_ path: String) -> Bool {
    let name = lastComponent(path)
    return name.hasPrefix(".") && name.hasSuffix(".part")
  }

  /// The exports that are noted.
  func ids() -> [JobID] {
    listFolder(folder).filter { $0.hasSuffix(".json") }.compactMap { JobID(String($0.dropLast(5))) }
  }

  private func read(_ id: JobID) -> ExportNote? {
    readFile(path(id)).flatMap { try? wireDecoder().decode(ExportNote.self, from: Data($0)) }
  }

  private func path(_ id: JobID) -> String { "\(folder)/\(id).json" }
}
