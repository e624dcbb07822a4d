import Captions
import CommandLine
import DictationTypes
import Glibc
import Linux
import Pipeline

/// How a transcript is written.
enum TranscriptStyle: String, Sendable {
  case text = "txt"
  case json
  case srt
  case vtt

  /// What the option `format` says.
  init(_ request: ControlRequest) { self = request.options["format"].flatMap(Self.init) ?? .text }

  /// Whether texts of several files can stand one after the other.
  var canFollow: Bool { self == .text || self == .json }

  /// `transcript` of the file `name`.
  func contents(of transcript: FileTranscript, _ name: String) -> String {
    switch self {
    case .text: transcript.text
    case .json: ControlSocket.json(TranscriptLine(name, transcript))
    case .srt: Captions.srt(cues(of: transcript))
    case .vtt: webVTT(cues(of: transcript))
    }
  }
}

private func cues(of transcript: FileTranscript) -> [CaptionCue] {
  captionCues(transcript.words, rules: CaptionRules(language: transcript.language))
}

/// A transcript as scripts see it. Times are in milliseconds from the beginning.
private struct TranscriptLine: Encodable {
  let file: String
  let durationMs: Int
  let language: String?
  let engine: String
  let model: String
  let text: String
  let rawText: String
  let segments: [TimedText]
  let words: [TimedWord]
  let warnings: [String]
  let item: JobID?

  init(_ name: String, _ transcript: FileTranscript) {
    file = name
    durationMs = transcript.durationMs
    language = transcript.language
    engine = transcript.engine
    model = transcript.model
    text = transcript.text
    rawText = transcript.rawText
    segments = transcript.segments
    words = transcript.words
    warnings = transcript.warnings
    item = transcript.item
  }
}

/// Where transcripts go: to standard output in the order of the files, or into files of their own.
struct TranscriptWriter: Sendable {
  let style: TranscriptStyle
  /// The folder for files; nil: standard output.
  let folder: String?
  /// The modes of new files and folders.
  let modes: (file: UInt32, folder: UInt32)

  /// The paths of the files for `places`, the places of the sources below what was asked for. Two that differ in their
  /// ending alone keep it.
  func paths(for places: [String]) -> [String] {
    guard let folder else { return [] }
    let short = places.map(withoutEnding)
    let counts = Dictionary((short + places).map { (Array($0.utf8), 1) }, uniquingKeysWith: +)
    return zip(places, short).map { place, short in
      let isAlone = counts[Array(short.utf8)] == (short == place ? 2 : 1)
      return "\(folder)/\(isAlone ? short : place).\(style.rawValue)"
    }
  }

  /// Refuses `paths` before any work is done: two files with one text, a text that exists, a folder that takes none.
  ///
  /// - Parameter replaceable: for each, whether one that exists is replaced; nil: all are.
  func check(_ paths: [String], replaceable: [Bool]?, of names: [String]) throws(CommandFailure) {
    var owners: [[UInt8]: String] = [:]
    for (number, path) in paths.enumerated() {
      if let other = owners.updateValue(names[number], forKey: Array(path.utf8)) {
        throw CommandFailure(
          .usage,
          "\(plain(other)) and \(plain(names[number])) would both be \(plain(path)): transcribe them one after the other"
        )
      }
      if replaceable?[number] == false, access(path, F_OK) == 0 {
        throw CommandFailure(.usage, "\(plain(path)) exists: name another folder, or add --force")
      }
    }
    guard let folder, !paths.isEmpty else { return }
    do throws(LocationError) { try makeFolder(folder, mode: modes.folder) } catch {
      throw CommandFailure(.usage, error.description)
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw CommandFailure(.usage, "\(folder) takes no files: \(systemError())")
    }
  }

  /// Writes `text` to `path`, whole or not at all; in the place of a file only when it `replaces` it.
  ///
  /// - Throws: kind `storage` when the disk refuses.
  func write(_ text: String, to path: String, replaces: Bool) throws(DictationError) {
    let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    do throws(LocationError) { try makeFolder(parent, mode: modes.folder) } catch {
      throw DictationError(.storage, error.description)
    }
    let newline = text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? "" : "\n"
    let bytes = Array((text + newline).utf8)
    guard replaceFile(path, with: bytes, mode: modes.file, replaces: replaces) else {
      throw DictationError(.storage, "\(path) cannot be written: \(systemError())")
    }
  }
}

/// Whether there is a file at `path`, and no folder. A text that is there is whole: `write` makes no parts of one.
func isRegularFile(_ path: String) -> Bool {
  var found = stat()
  return stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFREG
}

/// `place` without what is behind the last dot of its name.
private func withoutEnding(_ place: String) -> String {
  guard let dot = place.lastIndex(of: "."), !place[dot...].contains("/"), dot > place.startIndex,
    place[place.index(before: dot)] != "/"
  else { return place }
  return String(place[..<dot])
}
