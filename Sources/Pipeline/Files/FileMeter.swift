import DictationTypes
import Linux

/// How far a file is: until where every segment has its text.
final class FileMeter: Sendable {
  private struct State {
    var durationMs: Int?
    var heardMs = 0
    /// The beginnings of the segments that have no text yet, in milliseconds.
    var pending: [Int] = []
  }

  private let state = Lock(State())
  private let tell: @Sendable (Double?) -> Void

  /// Tells `tell` the share that is done, from 0 to 1; nil where the file does not say how long it is.
  init(_ tell: @escaping @Sendable (Double?) -> Void) { self.tell = tell }

  /// The file says that it is so long.
  func note(durationMs: Int?) { state.withLock { $0.durationMs = durationMs } }

  /// The file has been heard until `milliseconds`, and is not cut there.
  func heard(_ milliseconds: Int) { change { $0.heardMs = milliseconds } }

  /// The text of the segment that begins there is waited for.
  func began(_ start: Int) { change { $0.pending.append(start) } }

  /// It is there.
  func ended(_ start: Int) {
    change { state in
      if let index = state.pending.firstIndex(of: start) { state.pending.remove(at: index) }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let share = state.withLock { state in
      body(&state)
      let done = state.pending.min() ?? state.heardMs
      return state.durationMs.map { $0 > 0 ? min(1, Double(done) / Double($0)) : 1 }
    }
    tell(share)
  }
}
