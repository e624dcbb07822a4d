import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import TextOutput

/// A process that is killed while it types leaves the keyboard as its text needed it. The next one puts it right.
@Suite(.serialized) struct CrashTests {
  /// What is found, what is typed, and what of it shows that the keyboard is not as found.
  struct Moment: CustomTestStringConvertible {
    let name: String
    var found: [String] = []
    let text: String
    let shows: @Sendable (String) -> Bool
    var testDescription: String { name }
  }

  static let moments = [
    Moment(name: "bound keycodes", text: "東京天気é") { _ in true },
    Moment(name: "locks lifted", found: ["lock=0x12"], text: "Ab cD") { $0.contains("locked 0x10,") },
    Moment(name: "another group", found: ["lock=2"], text: "жЖ 東") { $0.contains("+1, ") },
    Moment(name: "controls off", found: ["on=0x1E", "lock=2"], text: "Ab é") {
      $0.contains("controls 0x13b9, options 0xcaf,")
    },
  ]

  @Test(arguments: moments) func theNextStartPutsRight(_ moment: Moment) async throws {
    let display = try VirtualDisplay(layout: "us,ru")
    let window = try display.start(.gtk3)
    let map = try display.keyboardMap()
    let before = try display.keyboard(moment.found)
    try await kill(typing: moment.text, into: window) {
      #expect(try moment.shows(display.keyboard()))
      #expect(try journal(of: display).contains("_THOTH_STATE"))
      // Who lives is left alone, and not disturbed.
      let output = X11Output()
      defer { output.shutDown() }
      try await output.recover(on: display.address)
      #expect(try moment.shows(display.keyboard()))
      let error = await #expect(throws: DictationError.self) {
        try await output.insert("x", by: .type, on: display.address)
      }
      #expect(error?.message.contains("another thothd types") == true)
    }
    // Half a stroke more arrived, and somebody holds a key meanwhile.
    try display.keyboard("down=50", "down=38")
    let finger = try RunningProcess(
      "/usr/bin/python3", [rig("hold_key.py"), "Pause"], environment: display.environment)
    #expect(finger.waitForOutput("held"))
    let output = X11Output()
    try await output.recover(on: display.address)
    #expect(try display.keyboard().hasSuffix("down: 127\n"), "what is held by a finger stays so")
    finger.send("\n")
    #expect(finger.waitForOutput("released"))
    let after = try display.keyboard()
    #expect(after == before)
    #expect(try display.keyboardMap() == map)
    #expect(try journal(of: display).isEmpty)
    output.shutDown()
  }

  @Test func whatWasChangedSinceStays() async throws {
    let display = try VirtualDisplay(layout: "us,ru")
    let window = try display.start(.gtk3)
    try display.keyboard("on=2")
    try await kill(typing: "жЖ 東", into: window) {}
    try display.setLayout("de,fr,gr")
    let before = try display.keyboard("group=2", "on=4", "lock=0x10")
    let map = try display.keyboardMap()
    let output = X11Output()
    try await output.recover(on: display.address)
    #expect(try display.keyboardMap() == map)
    #expect(try display.keyboard() == before.replacing("controls 0x13a5", with: "controls 0x13a7"))
    output.shutDown()
  }

  @Test func aJournalThatMakesNoSenseIsRemoved() async throws {
    let display = try VirtualDisplay()
    let (before, map) = (try display.keyboard(), try display.keyboardMap())
    for (name, value) in [
      ("_THOTH_STATE", "1,2"), ("_THOTH_STATE", "1,2,255,99,1,2,3"), ("_THOTH_KEYS", "1,2,3"),
      ("_THOTH_KEYS", "1,2,38,97,66,0,0,7,1,1,1,1,999,1,1,1,1"),
    ] {
      try display.tool(
        "xprop", ["-root", "-f", name, "32c", "-set", name, value], package: "x11-utils")
      let output = X11Output()
      try await output.recover(on: display.address)
      output.shutDown()
      #expect(try display.keyboard() == before)
      #expect(try display.keyboardMap() == map)
      #expect(try journal(of: display).isEmpty)
    }
  }

  @Test func whoEndsLeavesNoJournal() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.xterm)
    let output = X11Output()
    _ = try await output.insert("é東", by: .type, on: display.address)
    #expect(window.text(awaiting: "é東") == "é東")
    #expect(try journal(of: display).contains("_THOTH_KEYS"), "xterm does not tell that it has read them")
    output.shutDown()
    #expect(try journal(of: display).isEmpty)
  }

  /// Has another process type `text` without end into `window`, and kills it when that has received some and `body` is
  /// done.
  private func kill(
    typing text: String, into window: TargetWindow, then body: () async throws -> Void
  ) async throws {
    let display = window.display
    let file = display.folder.file("typist")
    let (name, text) = (display.name, String(repeating: text, count: 100_000))
    let hasEnded = Lock(false)
    let child = Task {
      defer { hasEnded.withLock { $0 = true } }
      _ = await #expect(processExitsWith: .signal(SIGKILL)) {
        [name = name as String, file = file as String, text = text as String] in
        try String(getpid()).write(toFile: file, atomically: true, encoding: .utf8)
        var insertion = Insertion(text)
        insertion.method = .type
        _ = try await X11Output().insert(insertion, on: DisplayAddress(display: name))
      }
    }
    _ = await eventually { () async in window.byteCount > 100 || hasEnded.withLock { $0 } }
    try #require(window.byteCount > 100)
    let process = try #require(Int32(String(contentsOfFile: file, encoding: .utf8)))
    do { try await body() } catch {
      Foundation.kill(process, SIGKILL)
      throw error
    }
    Foundation.kill(process, SIGKILL)
    await child.value
  }

  private func journal(of display: VirtualDisplay) throws -> String {
    try display.tool("xprop", ["-root"], package: "x11-utils").split(separator: "\n")
      .filter { $0.hasPrefix("_THOTH") }.joined(separator: "\n")
  }
}
