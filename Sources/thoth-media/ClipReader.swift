import AudioExport
import DictationTypes
import Glibc
import Linux
import MediaFiles

/// The samples of one clip. Its file is open as long as this is there.
final class ClipReader: ClipSource {
  let channels: Int
  private let clip: Clip
  private let reader: AudioReader
  private let descriptor: Int32
  private var remaining: Int

  /// How many frames a length may be off where the rate is changed.
  private static let tolerance = 64

  /// Opens the audio of `clip`, to be read at `sampleRate`.
  ///
  /// - Throws: kind `missingAsset` when the file is gone, `storage` when it is damaged, `internalError` when too many are
  ///   open.
  init(_ clip: Clip, sampleRate: Int) throws(DictationError) {
    self.clip = clip
    // Where it has run out, neither Swift nor libav says so. What is left is for what clips take when they are read.
    if isMemoryScarce() { throw Self.tooMany("more memory than an export may have") }
    let file = open(clip.asset.path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard file >= 0 else {
      if errno == EMFILE { throw Self.tooMany("more open files than a process may have (`ulimit -n`)") }
      let isGone = errno == ENOENT
      throw DictationError(
        isGone ? .missingAsset : .storage,
        "the audio of \(clip.item) \(isGone ? "is gone" : "cannot be read: \(systemError())")")
    }
    do throws(DictationError) {
      channels = min(2, max(1, clip.asset.channels))
      reader = try AudioReader(
        file, as: AudioFormat(sampleRate: sampleRate, channels: channels), scratchFolder: "/tmp")
      if clip.start > 0 { try reader.seek(to: clip.start) }
    } catch {
      close(file)
      throw DictationError(.storage, "the audio of \(clip.item) is damaged: \(error.message)")
    }
    descriptor = file
    remaining = clip.length
  }

  deinit { close(descriptor) }

  private static func tooMany(_ what: String) -> DictationError {
    DictationError(
      .internalError, "it takes \(what): have fewer clips heard at the same time, in several exports")
  }

  func read(_ frames: Int) throws(DictationError) -> [Float] {
    let wanted = min(frames, remaining)
    guard wanted > 0 else { return [] }
    let samples: [Float]
    do throws(DictationError) { samples = try reader.read(wanted) } catch {
      throw DictationError(.storage, "the audio of \(clip.item) is damaged: \(error.message)")
    }
    remaining -= samples.count / channels
    let isResampled = reader.format.sampleRate != clip.asset.sampleRate
    guard reader.damagedPackets == 0, !samples.isEmpty || remaining <= (isResampled ? Self.tolerance : 0)
    else {
      let missing = Double(remaining) / Double(reader.format.sampleRate)
      throw DictationError(
        .storage,
        "the audio of \(clip.item) is damaged: \(samples.isEmpty ? "the last \(missing) s of the clip are not there" : "a part of it cannot be decoded")"
      )
    }
    return samples
  }
}

/// A clip that becomes silence, instead of a failure, when its audio is damaged or gone.
final class ForgivingReader: ClipSource {
  let channels: Int
  private var reader: ClipReader?
  private let warn: (String) -> Void

  /// - Throws: what is no fault of the audio.
  init(_ clip: Clip, sampleRate: Int, warn: @escaping (String) -> Void) throws(DictationError) {
    self.warn = warn
    do throws(DictationError) {
      let reader = try ClipReader(clip, sampleRate: sampleRate)
      (self.reader, channels) = (reader, reader.channels)
    } catch {
      guard error.kind != .internalError else { throw error }
      channels = 1
      warn(error.message + ": silence is in its place")
    }
  }

  func read(_ frames: Int) -> [Float] {
    do throws(DictationError) { return try reader?.read(frames) ?? [] } catch {
      reader = nil
      warn(error.message + ": silence is in its place")
      return []
    }
  }
}
