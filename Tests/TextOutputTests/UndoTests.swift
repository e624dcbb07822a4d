import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import TextOutput

/// Taking an insertion back: all of it and nothing else, or nothing at all.
@Suite(.serialized) struct UndoTests {
  private let output = X11Output()

  static let windows: [TargetApplication] =
    [.gtk3, .qt5] + (Samples.isFullSize && TargetApplication.chromium.isInstalled ? [.chromium] : [])

  @Test(arguments: windows) func takesBackWhatWasInserted(_ application: TargetApplication) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    defer { output.shutDown() }
    let (before, behind) = ("before é, ", " and behind")
    try await surround(window, before, behind, display)
    for method in [OutputMethod.type, .paste] {
      for (name, text) in Samples.all {
        _ = try await output.insert(text, by: method, on: display.address)
        let whole = before + text + behind
        #expect(window.text(awaiting: whole, within: 60) == whole, "\(name), \(method)")
        let outcome = await undo(on: display)
        #expect(outcome == .undone(characters: text.unicodeScalars.count, job: nil), "\(name), \(method)")
        #expect(window.text(awaiting: before + behind, within: 60) == before + behind, "\(name), \(method)")
      }
    }
  }

  /// The whole way with a real line editor, which tells what it holds when Return is pressed.
  @Test func takesBackWhatWasTypedInATerminal() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let file = display.folder.file("line")
    let terminal = try RunningProcess(
      "/usr/bin/xterm", ["-u8", "-e", "/bin/bash", rig("targets/lineeditor.sh"), file, "before "],
      environment: display.environment)
    defer { terminal.end() }
    #expect(
      try await eventually { () async throws in
        try await output.focusedWindow(on: display.address)?.windowClass == "XTerm"
          && FileManager.default.fileExists(atPath: file)
      })
    let text = "Größe 12 µm — “Привет”, naïve; ls -l | grep x"
    for method in [OutputMethod.type, .paste] {
      _ = try await output.insert(text, by: method, on: display.address)
      #expect(await undo(on: display) == .undone(characters: text.unicodeScalars.count, job: nil))
      _ = try await output.insert("after", by: .type, on: display.address)
      try display.tool("xdotool", ["key", "Return"], package: "xdotool")
      #expect(await waits { eventually { display.folder.read("line") == "before after" } }, "\(method)")
      try FileManager.default.removeItem(atPath: file)
    }
    _ = try await output.insert("日本", by: .type, on: display.address)
    guard case .failed(let reason) = await undo(on: display) else {
      Issue.record("what a terminal may not erase by one BackSpace was taken back")
      return
    }
    #expect(reason.contains("remove it by hand"))
  }

  @Test(arguments: ["a", "F5", "Control_L", "click"])
  func isRefusedWhenSomethingWasPressedSince(_ what: String) async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    _ = try await output.insert("inserted", by: .type, on: display.address)
    #expect(window.text(awaiting: "inserted") == "inserted")
    if what == "click" {
      try display.tool("xdotool", ["click", "2"], package: "xdotool")
    } else {
      try release(try display.hold(what))
    }
    let reason = what == "click" ? "a pointer button was pressed since" : "a key was pressed since"
    for _ in 0..<2 { #expect(await undo(on: display) == .refused("there is nothing to undo: \(reason)")) }
    #expect(window.text.hasPrefix("inserted"))
  }

  @Test func isRefusedWhenAProgramHasTypedSince() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    _ = try await output.insert("inserted", by: .type, on: display.address)
    try display.tool("xdotool", ["key", "x"], package: "xdotool")
    #expect(window.text(awaiting: "insertedx") == "insertedx")
    #expect(await undo(on: display) == .refused("there is nothing to undo: a key was pressed since"))
  }

  @Test func isRefusedWhenAKeyWasPressedDuringTheInsertion() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    let text = String(repeating: "a long text, ", count: 400)
    let insertion = Task { try await output.insert(text, by: .type, on: display.address) }
    #expect(await eventually { () async in !window.text.isEmpty })
    try release(try display.hold("F5"))
    _ = try await insertion.value
    #expect(await undo(on: display) == .refused("there is nothing to undo: a key was pressed since"))
  }

  @Test func isRefusedInAnotherWindowAndDoneInItsOwn() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let first = try display.start(.gtk3)
    _ = try await output.insert("inserted", by: .type, on: display.address)
    let second = try display.start(.qt5, title: "second")
    guard case .refused(let reason) = await undo(on: display) else {
      Issue.record("something was taken back in another window")
      return
    }
    #expect(reason.contains("does not have the focus"))
    #expect(first.text == "inserted" && second.text.isEmpty)
    try first.focus()
    #expect(await undo(on: display) == .undone(characters: 8, job: nil))
    #expect(first.text(awaiting: "", within: 60).isEmpty)
    #expect(await undo(on: display) == .refused("there is nothing to undo: the last insertion is undone"))
  }

  @Test func isRefusedWhenTheApplicationHasChangedTheText() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    _ = try await output.insert("out of teh way", by: .type, on: display.address)
    #expect(window.text(awaiting: "out of the way") == "out of the way")
    guard case .failed(let reason) = await undo(on: display) else {
      Issue.record("another text was taken back")
      return
    }
    #expect(reason.contains("is not what was inserted"))
    // Nothing is selected, and the cursor is where it was.
    try display.tool("xdotool", ["key", "exclam"], package: "xdotool")
    #expect(window.text(awaiting: "out of the way!", within: 60) == "out of the way!")
  }

  /// What a window does not tell may have been changed by it.
  @Test func isRefusedWhereTheSelectionIsNotTold() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let file = display.folder.file("text")
    let window = try RunningProcess(
      "/usr/bin/python3", [rig("targets/gtk3.py"), file, "target", "secretive"],
      environment: display.environment)
    defer { window.end() }
    #expect(
      try await eventually { () async throws in
        try await output.focusedWindow(on: display.address) != nil
          && FileManager.default.fileExists(atPath: file)
      })
    func holds(_ text: String) async -> Bool {
      await waits { eventually(within: 60) { display.folder.read("text") == text } }
    }
    _ = try await output.insert("inserted", by: .type, on: display.address)
    #expect(await holds("inserted"))
    guard case .failed(let reason) = await undo(on: display) else {
      Issue.record("something was erased unseen")
      return
    }
    #expect(reason.contains("does not tell what it has selected"))
    // Nothing is selected, and the cursor is where it was.
    try display.tool("xdotool", ["key", "exclam"], package: "xdotool")
    #expect(await holds("inserted!"))
  }

  @Test func aLockedScreenIsNotTypedInto() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    _ = try await output.insert("inserted", by: .type, on: display.address)
    #expect(window.text(awaiting: "inserted") == "inserted")
    let watcher = X11Thread()
    defer { watcher.shutDown() }
    try await watcher.perform(on: display.address, within: 60) { $0.input.countReleases(true) }
    let lock = try RunningProcess(
      "/usr/bin/python3", [rig("grab_keyboard.py")], environment: display.environment)
    defer { lock.end() }
    try #require(lock.waitForOutput("grabbed"), "\(lock.errors)")
    guard case .refused(let reason) = await undo(on: display) else {
      Issue.record("something was typed into a locked screen")
      return
    }
    #expect(reason.contains("has grabbed the keyboard"))
    let keys = try await watcher.perform(on: display.address, within: 60) { connection in
      connection.catchUp()
      return connection.input.releases
    }
    // Of one key that is up, whose release makes XTEST's keyboard the current one.
    #expect(keys <= 1, "nothing was pressed")
    lock.send("\n")
    try #require(lock.waitForOutput("released"))
    #expect(await undo(on: display) == .undone(characters: 8, job: nil))
    #expect(window.text(awaiting: "", within: 60).isEmpty)
  }

  @Test func aScreenThatIsLockedMeanwhileGetsNothingMore() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let thread = X11Thread()
    defer { thread.shutDown() }
    _ = try await output.insert("inserted", by: .type, on: display.address)
    output.shutDown()
    #expect(window.text(awaiting: "inserted") == "inserted")
    func erase() async -> String? {
      do throws(DictationError) {
        try await thread.perform(on: display.address, within: 60) { connection throws(DictationError) in
          guard let target = try connection.focusedWindow() else { return }
          var keys = EditingKeys(for: target, seconds: 60, connection)
          defer { keys.end() }
          let backSpace: Int32 = 0xFF08
          try keys.press(backSpace)
        }
        return nil
      } catch {
        return error.message
      }
    }
    #expect(await erase() == nil)
    #expect(window.text(awaiting: "inserte") == "inserte")
    let lock = try RunningProcess(
      "/usr/bin/python3", [rig("grab_keyboard.py")], environment: display.environment)
    defer { lock.end() }
    try #require(lock.waitForOutput("grabbed"), "\(lock.errors)")
    #expect(await erase()?.contains("has grabbed the keyboard") == true)
    lock.send("\n")
    try #require(lock.waitForOutput("released"))
    #expect(await erase() == nil)
    #expect(window.text(awaiting: "insert") == "insert")
  }

  @Test(arguments: WindowManager.allCases) func theHotkeyThatAsksForItIsNoKey(_ manager: WindowManager)
    async throws
  {
    let display = try VirtualDisplay(windowManager: manager, hotkeys: ["u"])
    defer { output.shutDown() }
    try display.onHotkey("u", run: "echo pressed >>\(display.folder.file("pressed"))")
    let window = try display.start(.gtk3)
    _ = try await output.insert("inserted", by: .type, on: display.address)
    #expect(window.text(awaiting: "inserted") == "inserted")
    let fingers = try ["Super_L", "u"].map { try display.hold($0) }
    #expect(await waits { eventually { display.folder.read("pressed") != nil } })
    for finger in fingers.reversed() { try release(finger) }
    #expect(await undo(on: display) == .undone(characters: 8, job: nil))
    #expect(window.text(awaiting: "", within: 60).isEmpty)
  }

  @Test func theSelectionGetsBackWhatItHeld() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let window = try display.start(.gtk3)
    let owner = try display.own("primary", "selected elsewhere ✓")
    defer { owner.end() }
    for method in [OutputMethod.type, .paste] {
      _ = try await output.insert("inserted", by: method, on: display.address)
      #expect(window.text(awaiting: "inserted") == "inserted")
      #expect(await undo(on: display) == .undone(characters: 8, job: nil))
      #expect(window.text(awaiting: "", within: 60).isEmpty)
      #expect(try display.selection("primary") == "selected elsewhere ✓")
    }
  }

  @Test func aLongTextIsTakenBack() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    let window = try display.start(.qt5)
    let text = String(repeating: "A sentence of some words, said twice; it isn't short. ", count: 100)
    _ = try await output.insert("before " + text, by: .paste, on: display.address)
    #expect(window.text(awaiting: "before " + text, within: 60) == "before " + text)
    #expect(await undo(on: display) == .undone(characters: text.count + 7, job: nil))
    #expect(window.text(awaiting: "", within: 60).isEmpty)
  }

  @Test func aKeyEndsTheWatch() async throws {
    let display = try VirtualDisplay()
    defer { output.shutDown() }
    _ = try display.start(.gtk3)
    _ = try await output.insert("inserted", by: .type, on: display.address)
    let before = try await output.perform(on: display.address) { _ in wakingsOfThisThread() }
    for _ in 0..<20 { try display.tool("xdotool", ["key", "a"], package: "xdotool") }
    #expect(await undo(on: display) == .refused("there is nothing to undo: a key was pressed since"))
    let after = try await output.perform(on: display.address) { _ in wakingsOfThisThread() }
    #expect(after - before < 15)
  }

  private enum Outcome: Equatable {
    case undone(characters: Int, job: JobID?)
    case refused(String)
    case failed(String)
  }

  private func undo(on display: VirtualDisplay) async -> Outcome {
    do throws(DictationError) {
      switch try await output.undo(on: display.address) {
      case .undone(let characters, let job): return .undone(characters: characters, job: job)
      case .refused(let reason): return .refused(reason)
      }
    } catch {
      return .failed(error.message)
    }
  }

  /// Puts the cursor between two texts.
  private func surround(
    _ window: TargetWindow, _ before: String, _ behind: String, _ display: VirtualDisplay
  ) async throws {
    _ = try await output.insert(before + behind, by: .type, on: display.address)
    #expect(window.text(awaiting: before + behind, within: 60) == before + behind)
    for _ in behind { try display.tool("xdotool", ["key", "Left"], package: "xdotool") }
  }

  private func release(_ finger: RunningProcess) throws {
    finger.send("\n")
    try #require(finger.waitForOutput("released"))
  }
}

