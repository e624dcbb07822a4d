import DictationTypes
import FoundationEssentials
import Linux

/// What `thoth-media` has said on its standard error: lines of JSON.
struct HelperMessages {
  private struct Line: Decodable {
    var kind: String?
    var message: String?
    var warning: String?
  }

  private let text: [String]
  private let lines: [Line]

  /// What is in `file`, to which its standard error went.
  init(_ file: MemoryFile) {
    let all = String(decoding: readFile(file.path, mayBeLinked: true) ?? [], as: UTF8.self)
    text = all.split(separator: "\n").map(String.init)
    lines = text.compactMap { try? wireDecoder().decode(Line.self, from: Data($0.utf8)) }
  }

  /// What it warned of.
  var warnings: [String] { lines.compactMap(\.warning) }

  /// Why it ended with `code`; nil: it did not say.
  func failure(_ code: Int32) -> DictationError? {
    if let line = lines.last(where: { $0.message != nil }), let message = line.message {
      return DictationError(line.kind.flatMap(ErrorKind.init) ?? .internalError, message)
    }
    // What the system's loader says when a library is not there (ld.so(8)).
    return code == 127 ? helperIsMissing(text.last ?? "thoth-media cannot be started") : nil
  }
}

/// Why the helper is not there, with the way out.
func helperIsMissing(_ reason: String) -> DictationError {
  DictationError(
    .config,
    "\(reason). `sudo apt install libavformat59 libavcodec59 libswresample4 libebur128-1` brings its libraries"
  )
}

/// What ended a process, as `ChildProcess.wait` tells it.
func ending(_ code: Int32) -> String { code > 128 ? "signal \(code - 128)" : "code \(code)" }
