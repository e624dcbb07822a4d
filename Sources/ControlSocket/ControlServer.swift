import CommandLine
public import DictationTypes
import Glibc
import Linux

/// The control socket: one thread in poll(2) for all clients. Requests are handed to the command handler; nothing
/// that takes time happens on this thread.
public final class ControlServer: Sendable {
  private let path: String
  private let listener: Int32
  private let wake = WakeEvent()
  private let stopping = Lock(false)
  private let thread = Lock<WorkerThread?>(nil)
  private let commands: Commands

  /// The longest request, in bytes.
  static let requestLimit = 1 << 22
  /// The most clients at a time: what they leave of the descriptors is for the work.
  private let clientLimit = min(256, descriptorLimit() / 2)
  /// How long no client is taken in when there is no descriptor for it, in milliseconds.
  private static let pause: Int32 = 1000

  /// Listens at `path`.
  ///
  /// - Throws: `DictationError` of kind `config` when that is refused.
  public init(path: String, commands: Commands) throws(DictationError) {
    guard let listener = listenSocket(path) else {
      throw DictationError(.config, "the control socket \(path) cannot be opened: \(systemError())")
    }
    self.path = path
    self.listener = listener
    self.commands = commands
    let worker = WorkerThread(name: "control") { [self] in run() }
    thread.withLock { $0 = worker }
  }

  /// Ends the thread and all connections, and removes the socket.
  public func shutDown() {
    stopping.withLock { $0 = true }
    wake.signal()
    thread.withLock { thread in
      thread?.join()
      thread = nil
    }
    close(listener)
    unlink(path)
  }

  private func run() {
    var clients: [Int32: Client] = [:]
    var canAccept = true
    while !stopping.withLock({ $0 }) {
      let ready = waitForActivity(clients, accepting: canAccept)
      if ready[wake.descriptor] != nil { wake.clear() }
      canAccept = ready[listener] == nil || accept(&clients)
      for (descriptor, client) in clients {
        var client = client
        let isAlive = (ready[descriptor] == nil || read(&client)) && client.connection.flush()
        clients[descriptor] = isAlive && !client.connection.isFinished ? client : nil
        if clients[descriptor] == nil { client.connection.markClosed() }
      }
    }
    for client in clients.values {
      // Whoever has not asked yet hears nothing, and asks the next daemon.
      guard client.hasAsked else { continue }
      client.connection.send(.exit(ExitCode.done.rawValue))
      _ = client.connection.flush()
      client.connection.markClosed()
    }
  }

  /// Takes in a client. False when there is no descriptor for one: it waits where it is.
  private func accept(_ clients: inout [Int32: Client]) -> Bool {
    errno = 0
    guard let descriptor = acceptConnection(listener) else {
      return ![EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno)
    }
    let connection = Connection(descriptor, wake: wake)
    if clients.count < clientLimit {
      clients[descriptor] = Client(connection: connection)
    } else {
      connection.send(.message("thoth: \(clientLimit) commands are connected already: end some of them"))
      connection.send(.exit(ExitCode.notNow.rawValue))
      _ = connection.flush()
    }
    return true
  }

  /// A connection and what has been read of its request.
  private struct Client {
    let connection: Connection
    var input: [UInt8] = []
    var hasAsked = false
  }

  /// Sleeps until something can be done: the descriptors with what is there.
  private func waitForActivity(_ clients: [Int32: Client], accepting: Bool) -> [Int32: Int16] {
    var entries = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
    if accepting { entries.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
    for (descriptor, client) in clients {
      let events = POLLIN | (client.connection.hasOutput ? POLLOUT : 0)
      entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
    }
    while poll(&entries, nfds_t(entries.count), accepting ? -1 : Self.pause) < 0 && errno == EINTR {}
    let readable = entries.filter { $0.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 }
    return Dictionary(uniqueKeysWithValues: readable.map { ($0.fd, $0.revents) })
  }

  /// Takes what the client sent. False when it is gone, or said something that is no request.
  private func read(_ client: inout Client) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 16_384)
    var arrived: [Int32] = []
    let count = chunk.withUnsafeMutableBytes {
      receive(client.connection.descriptor, $0, &arrived, limit: ControlRequest.descriptorLimit)
    }
    client.connection.take(arrived)
    if count < 0 { return errno == EAGAIN || errno == EINTR }
    guard count > 0 else { return false }
    if client.hasAsked { return true }
    client.input += chunk[..<count]
    guard let end = client.input.firstIndex(of: UInt8(ascii: "\n")) else {
      return client.input.count < Self.requestLimit
    }
    client.hasAsked = true
    let line = String(decoding: client.input[..<end], as: UTF8.self)
    client.input = []
    guard let request = ControlRequest(line: line), isWellFormed(request) else {
      client.connection.send(.message("this is no request of this version: restart the daemon"))
      client.connection.send(.exit(ExitCode.usage.rawValue))
      return true
    }
    // Written before anything is done: a client that gets no byte knows that nothing was.
    client.connection.send(.begun)
    guard client.connection.flush() else { return false }
    commands.carryOut(request, client.connection)
    return true
  }
}
