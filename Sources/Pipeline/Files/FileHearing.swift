import AudioSegmentation
import DictationTypes
import Library
import Linux

/// A file while it is heard: its helper, the thread that listens, and what that has cut.
struct FileHearing: Sendable {
  /// What is known at the end of the file.
  struct End: Sendable {
    /// How long it is, in milliseconds.
    var durationMs: Int
    /// When it was recorded, in milliseconds since 1970; nil: it does not say.
    var recordedAt: UInt64?
    /// What its decoder warns of.
    var warnings: [String]
    /// Its audio, on the way into the library; nil: it is not kept.
    var audio: EncodedAudio?
    /// Why it is not kept though it was to be.
    var storageError: DictationError?
  }

  private let process: MediaProcess
  private let queue = SegmentQueue(room: Self.room)
  private let meter: FileMeter

  /// How long the decoder of a file may give nothing, in milliseconds.
  private static let stall: Int32 = 60_000
  /// How many segments are heard ahead of the engine.
  private static let room = 2

  /// Begins to decode what `descriptor` gives, which stays the caller's; `isEndless`: more may come at any time.
  ///
  /// - Throws: as `MediaProcess`.
  init(
    _ descriptor: Int32, track: Int?, isEndless: Bool, scratchFolder: String, _ meter: FileMeter
  ) throws(DictationError) {
    self.meter = meter
    process = try MediaProcess(
      descriptor, track: track, scratchFolder: scratchFolder, stall: isEndless ? -1 : Self.stall)
  }

  /// The next segment; nil at the end.
  func next() async -> SpeechPart? { await queue.next() }

  /// Ends it before its end.
  func cancel() {
    process.kill()
    queue.close()
  }

  /// Listens to all of it; each segment waits for `next`.
  ///
  /// - Parameter library: where its audio is kept; nil: it is not.
  /// - Throws: kind `format` when this is nothing to hear, `cancelled`, `config`.
  func listen(_ aggressiveness: Int, keepingIn library: Library?) async throws(DictationError) -> End {
    try await onThread("file") { () throws(DictationError) in
      defer { queue.end() }
      var keeper = AudioKeeper(library)
      do throws(DictationError) {
        let header = try process.header()
        meter.note(durationMs: header.durationMs)
        let length = try hear(aggressiveness, &keeper)
        let warnings = try warnings(after: length)
        let audio = keeper.finish()
        return End(
          durationMs: AudioFormat.speech.milliseconds(frames: length), recordedAt: header.recordedAt,
          warnings: warnings, audio: audio, storageError: keeper.problem)
      } catch {
        keeper.abandon()
        process.kill()
        throw error
      }
    }
  }

  /// What the decoder warns of. Where it failed in the middle, what came before is worth something.
  private func warnings(after length: Int) throws(DictationError) -> [String] {
    do throws(DictationError) { return try process.finish() } catch {
      guard length > 0, error.kind != .cancelled else { throw error }
      return ["\(error.message). What comes after is missing"]
    }
  }

  private func hear(_ aggressiveness: Int, _ keeper: inout AudioKeeper) throws(DictationError) -> Int {
    var listener = FileListener(aggressiveness: aggressiveness)
    while case let block = try process.read(FileListener.block), !block.isEmpty {
      keeper.append(block)
      for part in listener.hear(block) { try put(part) }
      meter.heard(AudioFormat.speech.milliseconds(frames: listener.begin))
    }
    if let tail = listener.finish() { try put(tail) }
    return listener.length
  }

  private func put(_ part: SpeechPart) throws(DictationError) {
    meter.began(part.start)
    guard queue.put(part) else { throw DictationError(.cancelled, "cancelled") }
  }
}

/// Keeps the audio of a file as long as the disk takes it: its text does not depend on that.
private struct AudioKeeper {
  private var audio: IncomingAudio?
  /// Why it does not.
  private(set) var problem: DictationError?

  init(_ library: Library?) {
    do throws(DictationError) { audio = try library?.beginAudio() } catch { problem = error }
  }

  mutating func append(_ samples: [Int16]) {
    do throws(DictationError) { try audio?.append(samples) } catch {
      abandon()
      problem = error
    }
  }

  mutating func finish() -> EncodedAudio? {
    do throws(DictationError) { return try audio?.finish() } catch {
      abandon()
      problem = error
      return nil
    }
  }

  mutating func abandon() {
    audio?.abandon()
    audio = nil
  }
}

extension SpeechPart {
  /// Where it begins in the recording, in milliseconds.
  var start: Int { AudioFormat.speech.milliseconds(frames: span.range.lowerBound) }
}
