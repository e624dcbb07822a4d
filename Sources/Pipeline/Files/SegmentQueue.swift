import Linux

/// Segments on their way from the thread that listens to a file to the task that has them transcribed. The thread waits
/// when it is `room` ahead, so that no more of a file is in memory than is needed.
final class SegmentQueue: Sendable {
  private typealias Reader = CheckedContinuation<SpeechPart?, Never>

  private struct State {
    var parts: [SpeechPart] = []
    var isEnded = false
    var isClosed = false
    var reader: Reader?

    /// Whoever waits, who then does not any more.
    mutating func takeReader() -> Reader? {
      defer { reader = nil }
      return reader
    }
  }

  // A continuation is never resumed with the lock held: who cancels its task holds the task, and waits for the lock here.
  private let state = Lock(State())
  private let free = CountingSemaphore()

  /// An empty queue for `room` segments.
  init(room: Int) { for _ in 0..<room { free.signal() } }

  /// Puts `part` behind the others, and waits for its place first. False when nobody takes any more. For the thread.
  func put(_ part: SpeechPart) -> Bool {
    free.wait()
    let (isClosed, reader) = state.withLock { state in
      if state.isClosed { return (true, Reader?.none) }
      if let reader = state.takeReader() { return (false, reader) }
      state.parts.append(part)
      return (false, nil)
    }
    reader?.resume(returning: part)
    return !isClosed
  }

  /// No more will come. For the thread.
  func end() {
    state.withLock { state in
      state.isEnded = true
      return state.takeReader()
    }?.resume(returning: nil)
  }

  /// The next segment; nil at the end. For one task.
  func next() async -> SpeechPart? {
    let part: SpeechPart? = await withCheckedContinuation { reader in
      let known: SpeechPart?? = state.withLock { state in
        if !state.parts.isEmpty { return state.parts.removeFirst() }
        if state.isEnded || state.isClosed { return .some(nil) }
        state.reader = reader
        return nil
      }
      if let known { reader.resume(returning: known) }
    }
    if part != nil { free.signal() }
    return part
  }

  /// Nobody takes any more: the thread is let go.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.parts = []
      return state.takeReader()
    }?.resume(returning: nil)
    free.signal()
  }
}
