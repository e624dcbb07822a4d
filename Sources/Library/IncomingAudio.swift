import AudioFiles
public import DictationTypes
import Glibc
import Linux

/// A FLAC file that is being written, beside the library's audio. Its length does not matter to the memory it takes.
/// One thread at a time uses it. What is neither finished nor abandoned is deleted with the object, and what a killed
/// process left is swept by the maintenance, a day later.
public final class IncomingAudio {
  private let path: String
  private let format: AudioFormat
  private let encoder: FLACEncoder
  private var frames = 0
  private var isFinished = false

  /// Makes the file at `path`, for about `frames` frames of `format`.
  init(_ path: String, _ format: AudioFormat, frames: Int) throws(DictationError) {
    self.path = path
    self.format = format
    do throws(DictationError) {
      encoder = try FLACEncoder(path, format: format, frames: frames)
    } catch {
      unlink(path)
      throw error
    }
  }

  deinit { if !isFinished { unlink(path) } }

  /// Adds interleaved samples. After a failure only `abandon` makes sense.
  ///
  /// - Throws: kind `storage` when the disk refuses, `internal` when the encoder fails.
  public func append(_ samples: [Int16]) throws(DictationError) {
    guard !samples.isEmpty else { return }
    try encoder.append(samples)
    frames += samples.count / format.channels
  }

  /// Writes the rest, syncs the file and hashes it: a second or two for ten hours. Call it once; nothing can be added
  /// then. What it returns is for `Library.storeAudio`, and a file that is never stored is swept a day later.
  ///
  /// - Throws: as `append`, and when the file cannot be read again; the file is gone then.
  public func finish() throws(DictationError) -> EncodedAudio {
    try encoder.finish()
    let (digits, bytes) = try sha256(ofFile: path)
    isFinished = true
    return EncodedAudio(
      path: path,
      file: AudioFile(
        sha256: digits, bytes: bytes, mimeType: "audio/flac", sampleRate: format.sampleRate,
        channels: format.channels, frames: frames, createdAt: unixMilliseconds()))
  }

  /// Deletes the file. The disk gives its room back when the object goes.
  public func abandon() { unlink(path) }
}

/// An audio file that is written and synced, but not in its place.
public struct EncodedAudio: Sendable {
  let path: String
  /// What it holds.
  public let file: AudioFile

  /// Deletes the file, instead of storing it.
  public func abandon() { unlink(path) }
}
