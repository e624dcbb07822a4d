import DictationTypes
import FoundationEssentials
import Glibc
import Linux
import MediaFiles

/// `thoth-media decode [--track N] --parent ID`: what comes on standard input, as 16-bit mono samples at 16 kHz on standard
/// output, behind one line of JSON with what the file says of itself. The exit code.
func decode(_ arguments: [String]) -> Int32 {
  let options = Dictionary(
    zip(arguments, arguments.dropFirst()).filter { $0.0.hasPrefix("--") }, uniquingKeysWith: { $1 })
  if let parent = options["--parent"].flatMap(Int32.init) { endWithParent(parent) }
  limitMemory(to: 1 << 30)
  do throws(DictationError) {
    let folder = currentEnvironment()["TMPDIR"] ?? "/tmp"
    let reader = try AudioReader(
      0, track: options["--track"].flatMap { Int($0) }, as: .speech, scratchFolder: folder)
    guard writeAll(1, jsonLine(Header(reader))) else { return 0 }
    var frames = 0
    while case let block = try reader.readInt16(8192), !block.isEmpty {
      frames += block.count
      // Whoever listens has heard enough.
      guard block.withUnsafeBytes({ writeAll(1, $0) }) else { return 0 }
    }
    warnings(reader, frames).forEach { tell(HelperMessage(warning: $0)) }
    return 0
  } catch {
    tell(HelperMessage(error))
    return 1
  }
}

private func warnings(_ reader: AudioReader, _ frames: Int) -> [String] {
  var warnings: [String] = []
  if reader.damagedPackets > 0 {
    warnings.append("\(reader.damagedPackets) of its packets are damaged and were left out")
  }
  let length = AudioFormat.speech.milliseconds(frames: frames)
  // What containers say of their length is exact to a packet or two, or a guess by the bit rate.
  if let told = reader.information.durationMs, told - length > max(1000, told / 20) {
    warnings.append("it ends early: it says \(told / 1000) s, and has \(length / 1000) s")
  }
  return warnings
}

/// The first line.
private struct Header: Encodable {
  let container: String
  let durationMs: Int?
  let tracks: [AudioTrack]
  let tags: [String: String]
  let track: Int

  init(_ reader: AudioReader) {
    container = reader.information.container
    durationMs = reader.information.durationMs
    tracks = reader.information.tracks
    tags = reader.information.tags
    track = reader.track
  }
}
