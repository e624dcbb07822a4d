import AudioFiles
public import DictationTypes
import Linux
import Synchronization

/// Why the file of a recording holds less than was said.
public enum SpoolTrouble: Sendable, Hashable {
  /// The disk refuses, with this error number.
  case refused(Int32)
  /// The disk does not answer.
  case silent
  /// So much is in memory alone that the recording has to end.
  case full
}

/// A recording on its way. All of it is in memory as a WAV file (16 kHz, mono, 16 bit: 1.9 MB a minute), because the
/// engine gets it from there; a thread of its own writes it to the disk at once, so that a kill at any moment costs
/// nothing but the last milliseconds. Nothing here but `finish` ever waits for the disk.
///
/// Another thread brings what was written to the disk once a second, so that a power cut costs about the last second.
///
/// What the disk refuses, or is too slow for, is tried again every second, and `trouble` tells it. The file is locked
/// as long as this object lives: other daemons see that the recording is not an orphan.
public final class SpoolFile: Sendable {
  /// The path.
  public let path: String
  private let shared: SpoolShared
  private let limit: Int

  /// The frames that may be in memory alone: ten minutes.
  public static let memoryLimit = 600 * AudioFormat.speech.sampleRate
  /// How long the disk may take until it is told, in nanoseconds.
  static let patience: UInt64 = 2_000_000_000

  /// A new file at `path`, which only its owner can read; its folder is made when it is missing. `memoryLimit`: the
  /// frames that may be in memory alone.
  public init(path: String, memoryLimit: Int = SpoolFile.memoryLimit) {
    let shared = SpoolShared()
    self.path = path
    self.shared = shared
    limit = WAVHeader.size + 2 * memoryLimit
    WorkerThread(name: "spool-write") { SpoolDisk(path, shared).run() }.detach()
  }

  deinit { shared.end() }

  /// Adds samples at the end.
  public func append(_ samples: UnsafeBufferPointer<Int16>) {
    let now = monotonicNanoseconds()
    shared.content.withLock { content in
      if content.isWritten { content.lastProgress = now }
      content.bytes += UnsafeRawBufferPointer(samples)
    }
    shared.wake.signal()
  }

  /// How many frames it holds.
  public var frames: Int { shared.content.withLock { WAVHeader.frames(bytes: $0.bytes.count) } }

  /// The samples of `range`, all of which it holds.
  public func samples(_ range: Range<Int>) -> [Int16] {
    shared.content.withLock { content in
      content.bytes.withUnsafeBytes { bytes in
        let part = WAVHeader.size + 2 * range.lowerBound..<WAVHeader.size + 2 * range.upperBound
        return Array(UnsafeRawBufferPointer(rebasing: bytes[part]).bindMemory(to: Int16.self))
      }
    }
  }

  /// Why the disk holds less than was said, or nil.
  public var trouble: SpoolTrouble? {
    let now = monotonicNanoseconds()
    return shared.content.withLock { content in
      if content.bytes.count - content.written > limit { return .full }
      if let code = content.refusal ?? content.syncRefusal { return .refused(code) }
      let isLate = now > content.lastProgress + Self.patience
      return isLate && !content.isWritten ? .silent : nil
    }
  }

  /// `trouble` for people.
  public func error(_ trouble: SpoolTrouble) -> DictationError {
    let message =
      switch trouble {
      case .refused(let code): "\(systemError(code)). The recording goes on in memory; free the disk"
      case .silent: "the disk does not answer. The recording goes on in memory; see what holds the disk up"
      case .full:
        "too much of the recording is in memory alone. It ends here, and is transcribed; free the disk, or mend it"
      }
    return DictationError(.storage, "\(path) cannot be written: \(message)")
  }

  /// The whole recording as the bytes of a WAV file.
  public func wav() -> [UInt8] {
    shared.content.withLock { content in
      // In place: a long recording is not copied.
      content.bytes.replaceSubrange(
        ..<WAVHeader.size, with: WAVHeader.bytes(frames: WAVHeader.frames(bytes: content.bytes.count)))
      return content.bytes
    }
  }

  /// Writes what is left, makes all of it outlast a power cut, and returns when that is done, or refused.
  public func finish() {
    shared.end()
    shared.isDone.wait()
    // For whoever asks once more.
    shared.isDone.signal()
  }
}

/// What a spool file and its threads share.
final class SpoolShared: Sendable {
  let content = Lock(SpoolContent())
  /// Wakes the thread that writes.
  let wake = WakeEvent()
  let isEnding = Atomic(false)
  let isDone = WakeEvent()
  /// The file; -1 until it has been made. It is closed when neither the recording nor a thread needs it.
  let descriptor = Atomic<Int32>(-1)

  deinit { closeFile(descriptor.load(ordering: .acquiring)) }

  func end() {
    isEnding.store(true, ordering: .releasing)
    wake.signal()
  }
}

/// The recording, and how much of it the disk has.
struct SpoolContent {
  /// All of it as a WAV file, whose header gets its numbers when it is asked for.
  var bytes = WAVHeader.bytes(frames: 0)
  /// How many of the bytes the file has.
  var written = 0
  /// How many of them outlast a power cut.
  var synced = 0
  /// Why the last try to write failed.
  var refusal: Int32?
  /// Why the last sync failed.
  var syncRefusal: Int32?
  /// When the file last grew, or had all, in nanoseconds of CLOCK_MONOTONIC.
  var lastProgress = monotonicNanoseconds()

  /// Whether the file has all.
  var isWritten: Bool { written == bytes.count }
}
