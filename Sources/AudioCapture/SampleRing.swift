import Glibc
internal import Linux
import Synchronization

/// A lock-free ring of interleaved 16-bit frames between exactly two threads: one writes, one reads.
///
/// Contract: `write` is called by one thread only, `read` by one (other) thread only; everything else may be
/// called by any thread. Neither side ever waits for the other. The unit of both is the frame; a frame is never
/// split. When the ring is full the writer drops what does not fit, and counts it.
final class SampleRing: @unchecked Sendable {
  // Safe: the samples from `taken` to `written` belong to the reader, all others to the writer, and each side
  // hands samples over by one store to its own index (release), which the other loads (acquire).
  private let memory: ResidentMemory
  private let storage: UnsafeMutablePointer<Int16>
  private let mask: Int
  /// Samples in one frame.
  let channels: Int

  /// Samples ever written. Stored by the writer (release, after the copy), loaded by the reader (acquire).
  private let written = CacheLineIndex()
  /// Samples ever read. Stored by the reader (release, after the copy), loaded by the writer (acquire).
  private let taken = CacheLineIndex()
  /// Frames dropped. Only counts: relaxed.
  private let dropped = Atomic<Int>(0)

  /// A ring for at least `frames` frames of `channels` samples; the capacity is rounded up to a power of two
  /// samples. The memory is reserved now and gets its pages at the first use, locked where the system allows.
  init(frames: Int, channels: Int) {
    let samples = 1 << (Int.bitWidth - (frames * channels - 1).leadingZeroBitCount)
    memory = ResidentMemory(bytes: samples * MemoryLayout<Int16>.stride)
    storage = memory.base.bindMemory(to: Int16.self, capacity: samples)
    mask = samples - 1
    self.channels = channels
  }

  /// How much memory the samples take, and whether it is locked.
  var residence: (bytes: Int, isLocked: Bool) { memory.residence }

  /// The capacity in samples.
  var capacity: Int { mask + 1 }

  /// Frames that were dropped because the ring was full.
  var droppedFrames: Int { dropped.load(ordering: .relaxed) }

  /// Appends the whole frames of `samples`, or as many as fit. Returns how many frames were stored.
  @discardableResult
  func write(_ samples: UnsafeBufferPointer<Int16>) -> Int {
    let start = written.value.load(ordering: .relaxed)
    let free = capacity - (start - taken.value.load(ordering: .acquiring))
    let offered = samples.count / channels
    let frames = min(offered, free / channels)
    if frames > 0 {
      copy(in: samples.baseAddress!, at: start, count: frames * channels)
      written.value.store(start + frames * channels, ordering: .releasing)
    }
    if frames < offered { dropped.add(offered - frames, ordering: .relaxed) }
    return frames
  }

  /// Takes the oldest frames, at most as many whole ones as `buffer` holds. Returns how many frames were taken.
  func read(into buffer: UnsafeMutableBufferPointer<Int16>) -> Int {
    let start = taken.value.load(ordering: .relaxed)
    let available = written.value.load(ordering: .acquiring) - start
    let frames = min(available, buffer.count) / channels
    if frames > 0 {
      copy(out: buffer.baseAddress!, at: start, count: frames * channels)
      taken.value.store(start + frames * channels, ordering: .releasing)
    }
    return frames
  }

  private func copy(in source: UnsafePointer<Int16>, at index: Int, count: Int) {
    let untilEnd = min(count, capacity - (index & mask))
    (storage + (index & mask)).update(from: source, count: untilEnd)
    storage.update(from: source + untilEnd, count: count - untilEnd)
  }

  private func copy(out target: UnsafeMutablePointer<Int16>, at index: Int, count: Int) {
    let untilEnd = min(count, capacity - (index & mask))
    target.update(from: storage + (index & mask), count: untilEnd)
    (target + untilEnd).update(from: storage, count: count - untilEnd)
  }
}

/// An index alone on its cache lines: two sides that each store to their own one do not slow each other down.
/// 128 bytes, since processors fetch lines of 64 bytes in pairs.
private struct CacheLineIndex: ~Copyable {
  let value = Atomic<Int>(0)
  private let padding = InlineArray<15, Int>(repeating: 0)
}
