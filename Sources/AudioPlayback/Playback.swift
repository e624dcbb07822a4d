import ALSA
import DictationTypes
import Glibc
import Linux
import Synchronization

/// One sound on its way to a loudspeaker: what its thread, its watchdog and whoever waits for it share.
final class Playback: Sendable {
  /// How it ended.
  typealias Outcome = Result<Void, DictationError>

  private let open: @Sendable () throws(DictationError) -> SoundSource
  private let format: AudioFormat
  private let device: String
  private let limits: PlaybackLimits

  /// Wakes the playback thread: it is to end.
  private let interrupt = WakeEvent()
  private let isCancelled = Atomic(false)
  /// Counts what the thread achieved: opening, each write, closing. The watchdog looks for a change.
  private let progress = Atomic(0)
  private let isOpen = Atomic(false)
  private let ending = Lock(Ending())

  /// What is read at a time: some seconds, for a disk that is busy.
  private static let blockFrames = 65_536

  private struct Ending {
    var outcome: Outcome?
    var waiter: CheckedContinuation<Outcome, Never>?
  }

  init(
    _ open: @escaping @Sendable () throws(DictationError) -> SoundSource, _ format: AudioFormat,
    device: String,
    limits: PlaybackLimits
  ) {
    self.open = open
    self.format = format
    self.device = device
    self.limits = limits
  }

  // MARK: - For whoever waits

  /// Waits for the end.
  func outcome() async -> Outcome {
    await withCheckedContinuation { continuation in
      let outcome = ending.withLock { ending in
        if ending.outcome == nil { ending.waiter = continuation }
        return ending.outcome
      }
      if let outcome { continuation.resume(returning: outcome) }
    }
  }

  /// Asks for the end: what has not been heard is dropped.
  func cancel() {
    isCancelled.store(true, ordering: .releasing)
    interrupt.signal()
  }

  /// Waits until the thread has shown no life for as long as it may: then it returns true. False when the task that
  /// watches was cancelled.
  func hasStalled() async -> Bool {
    while !Task.isCancelled {
      let seen = progress.load(ordering: .relaxed)
      let limit = isOpen.load(ordering: .relaxed) ? limits.stallMilliseconds : limits.openMilliseconds
      // In two halves: a process that was itself stopped finds the time over, and a thread that goes on.
      for _ in 0..<2 where progress.load(ordering: .relaxed) == seen {
        try? await Task.sleep(for: .milliseconds(limit / 2))
      }
      if progress.load(ordering: .relaxed) == seen { return !Task.isCancelled }
    }
    return false
  }

  /// Ends it, unless it has ended already: then it returns false.
  func end(_ outcome: Outcome) -> Bool {
    let (isFirst, waiter) = ending.withLock { ending in
      guard ending.outcome == nil else { return (false, CheckedContinuation<Outcome, Never>?.none) }
      ending.outcome = outcome
      return (true, ending.waiter)
    }
    waiter?.resume(returning: outcome)
    return isFirst
  }

  // MARK: - The thread

  /// Plays, and returns how it went: to be called once, on a thread of its own.
  func run() -> Outcome {
    let source: SoundSource
    do throws(DictationError) { source = try open() } catch { return .failure(error) }
    do {
      let pcm = try PlaybackPCM(device, format)
      isOpen.store(true, ordering: .relaxed)
      advance()
      return try play(source, on: pcm)
    } catch {
      return .failure(.playback(error.code, device))
    }
  }

  /// Writes the sound, and then silence until the last frame of the sound has been heard: so the device keeps
  /// running, and the thread can be interrupted, unlike in `snd_pcm_drain`.
  private func play(_ source: SoundSource, on pcm: PlaybackPCM) throws(ALSAError) -> Outcome {
    let silence = [Int16](repeating: 0, count: pcm.parameters.periodFrames * format.channels)
    var block: [Int16] = []
    // In frames: of `block`, of the sound as far as it has been read, and of what went to the device.
    var (taken, length, written) = (0, 0, 0)
    var isOver = false
    while !isCancelled.load(ordering: .acquiring) {
      if !isOver, taken == block.count / format.channels {
        do throws(DictationError) { block = try source(Self.blockFrames * format.channels) } catch {
          return .failure(error)
        }
        taken = 0
        length += block.count / format.channels
        isOver = block.count < format.channels
      }
      if isOver, written - pcm.delay >= length { return .success(()) }
      do throws(ALSAError) {
        let count =
          isOver
          ? try write(silence, from: 0, frames: silence.count / format.channels, to: pcm)
          : try write(
            block, from: taken * format.channels, frames: block.count / format.channels - taken, to: pcm)
        written += count
        if !isOver { taken += count }
        if count > 0 { advance() } else { wait(for: pcm) }
      } catch {
        try pcm.recover(from: error)
      }
    }
    return .failure(.playbackCancelled)
  }

  private func write(
    _ samples: [Int16], from start: Int, frames: Int, to pcm: PlaybackPCM
  ) throws(ALSAError) -> Int {
    try samples.withUnsafeBufferPointer { buffer throws(ALSAError) in
      try pcm.write(buffer.baseAddress! + start, frames: frames)
    }
  }

  /// Waits for room in the device. A device that says it has some and takes nothing must not make this thread spin.
  private func wait(for pcm: PlaybackPCM) {
    if !pcm.wait(orFor: interrupt.descriptor) { interrupt.wait(milliseconds: 1) }
  }

  private func advance() { progress.add(1, ordering: .relaxed) }
}
