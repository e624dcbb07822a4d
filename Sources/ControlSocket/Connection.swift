import CommandLine
import Glibc
import Linux

/// One client on the control socket. Any thread may answer; the socket's thread reads and writes.
final class Connection: Sendable {
  let descriptor: Int32
  private let wake: WakeEvent
  private let state = Lock(State())

  private struct State {
    var output: [UInt8] = []
    var dropped = 0
    /// The number of the last event that was left out.
    var lastDropped: UInt64?
    var isEnding = false
    var isClosed = false
    var closeHandlers: [@Sendable () -> Void] = []
    var descriptors: [Int32] = []
  }

  /// The bytes that wait for a reader that is too slow, before events to it are dropped.
  static let eventBacklog = 1 << 20

  /// Takes over `descriptor`; `wake` wakes the socket's thread.
  init(_ descriptor: Int32, wake: WakeEvent) {
    self.descriptor = descriptor
    self.wake = wake
  }

  deinit {
    close(descriptor)
    state.withLock { $0.descriptors }.forEach { close($0) }
  }

  /// Takes over what the client has opened and sent.
  func take(_ descriptors: [Int32]) { state.withLock { $0.descriptors += descriptors } }

  /// What the client has opened and sent, in its order. They are open as long as this connection is there.
  var descriptors: [Int32] { state.withLock { $0.descriptors } }

  /// Sends `reply`; nothing follows an exit code.
  func send(_ reply: ControlReply) {
    state.withLock { state in
      guard !state.isEnding && !state.isClosed else { return }
      state.output += Array(reply.lines.utf8)
      if case .exit = reply { state.isEnding = true }
    }
    wake.signal()
  }

  /// Sends the event `number`, unless the reader is too slow: then it is counted, and `dropped` writes the line that
  /// tells the count, and the number of the last one left out, as soon as there is room again.
  func sendEvent(_ line: String, number: UInt64?, dropped: (Int, UInt64?) -> String) {
    state.withLock { state in
      guard !state.isEnding && !state.isClosed else { return }
      guard state.output.count < Self.eventBacklog else {
        state.dropped += 1
        state.lastDropped = number ?? state.lastDropped
        return
      }
      if state.dropped > 0 {
        state.output += Array(ControlReply.output(dropped(state.dropped, state.lastDropped)).lines.utf8)
        (state.dropped, state.lastDropped) = (0, nil)
      }
      state.output += Array(ControlReply.output(line).lines.utf8)
    }
    wake.signal()
  }

  /// Has `handler` called when the client is gone; at once when it is gone already.
  func onClose(_ handler: @escaping @Sendable () -> Void) {
    let isClosed = state.withLock { state in
      if !state.isClosed { state.closeHandlers.append(handler) }
      return state.isClosed
    }
    if isClosed { handler() }
  }

  // MARK: - For the socket's thread

  var hasOutput: Bool { state.withLock { !$0.output.isEmpty } }

  /// Whether everything has been said.
  var isFinished: Bool { state.withLock { $0.isEnding && $0.output.isEmpty } }

  /// Writes what can be written now. False when the client is gone.
  func flush() -> Bool {
    state.withLock { state in
      while !state.output.isEmpty {
        let count = state.output.withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        state.output.removeFirst(count)
      }
      return true
    }
  }

  /// The client is gone, or has got everything.
  func markClosed() {
    let handlers = state.withLock { state in
      state.isClosed = true
      defer { state.closeHandlers = [] }
      return state.closeHandlers
    }
    handlers.forEach { $0() }
  }
}
