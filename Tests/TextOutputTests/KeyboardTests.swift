import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import TextOutput

/// The keyboard in states in which people leave it.
@Suite(.serialized) struct KeyboardTests {
  private let text = "Mixed Case, 123 éÉ жЖ — done."

  @Test(arguments: [TargetApplication.gtk3, .xterm])
  func capsLockAndNumLockChangeNothing(_ application: TargetApplication) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    let output = X11Output()
    defer { output.shutDown() }
    try display.tool("xdotool", ["key", "Caps_Lock", "Num_Lock"], package: "xdotool")
    #expect(try isLocked("Caps Lock", display) && isLocked("Num Lock", display))
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(window.text(awaiting: text) == text)
    #expect(try isLocked("Caps Lock", display) && isLocked("Num Lock", display), "the locks are as they were")
  }

  @Test func theOtherLayoutStaysChosen() async throws {
    let display = try VirtualDisplay(layout: "ru,us")
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let text = "Hello, Привет, hello, привет"
    try display.tool("xdotool", ["key", "ISO_Next_Group"], package: "xdotool")
    let before = try display.tool("xset", ["q"], package: "x11-xserver-utils")
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(window.text(awaiting: text) == text)
    #expect(try display.tool("xset", ["q"], package: "x11-xserver-utils") == before)
  }

  @Test(arguments: ["Control_L", "Super_L", "Shift_L", "d"])
  func waitsUntilAHeldKeyIsReleased(_ key: String) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let finger = try hold(key, on: display)
    defer { finger.end() }
    let before = key == "d" ? window.text(awaiting: "d") : ""
    let insertion = Task { try await output.insert(text, by: .type, on: display.address) }
    // Nothing may be typed before the release. The wait is 1.5 s, so that this half cannot be over by itself.
    #expect(!eventually(within: 0.3) { window.text.contains("Mixed") })
    finger.send("\n")
    #expect(finger.waitForOutput("released"))
    _ = try await insertion.value
    let arrived = window.text(awaiting: before + text)
    #expect(arrived.drop { $0 == "d" } == text[...])
  }

  @Test(arguments: [TargetApplication.gtk3, .xterm])
  func typesInSpiteOfAModifierThatIsNeverReleased(_ application: TargetApplication) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    let output = X11Output()
    defer { output.shutDown() }
    let finger = try hold("Control_L", on: display)
    defer { finger.end() }
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(window.text(awaiting: text) == text)
  }

  @Test func aKeyThatIsNeverReleasedRepeatsNoMore() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let finger = try hold("d", on: display)
    defer { finger.end() }
    #expect(eventually { window.text.hasPrefix("dd") })
    // Long enough for a key that repeats to come between the characters.
    let text = String(repeating: text, count: 50)
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(eventually(within: 60) { window.text.hasSuffix(text) })
    #expect(window.text.dropLast(text.count).allSatisfy { $0 == "d" })
    #expect(try display.keyboard().hasSuffix("down:\n"))
    finger.send("\n")
    #expect(finger.waitForOutput("released"))
    #expect(try display.keyboard().hasSuffix("down:\n"))
  }

  @Test func aHotkeyThatIsNeverReleasedIsNotTheWindowManagersAnyMore() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    // openbox has grabbed it, and gets every key as long as F1 is down.
    let finger = try hold("Super_L", "F1", on: display)
    defer { finger.end() }
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(window.text(awaiting: text) == text)
  }

  @Test func aKeyboardWithAMapOfItsOwnIsNotReadFor() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let finger = try hold("Shift_R", on: display)
    defer { finger.end() }
    let keyboard = finger.output.split(whereSeparator: \.isWhitespace)[1]
    try display.tool(
      "setxkbmap", ["-device", String(keyboard), "-layout", "de"], package: "x11-xkb-utils")
    finger.send("\n")
    #expect(finger.waitForOutput("released"))
    let map = try display.keyboardMap()
    let text = "Yz-y @€{} öé жЖ"
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(window.text(awaiting: text) == text)
    try hold("Shift_R", on: display).end()
    #expect(try display.keyboardMap() == map, "the other keyboard is as it was")
  }

  @Test func aKeyboardWithoutSpareKeycodesIsNotTypedOn() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    try fillSpareKeycodes(except: 0, on: display)
    let text = "first an a, then an é"
    await #expect(throws: DictationError.self) {
      try await output.insert(text, by: .type, on: display.address)
    }
    #expect(window.text.isEmpty, "not even the first character was typed")
    #expect(try await output.insert(text, by: .auto, on: display.address).method == .paste)
    #expect(window.text(awaiting: text) == text)
  }

  @Test func fewSpareKeycodesAreUsedAgain() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    try fillSpareKeycodes(except: 1, on: display)
    let map = try display.keyboardMap()
    let window = try display.start(.gtk3)
    let text = "жшщ äöü éèê ßæø 東京天気 “yes”"
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(window.text(awaiting: text) == text)
    #expect(try display.keyboardMap() == map)
    // A terminal does not tell when they can be used again.
    let terminal = try display.start(.xterm, title: "terminal")
    let error = await #expect(throws: DictationError.self) {
      try await output.insert(text, by: .type, on: display.address)
    }
    #expect(error?.message.contains("only 4 can be typed into XTerm") == true)
    #expect(terminal.text.isEmpty)
    #expect(try await output.insert(text, by: .auto, on: display.address).method == .paste)
    #expect(terminal.text(awaiting: text) == text)
  }

  @Test func aLongTextIsTypedWithoutALoss() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.xterm)
    let output = X11Output()
    defer { output.shutDown() }
    let text = String(repeating: "Zwölf Boxkämpfer jagen Viktor; 1234567890. ", count: 1163).prefix(50_000)
    _ = try await output.insert(String(text), by: .type, on: display.address)
    #expect(window.text(awaiting: String(text), within: 300) == text)
  }

  @Test func givesBackWhatAKilledProcessLeft() async throws {
    let display = try VirtualDisplay()
    let map = try display.keyboardMap()
    // What a process that was killed while typing leaves: a bound keycode, and the list that says so.
    try display.tool("xmodmap", ["-e", "keycode 248 = U0416 U0436"], package: "x11-xserver-utils")
    try display.tool(
      "xprop",
      [
        "-root", "-f", "_THOTH_KEYS", "32c", "-set", "_THOTH_KEYS", "1,1,248,\(0x100_0416),\(0x100_0436),0,0",
      ],
      package: "x11-utils")
    #expect(try display.keyboardMap() != map)
    let window = try display.start(.gtk3)
    let output = X11Output()
    _ = try await output.insert("Ж ж ы", by: .type, on: display.address)
    #expect(window.text(awaiting: "Ж ж ы") == "Ж ж ы")
    output.shutDown()
    #expect(try display.keyboardMap() == map)
  }

  @Test(.enabled(if: Samples.isFullSize, "takes the five seconds that it is about"))
  func givesKeysBackInTimeWithoutAnAnswer() async throws {
    let display = try VirtualDisplay()
    let map = try display.keyboardMap()
    let window = try display.start(.xterm)
    let output = X11Output()
    defer { output.shutDown() }
    _ = try await output.insert(text, by: .type, on: display.address)
    #expect(window.text(awaiting: text) == text)
    #expect(try display.keyboardMap() != map)
    #expect(try await eventually { () async throws in try display.keyboardMap() == map })
  }

  @Test(.enabled(if: Samples.isFullSize, "takes longer than the limit that it is about"))
  func whatGetsOnIsNotGivenUp() async throws {
    let display = try VirtualDisplay()
    let thread = X11Thread(pasteLimits: PasteLimits())
    defer { thread.shutDown() }
    let long = Task {
      try await thread.perform(on: display.address, within: 20) { connection throws(DictationError) in
        for _ in 0..<250 {
          try connection.wait(nanoseconds: 100_000_000) { false }
          connection.cancellation?.noteProgress()
        }
      }
    }
    try await thread.perform(on: display.address, within: 20) { _ in }
    try await long.value
    #expect(!thread.isHung)
  }

  /// Up to the characters that were on their way at the moment of the change.
  @Test func aLayoutThatIsChangedWhileTypingIsNoticed() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let text = String(repeating: "zwölf Yachten am Zoo. ", count: 400)
    let insertion = Task { try await output.insert(text, by: .type, on: display.address) }
    #expect(await eventually { () async in window.text.count > 500 })
    try display.setLayout("de")
    _ = try await insertion.value
    _ = window.text(awaiting: text, within: 60)
    let wrong = zip(window.text, text).count { $0 != $1 }
    #expect(window.text.count == text.count && wrong < 2 * Typist.chunk, "\(wrong) are wrong")
  }

  @Test func aLayoutThatIsChangedBetweenIsNoticed() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    for layout in ["us", "de", "fr", "ru,us", "us"] {
      try display.setLayout(layout)
      _ = try await output.insert(text, by: .type, on: display.address)
      #expect(window.text(awaiting: text) == text, "\(layout)")
      try window.clear()
    }
  }

  /// Gives all keycodes that carry nothing a symbol, except for `count`.
  private func fillSpareKeycodes(except count: Int, on display: VirtualDisplay) throws {
    let lines = try display.tool("xmodmap", ["-pke"], package: "x11-xserver-utils").split(separator: "\n")
    let spare = lines.map { $0.split(separator: " ") }.filter { $0.count == 3 }.map { $0[1] }
    for keycode in spare.dropFirst(count) {
      try display.tool("xmodmap", ["-e", "keycode \(keycode) = F35"], package: "x11-xserver-utils")
    }
  }

  private func isLocked(_ name: String, _ display: VirtualDisplay) throws -> Bool {
    let state = try display.tool("xset", ["q"], package: "x11-xserver-utils")
    return state.range(of: "\(name): *on", options: .regularExpression) != nil
  }

  private func hold(_ keys: String..., on display: VirtualDisplay) throws -> RunningProcess {
    let finger = try RunningProcess(
      "/usr/bin/python3", [rig("hold_key.py")] + keys, environment: display.environment)
    try #require(finger.waitForOutput("held"), "\(finger.errors)")
    return finger
  }
}
