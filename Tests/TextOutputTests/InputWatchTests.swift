import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import TextOutput

/// What the keys of a real server tell about commands.
@Suite(.serialized) struct InputWatchTests {
  private let watch = HotkeyWatch()

  @Test(arguments: ["F9", "d"]) func aCommandThatComesAgainWhileItsKeyIsDownIsARepeat(_ key: String)
    async throws
  {
    let display = try VirtualDisplay()
    defer { watch.shutDown() }
    // A key that does not repeat has sent none when it is up.
    try display.tool("xset", ["-r"], package: "x11-xserver-utils")
    for _ in 0..<2 {
      let finger = try display.hold(key)
      #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == false)
      #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == true)
      #expect(
        await watch.press(of: "undo", on: display.address)?.isRepeat == false, "a script may run several")
      #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == true)
      try release(finger)
      #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == false, "nothing is down")
      #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == false, "nothing was down")
    }
  }

  @Test func whatTheRepeatStartedLastMayComeAfterTheRelease() async throws {
    let display = try VirtualDisplay()
    defer { watch.shutDown() }
    try display.tool("xset", ["r", "rate", "1", "20"], package: "x11-xserver-utils")
    // Some seconds later it would be none any more: a busy machine gets more than one try.
    func repeats(_ press: () throws -> Void, _ release: () throws -> Void) async throws -> Bool {
      try press()
      #expect(
        await watch.press(of: "toggle", on: display.address)?.isRepeat == false, "a press, whoever presses")
      try release()
      return await watch.press(of: "toggle", on: display.address)?.isRepeat == true
    }
    #expect(
      try await eventually { () async throws in
        let finger = Lock<RunningProcess?>(nil)
        return try await repeats(
          { try finger.withLock { $0 = try display.hold("F9") } },
          { if let finger = finger.withLock({ $0 }) { try self.release(finger) } })
      })
    #expect(
      try await eventually { () async throws in
        try await repeats(
          { try display.tool("xdotool", ["keydown", "F9"], package: "xdotool") },
          { try display.tool("xdotool", ["keyup", "F9"], package: "xdotool") })
      })
    #expect(await watch.press(of: "undo", on: display.address)?.isRepeat == false)
  }

  /// A release binding's command comes in between, with no key down.
  @Test func whatTheRepeatStartedLastMayComeAfterTheStopOfTheRelease() async throws {
    let display = try VirtualDisplay()
    defer { watch.shutDown() }
    try display.tool("xset", ["r", "rate", "1", "20"], package: "x11-xserver-utils")
    // Some seconds later it would be none any more: a busy machine gets more than one try.
    func repeats() async throws -> Bool {
      let finger = try display.hold("F9")
      #expect(await watch.press(of: "record", on: display.address)?.isRepeat == false)
      #expect(await watch.press(of: "record", on: display.address)?.isRepeat == true)
      try release(finger)
      #expect(await watch.press(of: "stop", on: display.address)?.isRepeat == false)
      return await watch.press(of: "record", on: display.address)?.isRepeat == true
    }
    #expect(try await eventually { () async throws in try await repeats() })
    let finger = try display.hold("F9")
    #expect(await watch.press(of: "record", on: display.address)?.isRepeat == false, "a press")
    try release(finger)
  }

  @Test func whatIsTypedInATerminalIsNoRepeat() async throws {
    let display = try VirtualDisplay()
    defer { watch.shutDown() }
    let finger = try display.hold("Return")
    for _ in 0..<2 { #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == false) }
    #expect(await watch.press(of: "record", on: display.address, awaitsRelease: true)?.release == nil)
    try release(finger)
    let modifier = try display.hold("Super_L")
    let again = try display.hold("Return")
    #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == false)
    #expect(
      await watch.press(of: "toggle", on: display.address)?.isRepeat == true, "with Super it is a hotkey")
    for finger in [again, modifier] { try release(finger) }
  }

  @Test(arguments: ["key", "button"]) func afterAnotherPressItIsNoRepeat(_ other: String) async throws {
    let display = try VirtualDisplay()
    defer { watch.shutDown() }
    let finger = try display.hold("F9")
    defer { finger.end() }
    #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == false)
    if other == "key" {
      try release(try display.hold("F10"))
    } else {
      try display.tool("xdotool", ["click", "1"], package: "xdotool")
    }
    #expect(await watch.press(of: "toggle", on: display.address)?.isRepeat == false)
  }

  @Test func theReleaseOfTheKeyIsToldAndNotThatOfItsModifier() async throws {
    let display = try VirtualDisplay()
    let thread = X11Thread()
    defer { thread.shutDown() }
    let fingers = try ["Super_L", "F9"].map { try display.hold($0) }
    let press = try await thread.perform(on: display.address, within: 60) {
      $0.hotkey.press("record", awaitsRelease: true, $0)
    }
    let end = ended(try #require(press.release))
    /// Whether it is still awaited when all releases up to now were seen.
    func isAwaited() async throws -> Bool {
      try await thread.perform(on: display.address, within: 60) { connection in
        connection.catchUp()
        return connection.hotkey.isAwaited
      }
    }
    try release(fingers[0])
    #expect(try await isAwaited())
    try release(fingers[1])
    #expect(try await !isAwaited())
    #expect(await waits { end.wait(milliseconds: 60_000) })
  }

  @Test func aModifierMayBeAHotkeyByItself() async throws {
    let display = try VirtualDisplay()
    defer { watch.shutDown() }
    let finger = try display.hold("Control_R")
    let press = await watch.press(of: "record", on: display.address, awaitsRelease: true)
    let end = ended(try #require(press?.release))
    try release(finger)
    #expect(await waits { end.wait(milliseconds: 60_000) })
  }

  @Test func aServerThatDiesReleasesTheKey() async throws {
    let display = try VirtualDisplay()
    defer { watch.shutDown() }
    let finger = try display.hold("F9")
    defer { finger.end() }
    let press = await watch.press(of: "record", on: display.address, awaitsRelease: true)
    let end = ended(try #require(press?.release))
    display.killServer()
    #expect(await waits { end.wait(milliseconds: 60_000) })
  }

  @Test func aServerThatHangsKeepsNoCommand() async throws {
    let display = try VirtualDisplay()
    let watch = HotkeyWatch(patience: 1, pause: 1)
    defer { watch.shutDown() }
    #expect(await watch.press(of: "toggle", on: display.address) != nil)
    display.sendServer(SIGSTOP)
    for _ in 0..<3 { #expect(await watch.press(of: "toggle", on: display.address) == nil) }
    display.sendServer(SIGCONT)
    #expect(await eventually { () async in await watch.press(of: "toggle", on: display.address) != nil })
  }

  @Test func keysWakeNobodyWhenNobodyAsks() async throws {
    let display = try VirtualDisplay()
    let thread = X11Thread()
    defer { thread.shutDown() }
    try display.tool("xset", ["-r"], package: "x11-xserver-utils")
    func wakings(after command: String) async throws -> Int {
      try await thread.perform(on: display.address, within: 60) { connection in
        _ = connection.hotkey.press(command, awaitsRelease: false, connection)
        return wakingsOfThisThread()
      }
    }
    let finger = try display.hold("F9")
    _ = try await wakings(after: "toggle")
    try release(finger)
    let before = try await wakings(after: "toggle")
    for _ in 0..<20 { try display.tool("xdotool", ["key", "a"], package: "xdotool") }
    // The question itself takes a few.
    #expect(try await wakings(after: "other") - before < 15)
  }

  private func release(_ finger: RunningProcess) throws {
    finger.send("\n")
    try #require(finger.waitForOutput("released"))
  }

  private func ended(_ release: AsyncStream<Never>) -> WakeEvent {
    let event = WakeEvent()
    Task {
      for await _ in release {}
      event.signal()
    }
    return event
  }
}

/// How often the calling thread has waited.
func wakingsOfThisThread() -> Int {
  let status = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)) ?? ""
  return status.firstMatch(of: /\nvoluntary_ctxt_switches:\t(\d+)/).flatMap { Int($0.1) } ?? 0
}
