import DictationTypes
import Linux

/// Blocks of samples on their way from the thread that makes them to the one that takes them; a few at a time.
final class BlockQueue: Sendable {
  /// What comes over it: a block, an empty one at the end, or why there is no end.
  typealias Block = Result<[Float], DictationError>

  private let blocks = Lock<[Block]>([])
  private let filled = CountingSemaphore()
  private let free = CountingSemaphore()

  /// A queue for `capacity` blocks.
  init(capacity: Int) { for _ in 0..<capacity { free.signal() } }

  /// Waits for room, and appends.
  func put(_ block: Block) {
    free.wait()
    blocks.withLock { $0.append(block) }
    filled.signal()
  }

  /// Waits for the next one.
  func take() -> Block {
    filled.wait()
    defer { free.signal() }
    return blocks.withLock { $0.removeFirst() }
  }
}
