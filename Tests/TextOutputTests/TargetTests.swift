import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import TextOutput

/// Into which window a text goes, and when into none.
@Suite(.serialized) struct TargetTests {
  private let text = "Für das Fenster, 漢字."

  @Test(arguments: [true, false], [OutputMethod.type, .paste])
  func theWindowOfTheStopIsFetchedAndLeftAgain(isManaged: Bool, method: OutputMethod) async throws {
    let display = try VirtualDisplay(windowManager: isManaged ? .openbox : nil)
    let output = X11Output()
    defer { output.shutDown() }
    let first = try display.start(.gtk3)
    let origin = try await output.focusedWindow(on: display.address)
    let second = try display.start(.qt5, title: "other")
    let report = try await output.insert(
      text, by: method, on: display.address, origin: origin, policy: .origin)
    #expect(report.windowClass == origin?.windowClass)
    #expect(first.text(awaiting: text) == text)
    #expect(await eventually { () async in (try? second.isFocused) == true }, "the focus is given back")
    #expect(second.text.isEmpty)
  }

  @Test(arguments: [TargetPolicy.origin, .hold])
  func theWindowOfTheStopThatStillHasTheFocusGetsIt(_ policy: TargetPolicy) async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    let origin = try await output.focusedWindow(on: display.address)
    _ = try await output.insert(text, by: .type, on: display.address, origin: origin, policy: policy)
    #expect(window.text(awaiting: text) == text)
    #expect(try window.isFocused)
  }

  @Test func aTextIsHeldWhenTheFocusMovedOrTheWindowIsGone() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let first = try display.start(.xterm)
    let origin = try await output.focusedWindow(on: display.address)
    let second = try display.start(.gtk3, title: "other")
    #expect(
      try await held(by: output, on: display, origin, .hold).contains("the focus moved from XTerm to"))
    first.close()
    #expect(await eventually { () async in !first.isThere })
    for policy in [TargetPolicy.hold, .origin] {
      #expect(try await held(by: output, on: display, origin, policy) == "XTerm has been closed")
    }
    #expect(try await held(by: output, on: display, nil, .hold).contains("no window had the focus"))
    _ = try await output.insert("end", by: .type, on: display.address)
    #expect(second.text(awaiting: "end") == "end", "nothing of it was typed")
  }

  @Test func aPasswordPromptGetsNothing() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    try window.setClass("Pinentry-gtk-2")
    #expect(try await held(by: output, on: display, nil, .focus) == "Pinentry-gtk-2 asks for a password")
    try window.setClass("Gedit")
    _ = try await output.insert("end", by: .type, on: display.address)
    #expect(window.text(awaiting: "end") == "end", "nothing of it was typed")
  }

  @Test func theFocusIsNotTakenFromAPasswordPrompt() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    let origin = try await output.focusedWindow(on: display.address)
    let prompt = try display.start(.gtk3, title: "other")
    try prompt.setClass("kwalletd5")
    #expect(try await held(by: output, on: display, origin, .origin) == "kwalletd5 asks for a password")
    #expect(try prompt.isFocused && window.text.isEmpty)
  }

  @Test(arguments: [OutputMethod.type, .paste])
  func aLockedScreenGetsNothing(_ method: OutputMethod) async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    let lock = try RunningProcess(
      "/usr/bin/python3", [rig("grab_keyboard.py")], environment: display.environment)
    defer { lock.end() }
    try #require(lock.waitForOutput("grabbed"), "\(lock.errors)")
    #expect(
      try await held(by: output, on: display, nil, .focus, method).contains("has grabbed the keyboard"))
    lock.send("\n")
    try #require(lock.waitForOutput("released"))
    _ = try await output.insert("end", by: method, on: display.address)
    #expect(window.text(awaiting: "end") == "end", "nothing of it was typed")
  }

  @Test func lookingForAGrabTakesTheFocusFromNobody() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let window = try display.start(.xterm)
    let watcher = try RunningProcess(
      try VirtualDisplay.installed("xev", package: "x11-utils"), ["-id", window.id, "-event", "focus"],
      environment: display.environment)
    defer { watcher.end() }
    // Once the watcher tells of a change that is meant to be there, it would have told of others.
    _ = try await output.insert("text", by: .type, on: display.address)
    #expect(window.text(awaiting: "text") == "text")
    let other = try display.start(.gtk3, title: "other")
    #expect(watcher.waitForOutput("FocusOut event"))
    #expect(watcher.output.components(separatedBy: "FocusOut event").count == 2)
    other.close()
  }

  @Test func returnComesBehindTheTextWhenItIsSubmitted() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    for (application, method) in [(TargetApplication.xterm, OutputMethod.type), (.gtk3, .paste)] {
      let window = try display.start(application, title: "\(application)")
      var insertion = Insertion("two\nlines")
      insertion.method = method
      insertion.submits = true
      _ = try await output.insert(insertion, on: display.address)
      let expected = application.expected(insertion.text) + "\n"
      #expect(window.text(awaiting: expected) == expected)
      window.close()
    }
  }

  @Test func aTerminalIsKnownByItsProgramToo() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let window = try display.start(.xterm)
    try window.setClass("Scratchpad")
    for method in [OutputMethod.type, .paste] {
      _ = try await output.insert("two\nlines", by: method, on: display.address)
      #expect(window.text(awaiting: "two lines") == "two lines")
      try window.clear()
    }
  }

  @Test func whichWindowHasTheFocusIsKnownWhileATextIsTyped() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    let text = String(repeating: "a long text that takes a while ", count: 500)
    let insertion = Task { try await output.insert(text, by: .type, on: display.address) }
    #expect(await eventually { () async in !window.text.isEmpty })
    #expect(try await output.focusedWindow(on: display.address).map { String($0.topLevel) } == window.id)
    #expect(window.text.count < text.count, "it was asked while the text was typed")
    insertion.cancel()
    _ = try? await insertion.value
  }

  @Test func aProfileDecidesHow() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let window = try display.start(.xterm)
    var insertion = Insertion("two\nlines")
    insertion.profiles = [Profile(match: "Other"), Profile(match: "xter*")]
    insertion.profiles[1].method = .paste
    insertion.profiles[1].newline = .enter
    insertion.profiles[1].append = .space
    let outcome = try await output.insert(insertion, on: display.address)
    #expect(outcome == .inserted(OutputReport(method: .paste, windowClass: "XTerm", chars: 10)))
    #expect(window.text(awaiting: "two\nlines ") == "two\nlines ")
  }

  private func held(
    by output: X11Output, on display: VirtualDisplay, _ origin: OutputTarget?, _ policy: TargetPolicy,
    _ method: OutputMethod = .type
  ) async throws -> String {
    var insertion = Insertion(text)
    insertion.method = method
    insertion.origin = origin
    insertion.policy = policy
    let outcome = try await output.insert(insertion, on: display.address)
    guard case .held(let reason) = outcome else { return "\(outcome)" }
    return reason
  }
}

extension TargetWindow {
  /// Whether the window still exists.
  var isThere: Bool { (try? display.tool("xprop", ["-id", id, "WM_CLASS"], package: "x11-utils")) != nil }

  /// Gives the window another class.
  func setClass(_ name: String) throws {
    try display.tool("xdotool", ["set_window", "--class", name, id], package: "xdotool")
  }
}
