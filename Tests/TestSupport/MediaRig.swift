import Foundation

/// Runs the `ffmpeg` program, which makes and reads files beside thoth.
public func ffmpeg(_ arguments: String...) throws {
  let ended = try run("ffmpeg", ["-v", "error", "-nostdin", "-y"] + arguments)
  guard ended.code == 0 else { throw RigError("ffmpeg \(arguments): \(ended.errors)") }
}

/// The samples of the file at `path` as `ffmpeg` decodes them: mono, 16 kHz; of audio track `track`.
public func decoded(_ path: String, track: Int = 0) throws -> [Int16] {
  let folder = try TemporaryFolder()
  try ffmpeg("-i", path, "-map", "0:a:\(track)", "-ac", "1", "-ar", "16000", "-f", "s16le", folder.file("raw"))
  let data = FileManager.default.contents(atPath: folder.file("raw")) ?? Data()
  return data.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
}

/// Makes a file of the sentence of `utt_jfk.wav`, which takes 11 s, `count` times, with 3 s of silence behind each: as many
/// segments.
public func makeSpeech(_ path: String, sentences count: Int) throws {
  let length = 14 * 16_000
  try ffmpeg(
    "-i", recording("utt_jfk.wav"), "-af", "apad=whole_len=\(length),aloop=loop=\(count - 1):size=\(length)", path)
}
