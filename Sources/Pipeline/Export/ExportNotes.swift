import AudioExport
import DictationTypes
import FoundationEssentials
import Glibc
import Linux

/// What is written down of an export: enough to repeat it, which files it leaves behind when nobody lives to remove them,
/// and how it ended. No text of any item is in it.
struct ExportNote: Sendable, Codable {
  /// The job.
  var id: JobID
  /// The clips.
  var cues: [ClipCue]
  /// How it is made.
  var options: ExportOptions
  /// The file, as it was named.
  var path: String
  /// The hidden files that it writes.
  var hidden: [String]
  /// How it ended; nil: it has not, or its daemon was killed.
  var ending: ExportEnding?
}

/// The notes of the last exports, a file each.
struct ExportNotes: Sendable {
  /// How many are kept.
  private static let limit = 50

  private let folder: String

  /// Notes in `folder`, which is made when it is needed.
  init(folder: String) { self.folder = folder }

  /// Keeps `note`, so that it outlasts the end of this process, and `durably` that of the machine. What cannot be kept is no
  /// reason not to export.
  func keep(_ note: ExportNote, durably: Bool = true) {
    guard (try? makeFolder(folder)) != nil, let data = try? wireEncoder().encode(note),
      replaceFile(path(note.id), with: Array(data), durably: durably)
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

  /// Removes what the exports `left` have left that had not ended when the daemon was killed, and notes that.
  func cleanUp(_ left: [JobID]) {
    for id in left {
      guard var note = read(id), note.ending == nil else { continue }
      for path in note.hidden where isHidden(path) { unlink(path) }
      note.ending = .interruption
      keep(note)
    }
  }

  /// How the `count` exports ended that were begun last, the newest last. One without an end is told as interrupted.
  func endings(last count: Int) -> [EndedExport] {
    ids().suffix(count).compactMap { read($0) }.map { note in
      EndedExport(job: note.id, path: note.path, ending: note.ending ?? .interruption)
    }
  }

  /// Forgets the oldest ones that have ended.
  func prune() {
    for id in ids().dropLast(Self.limit) {
      if let note = read(id), note.ending == nil { continue }
      unlink(path(id))
    }
  }

  /// A name for the file at `path` until it is complete, in the same folder.
  static func hidden(for path: String, _ id: JobID) -> String {
    let (folder, name) = placeBeside(path)
    return "\(folder).\(name).\(id).part"
  }

  /// Whether `path` is the name of such a file. The notes could have been changed.
  private func isHidden(_ path: String) -> Bool {
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

extension ExportEnding {
  /// That of an export which had none.
  fileprivate static var interruption: ExportEnding { ExportEnding(.interrupted, at: unixMilliseconds()) }
}
