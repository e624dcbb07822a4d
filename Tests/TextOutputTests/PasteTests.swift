import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import TextOutput

/// Pastes into real applications, beside owners of the clipboard that make it hard.
@Suite(.serialized) struct PasteTests {
  private let display: VirtualDisplay
  private let output = X11Output(pasteLimits: .patient)

  init() throws { display = try VirtualDisplay() }

  @Test func everyFormatIsGivenBackAsItWas() async throws {
    let window = try display.start(.gtk3)
    defer { output.shutDown() }
    let kinds = [["typed"], ["text", "4000000"]]
    for kind in kinds {
      let owner = try display.selectionRig(["own", "CLIPBOARD"] + kind, until: "owns")
      try await isGivenBack(to: owner, window)
    }
    try await isGivenBack(to: try display.pictureOwner(), window)
    #expect(try display.ask("content").split(separator: "\n").count { $0.hasPrefix("image/") } > 5)
  }

  private func isGivenBack(to owner: RunningProcess, _ window: TargetWindow) async throws {
    let before = try display.ask("content")
    #expect(before.contains("\n"))
    let report = try await output.insert("pasted ✓", by: .paste, on: display.address)
    #expect(report.method == .paste)
    #expect(window.text(awaiting: "pasted ✓") == "pasted ✓")
    owner.end()
    #expect(try await eventually { () async throws in try display.ask("content") == before })
    try window.clear()
  }

  @Test(arguments: [["secret"], ["silent"], ["many"], ["text", "17000000"]])
  func whatCannotBeGivenBackIsNotTouched(_ kind: [String]) async throws {
    let window = try display.start(.gtk3)
    var limits = PasteLimits.patient
    if kind == ["silent"] { limits.snapshotTime = 250_000_000 }
    let output = X11Output(pasteLimits: limits)
    defer { output.shutDown() }
    let owner = try display.selectionRig(["own", "CLIPBOARD"] + kind, until: "owns")
    let report = try await output.insert("typed ✓", by: .paste, on: display.address)
    #expect(report.method == .type)
    #expect(window.text(awaiting: "typed ✓") == "typed ✓")
    #expect(owner.isRunning && !owner.output.contains("lost"))
    if kind == ["secret"] { #expect(!owner.output.contains("asked UTF8_STRING")) }
    if kind == ["text", "17000000"] {
      // The rest is fetched and thrown away, so that the owner is done with it; then it can be asked again.
      #expect(owner.waitForOutput("sent\n"))
      #expect(try display.selection().utf8.count == 17_000_000)
    }
  }

  @Test func theWindowIsToldOnlyWhatItAskedForAfterTheChord() async throws {
    let manager = try display.selectionRig(["manage"], until: "manages")
    let window = try display.start(.gtk3)
    var limits = PasteLimits.patient
    limits.requestTime = 1_000_000_000
    let output = X11Output(pasteLimits: limits)
    defer { output.shutDown() }
    window.send(SIGSTOP)
    let error = await #expect(throws: DictationError.self) {
      try await output.insert("not read", by: .paste, on: display.address)
    }
    #expect(error?.message.contains("does not take a paste") == true)
    #expect(manager.waitForOutput("read UTF8_STRING 8\n"))
    window.send(SIGCONT)
  }

  @Test func aClipboardManagerIsToldNotToKeepItAndKeepsTheRest() async throws {
    let manager = try display.selectionRig(["manage"], until: "manages")
    let window = try display.start(.gtk3)
    let owner = try display.selectionRig(["own", "CLIPBOARD", "typed"], until: "owns")
    let before = try display.ask("content")
    _ = try await output.insert("pasted", by: .paste, on: display.address)
    #expect(window.text(awaiting: "pasted") == "pasted")
    #expect(manager.waitForOutput("read x-kde-passwordManagerHint 6\n"))
    owner.end()
    // It is given back at once, and saved.
    output.shutDown()
    #expect(manager.waitForOutput("saved all\nowns\n"))
    #expect(!manager.output.contains("saved x-kde"))
    #expect(try display.ask("content") == before)
  }

  @Test(arguments: ["us", "dvorak", "ru,us", "fr"]) func theChordIsPressedOnEveryLayout(_ layout: String)
    async throws
  {
    let window = try display.start(.gtk3)
    defer { output.shutDown() }
    try display.setLayout(layout)
    var profile = Profile(match: "*")
    profile.pasteKeys = PasteChord("ctrl+v")
    var insertion = Insertion("pasted by ctrl+v")
    insertion.method = .paste
    insertion.profiles = [profile]
    guard case .inserted(let report) = try await output.insert(insertion, on: display.address) else {
      Issue.record("held")
      return
    }
    #expect(report.method == .paste)
    #expect(window.text(awaiting: insertion.text) == insertion.text)
  }

  @Test func aChordThatTheKeyboardLacksIsTypedInstead() async throws {
    let window = try display.start(.gtk3)
    defer { output.shutDown() }
    try display.setLayout("ru")
    var profile = Profile(match: "*")
    profile.pasteKeys = PasteChord("ctrl+v")
    var insertion = Insertion("typed")
    insertion.method = .paste
    insertion.profiles = [profile]
    guard case .inserted(let report) = try await output.insert(insertion, on: display.address) else {
      Issue.record("held")
      return
    }
    #expect(report.method == .type)
    #expect(window.text(awaiting: "typed") == "typed")
  }

