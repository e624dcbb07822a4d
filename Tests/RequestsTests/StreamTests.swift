import DictationTypes
import Linux
import TestSupport
import Testing

@testable import Requests

/// Answers that are read while they come.
@Suite struct StreamTests {
  /// Reads until it has `limit` bytes, and notes what it got.
  private final class CountingReader: BodyReader {
    private let seen: Lock<[UInt8]>
    private let limit: Int

    init(_ seen: Lock<[UInt8]>, limit: Int) {
      self.seen = seen
      self.limit = limit
      seen.withLock { $0 = [] }
    }

    func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
      seen.withLock { seen in
        seen.append(contentsOf: bytes)
        return seen.count < limit
      }
    }
  }

  private func chat(_ server: FaultServer, _ mode: String, _ seen: Lock<[UInt8]>, limit: Int = .max)
    -> HTTPRequest
  {
    var request = HTTPRequest(url: server.url(mode) + "/chat/completions", timeout: 120_000)
    request.json = Array(#"{"messages":[{"role":"user","content":"<dictation>\nhello\n</dictation>"}]}"#.utf8)
    request.reader = { CountingReader(seen, limit: limit) }
    return request
  }

  @Test func theReaderGetsAllThatTheAnswerHas() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let seen = Lock<[UInt8]>([])
    let answer = await outcome(manager, chat(server, "edit", seen), order())
    #expect(answer.text?.contains("Hello.") == true && answer.text?.hasSuffix("data: [DONE]\n\n") == true)
    #expect(seen.withLock { String(decoding: $0, as: UTF8.self) } == answer.text)
    #expect(server.chats(1)[0].contains("hello"))
  }

  @Test func whoHasEnoughGetsWhatHasCome() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let seen = Lock<[UInt8]>([])
    let answer = await outcome(manager, chat(server, "endless", seen, limit: 500), order())
    #expect(answer.status == 200 && answer.text?.contains("and on") == true)
    #expect(await waits { server.waitFor("gone") })
  }

  @Test func whatStallsInTheMiddleIsTriedAgainWithANewReader() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let seen = Lock<[UInt8]>([])
    var request = chat(server, "freezex1", seen)
    request.stallTimeout = 1000
    // What is answered then is the ordinary mode's.
    let answer = await outcome(manager, request, order(retries: 5))
    #expect(answer.text?.contains("all is well") == true)
    #expect(seen.withLock { String(decoding: $0, as: UTF8.self) } == answer.text)
    #expect(try server.asked("freezex1") >= 2)
  }

  @Test func noTwoShareAReader() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let requests = [1, 2].map { _ in
      let seen = Lock<[UInt8]>([])
      return Task { await outcome(manager, chat(server, "edit", seen), order()) }
    }
    for request in requests { #expect(await request.value.status == 200) }
    #expect(try server.asked("edit") == 2 && manager.status.joined == 0)
  }
}
