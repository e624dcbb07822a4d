import Linux

/// Segments on their way from the thread that listens to a file to the task that has them transcribed. The thread waits
/// when it is `room` ahead, so that no more of a file is in memory than is needed.
final class SegmentQueue: Sendable {
  private struct State {
    var parts: [SpeechPart] = []
    var isEnded = false
    var isClosed = false
    var reader: CheckedContinuation<SpeechPart?, Never>?
  }

  private let state = Lock(State())
  private let free = CountingSemaphore()

  /// An empty queue for `room` segments.
  init(room: Int) { for _ in 0..<room { free.signal() } }

  /// Puts `part` behind the others, and waits for its place first. False when nobody takes any more. For the thread.
  func put(_ part: SpeechPart) -> Bool {
    free.wait()
    return state.withLock { state in
      if state.isClosed { return false }
      if let reader = state.reader {
        state.reader = nil
        reader.resume(returning: part)
      } else {
        state.parts.append(part)
      }
      return true
    }
  }

  /// No more will come. For the thread.
  func end() {
    state.withLock { state in
      state.isEnded = true
      state.reader?.resume(returning: nil)
      state.reader = nil
    }
  }

  /// The next segment; nil at the end. For one task.
  func next() async -> SpeechPart? {
    let part: SpeechPart? = await withCheckedContinuation { continuation in
      state.withLock { state in
        if !state.parts.isEmpty {
          continuation.resume(returning: state.parts.removeFirst())
        } else if state.isEnded || state.isClosed {
          continuation.resume(returning: nil)
        } else {
          state.reader = continuation
        }
      }
    }
    if part != nil { free.signal() }
    return part
  }

  /// Nobody takes any more: the thread is let go.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.parts = []
      state.reader?.resume(returning: nil)
      state.reader = nil
    }
    free.signal()
  }
}