  @Test func onlyATerminalTakesThePrimarySelection() async throws {
    let window = try display.start(.gtk3)
    defer { output.shutDown() }
    let owner = try display.selectionRig(["own", "PRIMARY", "text"], until: "owns")
    _ = try await output.insert("pasted", by: .paste, on: display.address)
    #expect(window.text(awaiting: "pasted") == "pasted")
    #expect(try display.selection("primary") == "theirs" && !owner.output.contains("lost"))
    let terminal = try display.start(.xterm, title: "terminal")
    _ = try await output.insert("pasted too", by: .paste, on: display.address)
    #expect(terminal.text(awaiting: "pasted too") == "pasted too")
    #expect(owner.waitForOutput("lost\n"))
    #expect(await eventually { () async in (try? display.selection("primary")) == "theirs" })
  }

  /// It pastes what the selections hold when it goes on.
  @Test(arguments: [TargetApplication.xterm, .gtk3])
  func aWindowThatHangsDoesNotGetWhatWasThereBefore(_ application: TargetApplication) async throws {
    let window = try display.start(application)
    let (output, owners) = (X11Output(pasteLimits: .impatient), try olds())
    defer { output.shutDown() }
    window.send(SIGSTOP)
    await #expect(throws: DictationError.self) {
      try await output.insert("ours", by: .paste, on: display.address)
    }
    try await looksAtTheClipboard(output)
    window.send(SIGCONT)
    #expect(window.text(awaiting: "ours", within: 60) == "ours")
    #expect(try await eventually { () async throws in try isAsBefore() })
    owners.forEach { $0.end() }
  }

  @Test func aWindowThatHangsIsWaitedForBesideAnotherPaste() async throws {
    let window = try display.start(.xterm)
    let (output, owners) = (X11Output(pasteLimits: .impatient), try olds())
    defer { output.shutDown() }
    window.send(SIGSTOP)
    await #expect(throws: DictationError.self) {
      try await output.insert("ours", by: .paste, on: display.address)
    }
    let other = try display.start(.gtk3, title: "other")
    var insertion = Insertion("second")
    insertion.method = .paste
    let second = Task { try await output.insert(insertion, on: display.address) }
    #expect(other.text(awaiting: "second", within: 60) == "second")
    // It may be told as a failure where the machine is slow.
    _ = await second.result
    try await looksAtTheClipboard(output)
    window.send(SIGCONT)
    #expect(window.text(awaiting: "ours", within: 60) == "ours")
    #expect(try await eventually { () async throws in try isAsBefore() })
    owners.forEach { $0.end() }
  }

  @Test func whatWasThereIsGivenBackWhenTheWindowIsGone() async throws {
    let window = try display.start(.xterm)
    let (output, owners) = (X11Output(pasteLimits: .impatient), try olds())
    defer { output.shutDown() }
    window.send(SIGSTOP)
    await #expect(throws: DictationError.self) {
      try await output.insert("ours", by: .paste, on: display.address)
    }
    #expect(try !isAsBefore())
    window.send(SIGKILL)
    #expect(try await eventually { () async throws in try isAsBefore() })
    owners.forEach { $0.end() }
  }

  @Test func whatWasThereIsGivenBackWhenTheWindowTakesNoPaste() async throws {
    let window = try display.start(.gtk3)
    let (output, owners) = (X11Output(pasteLimits: .impatient), try olds())
    defer { output.shutDown() }
    var profile = Profile(match: "*")
    profile.pasteKeys = PasteChord("ctrl+shift+k")
    var insertion = Insertion("ours")
    insertion.method = .paste
    insertion.profiles = [profile]
    let error = await #expect(throws: DictationError.self) {
      try await output.insert(insertion, on: display.address)
    }
    #expect(error?.message.contains("does not take a paste") == true)
    #expect(try await eventually { () async throws in try isAsBefore() })
    #expect(window.text.isEmpty)
    owners.forEach { $0.end() }
  }

  @Test func whatOtherSelectionsHeldIsGivenBackAlsoWhenTheTextStays() async throws {
    let terminal = try display.start(.xterm)
    var limits = PasteLimits.patient
    limits.quietTime = 120_000_000_000
    let (output, owners) = (X11Output(pasteLimits: limits), try olds())
    defer { output.shutDown() }
    _ = try await output.insert("first", by: .paste, on: display.address)
    #expect(terminal.text(awaiting: "first", within: 60) == "first")
    let window = try display.start(.gtk3, title: "other")
    var insertion = Insertion("second")
    insertion.method = .paste
    insertion.restoresClipboard = false
    _ = try await output.insert(insertion, on: display.address)
    #expect(window.text(awaiting: "second", within: 60) == "second")
    #expect(try await eventually { () async throws in try display.selection("primary") == Self.old })
    #expect(try display.selection() == "second")
    owners.forEach { $0.end() }
  }

  private static let old = "OLD; echo pwned\n"

  /// Owners of both selections.
  private func olds() throws -> [RunningProcess] {
    [try display.own("clipboard", Self.old), try display.own("primary", Self.old)]
  }

  private func isAsBefore() throws -> Bool {
    try display.selection() == Self.old && display.selection("primary") == Self.old
  }

  /// Has `output` look whether the clipboard can be given back, however late it is.
  private func looksAtTheClipboard(_ output: X11Output) async throws {
    for _ in 0..<3 {
      try await output.perform(on: display.address) { connection in
        connection.restoration?.ifDue(connection, at: .max)
      }
    }
  }
}

extension PasteLimits {
  /// As `patient`, for a window that does not ask.
  static var impatient: PasteLimits {
    var limits = patient
    limits.requestTime = 100_000_000
    return limits
  }

  /// For a machine that is busy with other tests: everybody has time. The clipboard is given back soon.
  static let patient = PasteLimits(
    snapshotTime: 120_000_000_000, requestTime: 120_000_000_000, quietTime: 100_000_000,
    managerTime: 120_000_000_000)
}
