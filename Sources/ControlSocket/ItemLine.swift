import DictationTypes
import Glibc
import Library
import Linux

/// An item of the library as scripts see it: `history show --json`, and each line of `history --format json`.
struct ItemLine: Encodable {
  let id: JobID
  let kind: String
  let createdAt: String
  let modifiedAt: String
  let deletedAt: String?
  let state: PipelineState
  let text: String?
  let rawText: String?
  let filteredText: String?
  let language: String?
  let engine: String?
  let model: String?
  let durationMs: Int?
  let device: String?
  let recovered: Bool
  let output: OutputReport?
  let timingsMs: Timings?
  let error: DictationError?
  let tags: [String: String]
  let audio: AudioFile?
  /// The file that holds the audio.
  let path: String?

  init(_ item: Item, path: String? = nil) {
    id = item.id
    kind = item.kind.rawValue
    createdAt = timestamp(item.createdAt)
    modifiedAt = timestamp(item.modifiedAt)
    deletedAt = item.deletedAt.map(timestamp)
    state = item.state
    text = item.result?.text
    rawText = item.result?.rawText
    filteredText = item.result?.filteredText
    language = item.result?.language
    engine = item.result?.engine
    model = item.result?.model
    durationMs = item.durationMs
    device = item.device
    recovered = item.isRecovered
    output = item.result?.output
    // Nobody waited for an import.
    timingsMs = item.kind == .import ? nil : item.result?.timingsMs
    error = item.error
    tags = item.tags
    audio = item.audio
    self.path = path
  }

  /// The same for people.
  var sentences: String {
    var lines = [
      ("id", id.description), ("said", createdAt),
      ("state", condition(state, error) + (recovered ? ", recovered" : "")),
    ]
    if let durationMs { lines.append(("length", "\(Double(durationMs / 100) / 10) s")) }
    if let device { lines.append(("from", device)) }
    if let engine { lines.append(("by", "\(engine), model \(model ?? "")")) }
    if let language { lines.append(("language", language)) }
    if let deletedAt { lines.append(("in the trash since", deletedAt)) }
    if let error { lines.append(("failed", error.message)) }
    if !tags.isEmpty { lines.append(("tags", tagList(tags))) }
    lines.append(("audio", path ?? "not kept"))
    let head = lines.map { "\($0): \($1)" }.joined(separator: "\n")
    return text.map { "\(head)\n\n\($0)" } ?? head
  }
}

extension Item {
  /// How long the recording is, in milliseconds; nil when that is not known.
  var durationMs: Int? {
    result?.durationMs ?? audio.map { $0.sampleRate == 0 ? 0 : $0.frames * 1000 / $0.sampleRate }
  }

  /// The item in one line for people: enough of the id to name it, when it was said, how long, and the text.
  var line: String {
    let seconds = durationMs.map { "\(($0 + 500) / 1000) s" } ?? "-"
    let length = String(repeating: " ", count: max(0, 6 - seconds.count)) + seconds
    return "\(id.short)  \(localTime(createdAt, "%Y-%m-%d %H:%M"))  \(length)  \(headline)"
  }

  private var headline: String {
    guard let text = result?.text else {
      return "(\(condition(state, error))\(error.map { ": \($0.message)" } ?? ""))"
    }
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 100 ? line.prefix(99) + "…" : line
  }
}

/// A stored state for people. Only what an earlier daemon left is stored as idle.
private func condition(_ state: PipelineState, _ error: DictationError?) -> String {
  guard state == .idle else { return state.name }
  return error == nil ? "waits to be transcribed" : "waits for the engine"
}

/// A time in milliseconds since 1970 for the name of a file, in local time.
func fileTime(_ unixMilliseconds: UInt64) -> String { localTime(unixMilliseconds, "%Y%m%d_%H%M%S") }

private func localTime(_ unixMilliseconds: UInt64, _ format: String) -> String {
  var seconds = time_t(unixMilliseconds / 1000)
  var parts = tm()
  localtime_r(&seconds, &parts)
  var buffer = [UInt8](repeating: 0, count: 64)
  let count = buffer.withUnsafeMutableBytes { bytes in
    strftime(bytes.bindMemory(to: CChar.self).baseAddress!, bytes.count, format, &parts)
  }
  return String(decoding: buffer[..<count], as: UTF8.self)
}
