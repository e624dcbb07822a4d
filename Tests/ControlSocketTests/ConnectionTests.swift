import Glibc
import Linux
import Testing

@testable import ControlSocket

@Suite struct ConnectionTests {
  private let connection: Connection
  private let reader: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    setNonBlocking(ends[0])
    setNonBlocking(ends[1])
    connection = Connection(ends[0], wake: WakeEvent())
    reader = ends[1]
  }

  /// Takes what is there, until there is nothing.
  private func readAll() -> [String] {
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    repeat {
      #expect(connection.flush())
      while case let count = read(reader, &chunk, chunk.count), count > 0 { text += chunk[..<count] }
    } while connection.hasOutput
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map { String($0.prefix(30)) }
  }

  /// The numbers that a slow reader sees grow: the line that tells of a gap has the last number of the gap.
  @Test func aSlowReaderIsToldWhatItMissed() {
    defer { close(reader) }
    let long = String(repeating: " ", count: Connection.eventBacklog / 4)
    func send(_ number: UInt64?, _ filling: String = "") {
      connection.sendEvent("\(number ?? 0)\(filling)", number: number) { "dropped \($0) to \($1 ?? 0)" }
    }
    for number in 1...5 as ClosedRange<UInt64> { send(number, long) }
    send(nil)
    send(6)
    send(nil)
    let seen = readAll()
    #expect(seen.map { $0.trimming() } == ["11", "12", "13", "14"])
    send(7)
    send(8)
    #expect(readAll() == ["1dropped 4 to 6", "17", "18"])
    // Only events without a number were left out.
    for number in 9...12 as ClosedRange<UInt64> { send(number, long) }
    send(nil)
    _ = readAll()
    send(13)
    #expect(readAll() == ["1dropped 1 to 0", "113"])
  }
}

extension String {
  fileprivate func trimming() -> String { String(prefix { $0 != " " }) }
}
