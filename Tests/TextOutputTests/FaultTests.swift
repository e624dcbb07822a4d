import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import TextOutput

/// What goes wrong must be told in one sentence, and never end the process.
@Suite(.serialized) struct FaultTests {
  @Test func noDisplayIsTold() async {
    let output = X11Output()
    defer { output.shutDown() }
    let error = await #expect(throws: DictationError.self) {
      try await output.insert("text", by: .auto, on: DisplayAddress(display: ""))
    }
    #expect(error?.kind == .output)
    #expect(error?.message.contains("DISPLAY is not set") == true)
  }

  @Test func aDisplayThatIsNotThereIsTold() async {
    let output = X11Output()
    defer { output.shutDown() }
    let error = await #expect(throws: DictationError.self) {
      try await output.check(DisplayAddress(display: ":65000", xauthority: "/nonexistent"))
    }
    #expect(error?.kind == .output)
    #expect(error?.message.contains("cannot connect to the X display :65000") == true)
  }

  @Test func noFocusIsTold() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let target = OutputTarget(windowClass: "Gedit", topLevel: 1, focus: 1, processID: nil)
    let error = await #expect(throws: DictationError.self) {
      try await output.insert("text", by: .auto, on: display.address, origin: target)
    }
    #expect(error?.kind == .output)
    #expect(error?.message.contains("no window has the focus (Gedit had it") == true)
  }

  @Test func theDesktopTakesNoText() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    try display.tool(
      "xprop",
      [
        "-id", window.id, "-f", "_NET_WM_WINDOW_TYPE", "32a", "-set", "_NET_WM_WINDOW_TYPE",
        "_NET_WM_WINDOW_TYPE_DESKTOP",
      ], package: "x11-utils")
    let output = X11Output()
    defer { output.shutDown() }
    await #expect(throws: DictationError.self) {
      try await output.insert("text", by: .auto, on: display.address)
    }
  }

  @Test func aServerThatDiesWhileTypingIsAnError() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let text = String(repeating: "éa", count: 20_000)
    let insertion = Task { try await output.insert(text, by: .type, on: display.address) }
    #expect(await eventually { () async in !window.text.isEmpty })
    display.killServer()
    let error = await #expect(throws: DictationError.self) { try await insertion.value }
    #expect(error?.kind == .output)
    #expect(error?.message.contains("went away") == true)
    try await typesOnAnother(with: output)
  }

  @Test func aServerThatDiesWhileIdleIsForgotten() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    try await output.setClipboard("text", on: display.address)
    display.killServer()
    let error = await #expect(throws: DictationError.self) {
      try await output.setClipboard("x", on: display.address)
    }
    #expect(error?.kind == .output)
    try await typesOnAnother(with: output)
  }

  @Test func stopsWhenTheFocusMoves() async throws {
    let display = try VirtualDisplay()
    let first = try display.start(.gtk3)
    let second = try display.start(.gtk3, title: "other")
    let output = X11Output()
    defer { output.shutDown() }
    let text = String(repeating: "a long text that takes a while ", count: 500)
    let insertion = Task { try await output.insert(text, by: .type, on: display.address) }
    #expect(await eventually { () async in !first.text.isEmpty || !second.text.isEmpty })
    let (from, to) = first.text.isEmpty ? (second, first) : (first, second)
    try to.focus()
    let error = await #expect(throws: DictationError.self) { try await insertion.value }
    #expect(error?.message.contains("the focus moved") == true)
    #expect(to.text.count <= Typist.chunk)
    #expect(text.hasPrefix(from.text))
  }

  @Test(arguments: [TargetApplication.gtk3, .xterm])
  func aFrozenWindowGetsTheTextWhenItGoesOn(_ application: TargetApplication) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    let output = X11Output()
    defer { output.shutDown() }
    let text = "Übung макes the мастер, 漢字 and all."
    window.send(SIGSTOP)
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(window.text.isEmpty)
    window.send(SIGCONT)
    #expect(window.text(awaiting: text) == text)
  }

  @Test func aFrozenWindowGetsNoMoreThanTheKeyboardHolds() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let text = String(String.UnicodeScalarView((0x4E00..<0x4E00 + 100).compactMap { Unicode.Scalar($0) }))
    window.send(SIGSTOP)
    let error = await #expect(throws: DictationError.self) {
      try await output.insert(text, by: .type, on: display.address)
    }
    #expect(error?.message.contains("does not respond") == true)
    window.send(SIGCONT)
    #expect(await eventually { () async in !window.text.isEmpty })
    #expect(text.hasPrefix(window.text))
  }

  @Test func aCancelledInsertionStops() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    let map = try display.keyboardMap()
    let text = String(repeating: "Ünd söwéiter ", count: 3000)
    let insertion = Task { try await output.insert(text, by: .type, on: display.address) }
    #expect(await eventually { () async in !window.text.isEmpty })
    insertion.cancel()
    let error = await #expect(throws: DictationError.self) { try await insertion.value }
    #expect(error?.kind == .cancelled)
    #expect(window.text.count < text.count)
    output.shutDown()
    #expect(try display.keyboardMap() == map)
  }

  @Test func whoWaitsForSomethingElseThanTheServerGetsOn() async throws {
    let display = try VirtualDisplay()
    let thread = X11Thread()
    defer { thread.shutDown() }
    let isOver = Lock(false)
    let waiting = Task {
      try await thread.perform(on: display.address, within: 600) { connection throws(DictationError) in
        try connection.wait(nanoseconds: 600_000_000_000) { isOver.withLock { $0 } }
      }
    }
    // One for the beginning; the others come while nothing happens.
    #expect(await eventually(within: 120) { () async in thread.progress.count > 3 })
    isOver.withLock { $0 = true }
    try await thread.perform(on: display.address, within: 600) { _ in }
    #expect(try await waiting.value)
  }

  @Test func whoIsBehindAJobThatHangsDoesNotEndIt() async throws {
    let display = try VirtualDisplay()
    let thread = X11Thread()
    defer { thread.shutDown() }
    let (hasBegun, isRun) = (Lock(false), Lock(false))
    let inserting = Task {
      try await thread.perform(on: display.address, within: 600) { connection throws(DictationError) in
        hasBegun.withLock { $0 = true }
        return try connection.wait(nanoseconds: 600_000_000_000) { isRun.withLock { $0 } }
      }
    }
    #expect(await eventually { () async in hasBegun.withLock { $0 } })
    display.sendServer(SIGSTOP)
    let error = await #expect(throws: DictationError.self) {
      try await thread.perform(on: display.address, within: 1) { _ in Issue.record("was given up") }
    }
    #expect(error?.message.contains("busy inserting") == true)
    #expect(!thread.isHung)
    display.sendServer(SIGCONT)
    isRun.withLock { $0 = true }
    try await thread.perform(on: display.address, within: 600) { _ in }
    #expect(try await inserting.value)
  }

  @Test func aServerThatHangsIsGivenUp() async throws {
    let display = try VirtualDisplay()
    let thread = X11Thread()
    defer { thread.shutDown() }
    try await thread.perform(on: display.address, within: 600) { _ in }
    display.sendServer(SIGSTOP)
    let error = await #expect(throws: DictationError.self) {
      try await thread.perform(on: display.address, within: 1) { connection throws(DictationError) in
        try connection.wait(nanoseconds: 600_000_000_000) { false }
      }
    }
    #expect(error?.message.contains("does not answer") == true)
    #expect(thread.isHung)
    display.sendServer(SIGCONT)
  }

  @Test func aDisplayWithTheNumberOfAScreenIsTheSame() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    var tokens: [UInt] = []
    for suffix in ["", ".0"] {
      let address = DisplayAddress(display: display.name + suffix)
      tokens.append(try await output.perform(on: address) { $0.token })
    }
    #expect(tokens[0] == tokens[1])
    // Nobody meets the journal of another connection of ours.
    #expect(try await output.check(DisplayAddress(display: display.name + ".0")).contains("layout"))
  }

  @Test func nothingRunsAfterShutDown() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    try await output.setClipboard("text", on: display.address)
    output.shutDown()
    await #expect(throws: DictationError.self) { try await output.setClipboard("text", on: display.address) }
  }

  @Test func theAuthorityFileOfTheClientIsUsed() async throws {
    let display = try VirtualDisplay(needsCookie: true)
    let output = X11Output()
    defer { output.shutDown() }
    await #expect(throws: DictationError.self) {
      try await output.check(DisplayAddress(display: display.name, xauthority: "/nonexistent"))
    }
    let address = DisplayAddress(display: display.name, xauthority: display.authorityFile)
    #expect(try await output.check(address).contains("layout"))
  }

  private func typesOnAnother(with output: X11Output) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    _ = try await output.insert("still alive", by: .type, on: display.address)
    #expect(window.text(awaiting: "still alive") == "still alive")
  }
}
