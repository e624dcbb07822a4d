import DictationTypes
import Requests
import TestSupport
import Testing

@Suite struct HTTPClientTests {
  private func request(_ server: FaultServer, _ mode: String, timeout: Int = 20_000) -> HTTPRequest {
    var request = HTTPRequest(url: server.url(mode) + "/audio/transcriptions", timeout: timeout)
    request.parts = [
      FormPart("model", "m"), FormPart("file", file: [1, 2, 3], filename: "a.wav", contentType: "audio/wav"),
    ]
    return request
  }

  @Test func aFormIsSentAndTheAnswerRead() async throws {
    let server = try FaultServer()
    let client = HTTPClient()
    defer { client.shutDown() }
    let answer = try await client.send(request(server, "echo"))
    #expect(answer.status == 200)
    #expect(answer.contentType == "application/json")
    #expect(String(decoding: answer.body, as: UTF8.self).contains("model=m"))
  }

  @Test(arguments: [("never", ErrorKind.timeout), ("close", .network), ("huge", .server)])
  func faultsHaveTheirKind(mode: String, kind: ErrorKind) async throws {
    let server = try FaultServer()
    let client = HTTPClient()
    defer { client.shutDown() }
    let error = await #expect(throws: DictationError.self) {
      try await client.send(request(server, mode, timeout: mode == "never" ? 200 : 20_000))
    }
    #expect(error?.kind == kind, "\(String(describing: error))")
  }

  @Test(arguments: [
    ("http://127.0.0.1:1/", ErrorKind.network), ("http://name.invalid/", .network), ("gopher://x/", .config),
    ("http://[", .config),
  ])
  func addressesThatCannotWorkHaveTheirKind(url: String, kind: ErrorKind) async {
    let client = HTTPClient()
    defer { client.shutDown() }
    let error = await #expect(throws: DictationError.self) {
      try await client.send(HTTPRequest(url: url, timeout: 5000))
    }
    #expect(error?.kind == kind, "\(String(describing: error))")
  }

  @Test func cancellingAbortsTheTransfer() async throws {
    let server = try FaultServer()
    let client = HTTPClient()
    defer { client.shutDown() }
    let asking = Task { [request = request(server, "never")] in try await client.send(request) }
    #expect(await waits { server.waitFor("never") })
    asking.cancel()
    await #expect(throws: DictationError(.cancelled, "cancelled")) { try await asking.value }
    #expect(await waits { server.waitFor("gone") })
  }

  @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
    let server = try FaultServer()
    let client = HTTPClient()
    defer { client.shutDown() }
    let asking = Task { [request = request(server, "never")] in
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.send(request)
    }
    await #expect(throws: DictationError(.cancelled, "cancelled")) { try await asking.value }
  }

  @Test func shuttingDownEndsWhatWaits() async throws {
    let server = try FaultServer()
    let client = HTTPClient()
    let asking = Task { [request = request(server, "never")] in try await client.send(request) }
    #expect(await waits { server.waitFor("never") })
    await Task.detached { client.shutDown() }.value
    await #expect(throws: DictationError(.cancelled, "cancelled")) { try await asking.value }
    await #expect(throws: DictationError.self) { try await client.send(request(server, "ok")) }
  }

  @Test func manyRequestsAtOnceGetTheirOwnAnswers() async throws {
    let server = try FaultServer()
    let client = HTTPClient()
    defer { client.shutDown() }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<50 {
        var request = request(server, "echo")
        request.parts.append(FormPart("prompt", "number \(number)"))
        group.addTask { [request] in
          let body = try await client.send(request).body
          return String(decoding: body, as: UTF8.self).contains("prompt=number \(number) ")
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  /// Waits on a thread of its own, so that none of the pool's is blocked.
  private func waits(_ condition: @escaping @Sendable () -> Bool) async -> Bool {
    await Task.detached { condition() }.value
  }
}
