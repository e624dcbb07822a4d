import DictationTypes
import TestSupport
import Testing

@testable import TextOutput

@Suite(.serialized) struct ClipboardTests {
  @Test func holdsTheTextForOthers() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let text = "für alle: 漢字 👩‍💻\n\tzweite Zeile"
    try await output.setClipboard(text, on: display.address)
    #expect(try display.selection() == text)
    #expect(try display.selection(as: "text/plain;charset=utf-8") == text)
    let targets = try display.selection(as: "TARGETS").split(separator: "\n")
    #expect(targets.contains("UTF8_STRING") && !targets.contains("STRING"))
  }

  /// It may be pasted into a terminal.
  @Test func holdsNothingButText() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let report = try await output.setClipboard("one\u{1B}[201~\ntw\u{202E}o\u{E0041}", on: display.address)
    #expect(try display.selection() == "one[201~\ntwo")
    #expect(report.method == .clipboard && report.chars == 12 && report.stripped == 3)
  }

  @Test func holdsALongTextForOthers() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    let text = String(repeating: "0123456789 äöü. ", count: 100_000)
    try await output.setClipboard(text, on: display.address)
    #expect(try display.selection() == text)
  }

  @Test func isLeftToWhoeverTakesIt() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    try await output.setClipboard("ours", on: display.address)
    let owner = try display.own("clipboard", "theirs")
    defer { owner.end() }
    #expect(try display.selection() == "theirs")
  }

  @Test(arguments: [TargetApplication.gtk3, .xterm])
  func isRestoredAfterAPaste(_ application: TargetApplication) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    let output = X11Output(pasteLimits: .patient)
    defer { output.shutDown() }
    let (before, long) = ("was there before ✓", String(repeating: "a long selection ", count: 60_000))
    let owners = [try display.own("clipboard", before), try display.own("primary", long)]
    defer { owners.forEach { $0.end() } }
    for text in ["pasted once", "pasted twice"] {
      let report = try await output.insert(text, by: .paste, on: display.address)
      #expect(report.method == .paste)
      #expect(window.text(awaiting: text) == text)
      if text == "pasted twice" {
        #expect(try await eventually { () async throws in try display.selection() == before })
        #expect(try await eventually { () async throws in try display.selection("primary") == long })
      }
      try window.clear()
    }
  }

  @Test func keepsOtherKindsThanTextToo() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output(pasteLimits: .patient)
    defer { output.shutDown() }
    let owner = try display.own("clipboard", "<b>bold</b>", as: "text/html")
    defer { owner.end() }
    _ = try await output.insert("plain", by: .paste, on: display.address)
    #expect(window.text(awaiting: "plain") == "plain")
    #expect(await eventually { () async in (try? display.selection(as: "text/html")) == "<b>bold</b>" })
    #expect(try display.selection(as: "TARGETS").contains("UTF8_STRING") == false)
  }

  @Test(arguments: [TargetApplication.gtk3, .qt5], [OutputMethod.type, .paste])
  func whatIsSelectedIsReplaced(in application: TargetApplication, by method: OutputMethod) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    let output = X11Output(pasteLimits: .patient)
    defer { output.shutDown() }
    _ = try await output.insert("old", by: .type, on: display.address)
    #expect(window.text(awaiting: "old") == "old")
    try display.tool("xdotool", ["key", "ctrl+a"], package: "xdotool")
    _ = try await output.insert("new", by: method, on: display.address)
    #expect(window.text(awaiting: "new") == "new")
  }

  @Test func staysEmptyAfterAPaste() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output(pasteLimits: .patient)
    defer { output.shutDown() }
    _ = try await output.insert("pasted", by: .paste, on: display.address)
    #expect(window.text(awaiting: "pasted") == "pasted")
    #expect(await eventually { () async in (try? display.selection()) == nil })
  }

  @Test func whatIsCopiedAfterAPasteStays() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.xterm)
    let output = X11Output(pasteLimits: .patient)
    defer { output.shutDown() }
    let owner = try display.own("clipboard", "before")
    defer { owner.end() }
    _ = try await output.insert("pasted", by: .paste, on: display.address)
    #expect(window.text(awaiting: "pasted") == "pasted")
    try await output.setClipboard("newer", on: display.address)
    // The primary selection is given back at the same moment as the clipboard would be.
    #expect(await eventually { () async in (try? display.selection("primary")) == nil })
    #expect(try display.selection() == "newer")
  }
}
