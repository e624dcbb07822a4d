import DictationTypes
import Linux
import TestSupport
import Testing

@testable import Requests

/// Servers that misbehave, each a real one: what the caller is told, and how often the server was asked.
@Suite struct FaultTests {
  @Test func aServerThatRefusesIsANetworkFailureAndTriedAgain() async throws {
    let server = try FaultServer()
    let request = upload(server, "ok")
    server.end()
    let notices = Lock<[RequestNotice]>([])
    let manager = RequestManager { notice in notices.withLock { $0.append(notice) } }
    defer { manager.shutDown() }
    let error = await outcome(manager, request, order(retries: 2)).error
    #expect(error?.kind == .network && error?.retryable == true)
    #expect(error?.message.contains("is it running?") == true)
    #expect(notices.withLock { $0.map(\.attempt) } == [2, 3])
  }

  @Test(arguments: ["never", "stall", "deaf", "slow"])
  func whatStallsEndsAtTheDeadline(mode: String) async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    // More than what the buffers of two sockets take: the server has to read.
    let isLong = mode == "slow" || mode == "deaf"
    let request = upload(server, mode, bytes: isLong ? 32 << 20 : 3)
    let begin = monotonicNanoseconds()
    let error = await outcome(manager, request, order(seconds: 5, retries: 2)).error
    #expect(error?.kind == .timeout && error?.message.contains("did not answer within") == true)
    #expect(monotonicNanoseconds() - begin >= 5_000_000_000)
    #expect(manager.status.inFlight == 0 && manager.status.hosts[0].requests == 1)
    // A server that got no processor until then has not seen it; and one that does not read does not see the end.
    let asked = try server.asked(mode)
    #expect(asked <= 1)
    if asked == 1 && !isLong { #expect(await waits { server.waitFor("gone") }) }
  }

  @Test func aTryThatTakesTooLongIsTriedAgain() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    var request = upload(server, "neverx1")
    request.timeout = 500
    #expect(await outcome(manager, request, order(retries: 20)).status == 200)
    #expect(try server.asked("neverx1") >= 2)
  }

  @Test(arguments: ["close", "hang-up"])
  func aConnectionThatBreaksIsTriedAgain(mode: String) async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let error = await outcome(manager, upload(server, mode), order()).error
    #expect(error?.kind == .network && error?.message.contains("broke") == true)
    #expect(await outcome(manager, upload(server, "\(mode)x2"), order(retries: 2)).status == 200)
    #expect(try server.asked("\(mode)x2") == 3)
  }

  @Test(arguments: [
    ("html", "<h1>Welcome</h1>"), ("empty", ""), ("no-speech", #"{"text":""}"#),
    ("wrong-json", #"{"words":[]}"#),
  ])
  func whateverComesWithAStatusIsAnAnswer(mode: String, body: String) async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let result = await outcome(manager, upload(server, mode), order(retries: 2))
    #expect(result.status == 200 && result.text == body)
    #expect(try server.asked(mode) == 1)
  }

  @Test func anAnswerWithoutEndIsCutOff() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let error = await outcome(manager, upload(server, "huge"), order(retries: 2)).error
    #expect(error?.kind == .server && error?.message.contains("more than 16 MB") == true)
    #expect(await waits { server.waitFor("gone") })
    #expect(try server.asked("huge") == 1)
    let host = manager.status.hosts[0]
    #expect(host.bytesReceived < 17 << 20 && host.failures == 1)
  }

  @Test(arguments: [401, 413])
  func whatTheServerDoesNotLikeIsNotSentAgain(status: Int) async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    #expect(await outcome(manager, upload(server, "\(status)"), order(retries: 2)).status == status)
    #expect(try server.asked("\(status)") == 1)
  }

  @Test(arguments: [500, 503])
  func aServerThatFailsTwiceAndThenWorksIsAskedThreeTimes(status: Int) async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    #expect(await outcome(manager, upload(server, "\(status)x2"), order(retries: 2)).status == 200)
    #expect(try server.asked("\(status)x2") == 3)
    #expect(await outcome(manager, upload(server, "\(status)"), order(retries: 1)).status == status)
    #expect(try server.asked("\(status)") == 2)
    #expect(manager.status.hosts[0].retries == 3)
  }

  @Test(arguments: ["429-after-1x1", "429-date-4x1"])
  func retryAfterIsKeptInBothForms(mode: String) async throws {
    let server = try FaultServer()
    let notices = Lock<[RequestNotice]>([])
    let manager = RequestManager { notice in notices.withLock { $0.append(notice) } }
    defer { manager.shutDown() }
    let begin = monotonicNanoseconds()
    #expect(await outcome(manager, upload(server, mode), order(retries: 1)).status == 200)
    #expect(monotonicNanoseconds() - begin >= 1_000_000_000)
    #expect(try server.asked(mode) == 2)
    let delay = try #require(notices.withLock { $0.first?.delayMs })
    // A date has whole seconds, one may pass until the answer is read, and curl's clock, time(2), is that of the last tick: it
    // may still be in the second before the server's.
    #expect((1000...5000).contains(delay))
  }

  @Test(arguments: ["429-after-3600", "429-date-3600"])
  func aRetryAfterBeyondTheDeadlineIsNotWaitedFor(mode: String) async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    #expect(await outcome(manager, upload(server, mode), order(retries: 2)).status == 429)
    #expect(try server.asked(mode) == 1)
  }

  @Test func aCertificateThatNobodySignedIsNotTrusted() async throws {
    let server = try FaultServer(.untrusted)
    let manager = RequestManager()
    defer { manager.shutDown() }
    let error = await outcome(manager, upload(server, "ok"), order(retries: 2)).error
    #expect(error?.kind == .network && error?.retryable == false)
    #expect(error?.message.contains("cannot prove who it is") == true)
    #expect(manager.status.hosts[0].requests == 1)
  }

  @Test func aServerOnIPv6AloneIsReached() async throws {
    let server = try FaultServer(.ipv6)
    let manager = RequestManager()
    defer { manager.shutDown() }
    #expect(await outcome(manager, upload(server, "ok"), order()).status == 200)
  }

  @Test func aNameThatDoesNotExistIsANetworkFailure() async throws {
    let manager = RequestManager()
    defer { manager.shutDown() }
    var request = HTTPRequest(url: "http://name.invalid/", timeout: 120_000)
    // A resolver that does not answer is given up after ten seconds, which is what a connection may take.
    request.connectTimeout = 120_000
    let error = await outcome(manager, request, order()).error
    #expect(error?.kind == .network && error?.message.contains("is not known") == true)
  }

  @Test(arguments: ["gopher://x/", "http://["])
  func anAddressThatIsNoneIsAMatterOfTheSettings(url: String) async throws {
    let manager = RequestManager()
    defer { manager.shutDown() }
    let error = await outcome(manager, HTTPRequest(url: url, timeout: 60_000), order(retries: 2)).error
    #expect(error?.kind == .config && manager.status.hosts[0].requests == 1)
  }
}
