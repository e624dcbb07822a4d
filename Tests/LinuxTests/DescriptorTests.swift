import Glibc
import Testing

@testable import Linux

/// Descriptors through a Unix socket.
@Suite struct DescriptorTests {
  private let ends: [Int32]

  init() {
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    self.ends = ends
  }

  private func send(_ text: String, _ descriptors: [Int32]) -> Int {
    Array(text.utf8).withUnsafeBytes { Linux.send(ends[0], $0, with: descriptors) }
  }

  private func receive(limit: Int) -> (text: String, descriptors: [Int32]) {
    var buffer = [UInt8](repeating: 0, count: 64)
    var descriptors: [Int32] = []
    let count = buffer.withUnsafeMutableBytes { Linux.receive(ends[1], $0, &descriptors, limit: limit) }
    return (String(decoding: buffer.prefix(max(0, count)), as: UTF8.self), descriptors)
  }

  @Test func whatWasOpenedArrivesWithTheLine() throws {
    defer { ends.forEach { close($0) } }
    let pipe = try #require(Pipe())
    #expect(send("line\n", [pipe.reading]) == 5)
    close(pipe.reading)
    let received = receive(limit: 4)
    #expect(received.text == "line\n" && received.descriptors.count == 1)
    let copy = try #require(received.descriptors.first)
    defer { close(copy) }
    #expect(fcntl(copy, F_GETFD) & FD_CLOEXEC != 0)
    #expect(writeAll(pipe.writing, Array("words".utf8)))
    close(pipe.writing)
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(bytes.withUnsafeMutableBytes { readFully(copy, $0, upTo: 16) } == 5)
    #expect(send("no more", []) == 7)
    #expect(receive(limit: 4) == ("no more", []))
  }

  /// None of more than are taken stays open.
  @Test func moreThanAreTakenAreClosed() throws {
    defer { ends.forEach { close($0) } }
    let pipe = try #require(Pipe())
    defer { close(pipe.reading) }
    #expect(send("x", [pipe.writing, pipe.writing, pipe.writing]) == 1)
    close(pipe.writing)
    let received = receive(limit: 2)
    #expect(received.text == "x" && received.descriptors.isEmpty)
    // Nobody has the writing end any more: this is its end.
    var byte: UInt8 = 0
    #expect(read(pipe.reading, &byte, 1) == 0)
  }
}
