/// The requests that wait, the one to go first in front: by class, then by deadline, then by their coming.
///
/// A request that is not urgent and has waited for long rises, one class at a time, and there goes before what has not
/// risen; so it comes to its turn however many others come. It never rises above speech.
///
/// It holds fifty: a sorted array is faster than a heap, and can be walked.
struct RequestQueue {
  /// What the order goes by. It changes only when the request rises.
  struct Key: Comparable {
    var rank: Int
    var due: UInt64
    let sequence: UInt64

    static func < (left: Key, right: Key) -> Bool {
      (left.rank, left.due, left.sequence) < (right.rank, right.due, right.sequence)
    }
  }

  struct Entry {
    var key: Key
    let host: String
    /// Before that time it is not sent, in nanoseconds: the pause before another try.
    let notBefore: UInt64
    /// When it rises, in nanoseconds; nil: never.
    var rises: UInt64?

    /// The number of the request.
    var id: UInt64 { key.sequence }
  }

  /// How long a request waits before it rises, in nanoseconds.
  static let patience: UInt64 = 10_000_000_000

  private(set) var entries: [Entry] = []

  var count: Int { entries.count }

  /// When the first pause ends after `now`, in nanoseconds.
  func nextPauseEnd(after now: UInt64) -> UInt64? {
    entries.lazy.map(\.notBefore).filter { $0 > now }.min()
  }

  /// Puts `request` where it belongs.
  mutating func insert(_ request: PendingRequest, notBefore: UInt64 = 0) {
    let mayRise = request.priority >= .speech
    insert(
      Entry(
        key: request.key, host: request.host, notBefore: notBefore,
        rises: mayRise ? request.submitted + Self.patience : nil))
  }

  /// Takes the request with this number out; the end of its pause.
  @discardableResult
  mutating func remove(_ id: UInt64) -> UInt64? {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return nil }
    return entries.remove(at: index).notBefore
  }

  /// Lets rise what has waited long enough at `now`.
  mutating func age(at now: UInt64) {
    while let index = entries.firstIndex(where: { $0.rises.map { $0 <= now } ?? false }) {
      var entry = entries.remove(at: index)
      // All deadlines in the class are later than a time that has passed.
      entry.key.due = entry.rises!
      let isTop = entry.key.rank <= RequestPriority.speech.rawValue + 1
      entry.key.rank = max(entry.key.rank - 1, RequestPriority.speech.rawValue)
      entry.rises = isTop ? nil : entry.key.due + Self.patience
      insert(entry)
    }
  }

  private mutating func insert(_ entry: Entry) {
    entries.insert(entry, at: entries.firstIndex { entry.key < $0.key } ?? entries.count)
  }
}
