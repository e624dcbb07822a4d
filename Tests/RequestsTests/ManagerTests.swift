import DictationTypes
import Linux
import TestSupport
import Testing

@testable import Requests

/// The manager with real transfers.
@Suite struct ManagerTests {
  @Test func aFormIsSentAndTheAnswerRead() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let answer = try await manager.send(upload(server, "echo"), order())
    #expect(answer.status == 200)
    #expect(answer.contentType == "application/json")
    #expect(String(decoding: answer.body, as: UTF8.self).contains("model=m"))
    let host = manager.status.hosts[0]
    #expect(host.requests == 1 && host.failures == 0 && host.latencyMs != nil)
    #expect(host.bytesSent > 100 && host.bytesReceived == answer.body.count)
  }

  @Test func aLongRecordingArrivesWhole() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    var request = upload(server, "echo", bytes: 20_000_000)
    request.parts.append(FormPart("prompt", "after it"))
    let answer = try await manager.send(request, order())
    #expect(String(decoding: answer.body, as: UTF8.self).contains("prompt=after it"))
    #expect(manager.status.hosts[0].bytesSent > 20_000_000)
  }

  @Test func manyRequestsAtOnceGetTheirOwnAnswers() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<50 {
        var request = upload(server, "echo")
        request.parts.append(FormPart("prompt", "number \(number)"))
        group.addTask { [request] in
          let body = try await manager.send(request, order()).body
          return String(decoding: body, as: UTF8.self).contains("prompt=number \(number) ")
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    #expect(manager.status.queued == 0 && manager.status.inFlight == 0)
  }

  @Test func cancellingAbortsTheTransfer() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let asking = Task { await outcome(manager, upload(server, "never"), order()) }
    #expect(await waits { server.waitFor("never") })
    asking.cancel()
    #expect(await asking.value.error == .cancelled)
    #expect(await waits { server.waitFor("gone") })
  }

  @Test func cancellingWhatWaitsSendsNothing() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let blocking = await occupy(manager, server)
    let waiting = Task { await outcome(manager, upload(server, "ok"), order()) }
    #expect(await waits { eventually { manager.status.queued == 1 } })
    waiting.cancel()
    #expect(await waiting.value.error == .cancelled)
    for task in blocking { task.cancel() }
    for task in blocking { #expect(await task.value.error == .cancelled) }
    #expect(try server.asked("ok") == 0)
  }

  /// What comes and goes at the moment at which a pause ends does not put off what is due then.
  @Test func aPauseEndsWhileOthersComeAndGo() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let asking = Task {
      await outcome(manager, upload(server, "429-after-1x1"), order(retries: 1))
    }
    #expect(await waits { eventually { manager.status.hosts.first?.failures == 1 } })
    // All that a cancelled task sends ends at once, and changes nothing.
    let others = Task {
      while manager.status.queued > 0 { _ = await outcome(manager, upload(server, "ok"), order()) }
    }
    others.cancel()
    #expect(await asking.value.status == 200)
    await others.value
  }

  @Test func cancellingAPauseEndsIt() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let asking = Task { await outcome(manager, upload(server, "429-after-60"), order(retries: 2)) }
    #expect(await waits { eventually { manager.status.queued == 1 && manager.status.inFlight == 0 } })
    asking.cancel()
    #expect(await asking.value.error == .cancelled)
    #expect(manager.status.queued == 0)
  }

  @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let asking = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await outcome(manager, upload(server, "never"), order())
    }
    #expect(await asking.value.error == .cancelled)
    #expect(try server.asked("never") == 0)
  }

  @Test func shuttingDownEndsWhatWaits() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    let asking = Task { await outcome(manager, upload(server, "never"), order()) }
    #expect(await waits { server.waitFor("never") })
    await onThread("test") { manager.shutDown() }
    #expect(await asking.value.error == .cancelled)
    #expect(await outcome(manager, upload(server, "ok"), order()).error == .cancelled)
  }

  @Test func identicalRequestsAreAskedOnce() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    let blocking = await occupy(manager, server)
    let same = (1...5).map { _ in Task { await outcome(manager, upload(server, "ok"), order()) } }
    #expect(await waits { eventually { manager.status.joined == 4 } })
    same[0].cancel()
    #expect(await same[0].value.error == .cancelled)
    for task in blocking { task.cancel() }
    for task in same.dropFirst() { #expect(await task.value.status == 200) }
    #expect(try server.asked("ok") == 1)
  }

  @Test func theBreakerOpensAndAProbeClosesIt() async throws {
    let server = try FaultServer()
    let notices = Lock<[RequestNotice]>([])
    let host = upload(server, "ok").host
    let manager = RequestManager { notice in notices.withLock { $0.append(notice) } }
    defer { manager.shutDown() }
    // Those after the fifth probe at once, and in vain: what comes after them has half a minute.
    for _ in 1...10 { _ = await outcome(manager, upload(server, "500"), order()) }
    #expect(!manager.isAvailable(host) && manager.status.hosts[0].breaker == .open)
    var patient = order(.file)
    #expect(await outcome(manager, upload(server, "ok"), patient).error?.kind == .network)
    #expect(try server.asked("ok") == 0)
    patient.mayProbe = true
    #expect(await outcome(manager, upload(server, "ok"), patient).status == 200)
    #expect(manager.isAvailable(host))
    let all = notices.withLock { $0.map(\.what) }
    #expect(all == Array(repeating: .breakerOpen, count: 6) + [.breakerClosed])
  }

  @Test func connectionsAreUsedAgain() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    #expect(
      await outcome(manager, HTTPRequest(url: server.url("ok"), timeout: 120_000), order()).status == 200)
    #expect(await outcome(manager, upload(server, "ok"), order()).status == 200)
    #expect(try server.connections() == 1)
  }

  @Test func aServerThatClosedItsConnectionIsConnectedAgain() async throws {
    let server = try FaultServer()
    let manager = RequestManager()
    defer { manager.shutDown() }
    // It closes without a word after the answer.
    #expect(await outcome(manager, upload(server, "once"), order()).status == 200)
    #expect(await waits { server.waitFor("closed") })
    #expect(await outcome(manager, upload(server, "ok", bytes: 300_000), order()).status == 200)
  }
}
