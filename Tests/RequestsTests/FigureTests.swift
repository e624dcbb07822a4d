import DictationTypes
import Testing

@testable import Requests

/// The figures of a host.
@Suite struct FigureTests {
  @Test func percentilesAreOfTheLast256GoodAnswers() {
    var sample = LatencySample()
    #expect(sample.percentiles == nil)
    for value in 1...1000 { sample.add(UInt64(value) * ms) }
    // 745 to 1000 ms, by nearest rank.
    #expect(sample.percentiles?.p50 == 872)
    #expect(sample.percentiles?.p95 == 988)
    #expect(sample.percentiles?.p99 == 998)
    var one = LatencySample()
    one.add(5 * ms)
    #expect(one.percentiles?.p50 == 5 && one.percentiles?.p99 == 5)
  }

  @Test func theErrorRateForgetsAfterFiveMinutes() {
    var window = OutcomeWindow()
    #expect(window.errorRate(at: 0) == nil)
    window.add(isFailure: true, at: 10 * second)
    window.add(isFailure: false, at: 40 * second)
    #expect(window.errorRate(at: 40 * second) == 0.5)
    #expect(window.errorRate(at: 299 * second) == 0.5)
    #expect(window.errorRate(at: 310 * second) == 0)
    #expect(window.errorRate(at: 700 * second) == nil)
    window.add(isFailure: true, at: 640 * second)
    #expect(window.errorRate(at: 640 * second) == 1)
  }

  @Test func theStatusTellsWhatGoesOn() {
    var bench = Bench()
    for caller in 1...4 { bench.submit(UInt64(caller)) }
    bench.pass(20 * ms)
    bench.answer(200)
    bench.answer(404)
    let status = bench.scheduler.status(at: bench.now)
    #expect(status.queued == 0 && status.inFlight == 2)
    let host = bench.host()
    #expect(host.requests == 4 && host.failures == 1 && host.errorRate == 0.5)
    #expect(host.inFlight == 2 && host.latencyMs?.p50 == 20)
  }

  @Test(arguments: [
    ("http://User:secret@Example.org:8080/v1/audio?q=@x", "http://example.org:8080"),
    ("HTTPS://example.org", "https://example.org"), ("http://[::1]:80/x", "http://[::1]:80"),
    ("nonsense", "nonsense"),
  ])
  func hostsAreToldApartBySchemeNameAndPort(url: String, host: String) {
    #expect(HTTPRequest(url: url, timeout: 1).host == host)
  }

  @Test func aSocketIsAHostToo() {
    #expect(
      HTTPRequest(url: "http://engine/v1", socketPath: "/run/e.sock", timeout: 1).host == "unix:/run/e.sock")
  }
}
