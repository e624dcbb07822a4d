import Linux
import Testing

@Suite struct WakeEventTests {
  @Test func signalsAddUpToOne() {
    let event = WakeEvent()
    event.signal()
    event.signal()
    #expect(event.wait(milliseconds: 0))
    #expect(!event.wait(milliseconds: 0))
  }

  @Test func anotherThreadWakesTheWaiter() {
    let event = WakeEvent()
    let thread = WorkerThread(name: "signaller") { event.signal() }
    #expect(event.wait(milliseconds: 60_000))
    thread.join()
  }
}