/// What makes a selection equal to a text, and what BackSpace can be trusted with.
@Suite struct SelectionGrowthTests {
  private func step(_ selected: String, _ wanted: String) -> SelectionGrowth {
    SelectionGrowth(from: Array(selected.unicodeScalars), to: Array(wanted.unicodeScalars))
  }

  @Test func goesByWhatIsMissing() {
    #expect(step("a text", "a text") == .done)
    #expect(step("text", "a text") == .extend(characters: 2))
    #expect(step("", "👩‍🔬e\u{301}\n") == .extend(characters: 3))
    #expect(step("so, a text", "a text") == .shrink(characters: 4))
    #expect(step("a test", "a text") == .differs)
    #expect(step("e\u{301}", "é") == .differs, "the same to a reader, but not what was inserted")
    #expect(step("x", String(repeating: "word ", count: 100) + "x") == .extendWords(90))
    #expect(step("x", String(repeating: "-", count: 1000) + "x") == .extend(characters: 1000))
  }

  @Test func trustsBackSpaceWithPlainCharactersAlone() {
    for text in ["Größe — “x”, 5 ≤ 6", "Привет, Ελλάδα!"] {
      #expect(Erasure.isSimple(Array(text.unicodeScalars)))
    }
    for text in ["a\nb", "a\tb", "e\u{301}", "👍", "日本", "שלום", "नमस्ते", "a\u{200D}b", "❤\u{FE0F}"] {
      #expect(!Erasure.isSimple(Array(text.unicodeScalars)), "\(text)")
    }
  }
}
