import DictationTypes
import FoundationEssentials
import Glibc
import Linux
import MediaFiles

/// What it may take of the processor until the next samples come. Half a second of sound takes milliseconds: it is for
/// files over which libav does not come back.
private let patience = 60

/// `thoth-media decode [--track N] [--parent ID]`: what comes on standard input, as 16-bit mono samples at 16 kHz on
/// standard output, behind one line of JSON with what the file says of itself. The exit code.
func decode(_ arguments: [String]) -> Int32 {
  var track: Int?
  var rest = arguments[...]
  while let option = rest.popFirst() {
    guard let value = rest.popFirst().flatMap({ Int($0) }), value >= 0 else { return misused(option) }
    switch option {
    case "--track": track = value
    case "--parent": endWithParent(Int32(clamping: value))
    default: return misused(option)
    }
  }
  // What the decoders of libav need for the largest frames, several times over.
  limitMemory(to: 1 << 30)
  limitReach()
  endAfterProcessorTime(seconds: patience)
  do throws(DictationError) {
    let folder = currentEnvironment()["TMPDIR"] ?? "/tmp"
    try decode(AudioReader(0, track: track, as: .speech, scratchFolder: folder))
    return 0
  } catch {
    tell(HelperMessage(error))
    return 1
  }
}

private func misused(_ option: String) -> Int32 {
  tell(
    HelperMessage(
      kind: ErrorKind.internalError.rawValue, message: "thoth-media decode takes no \"\(option)\""))
  return 2
}

private func decode(_ reader: AudioReader) throws(DictationError) {
  // Whoever listens may have heard enough.
  guard try put(jsonLine(Header(reader)).withUnsafeBytes { writeAll(1, $0) }) else { return }
  var frames = 0
  while case let block = try reader.readInt16(8192), !block.isEmpty {
    frames += block.count
    endAfterProcessorTime(seconds: patience)
    guard try put(block.withUnsafeBytes { writeAll(1, $0) }) else { return }
  }
  warnings(reader, frames).forEach { tell(HelperMessage(warning: $0)) }
}

/// Whether more is to come, as `isWritten` and errno tell.
private func put(_ isWritten: Bool) throws(DictationError) -> Bool {
  guard isWritten || errno == EPIPE else {
    throw DictationError(.storage, "the samples cannot be written: \(systemError())")
  }
  return isWritten
}

private func warnings(_ reader: AudioReader, _ frames: Int) -> [String] {
  var warnings: [String] = []
  switch reader.damagedPackets {
  case 0: break
  case 1: warnings.append("a piece of it is damaged and was left out")
  case let count: warnings.append("\(count) pieces of it are damaged and were left out")
  }
  let length = AudioFormat.speech.milliseconds(frames: frames)
  // What containers say of their length is exact to a packet or two.
  if let told = reader.toldMs, told - length > max(250, told / 100) {
    warnings.append("it ends early: it says \(seconds(told)) s, and has \(seconds(length)) s")
  }
  return warnings
}

/// `milliseconds` as seconds with a decimal.
private func seconds(_ milliseconds: Int) -> String { "\(milliseconds / 1000).\(milliseconds % 1000 / 100)" }

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
