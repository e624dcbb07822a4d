import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import TextOutput

/// Every hostile text, typed and pasted into a terminal: nothing is executed, and nothing but text arrives.
@Suite(.serialized) struct HostileTextTests {
  /// All of them in some insertions. What one leaves open the next may close: together they are no less hostile.
  private static let insertions = stride(from: 0, to: Hostile.texts.count, by: 24).map { start in
    Hostile.texts[start..<min(start + 24, Hostile.texts.count)].joined(separator: "\n")
  }

  @Test func nothingIsEverExecuted() async throws {
    let display = try VirtualDisplay()
    let shell = try ShellWindow(on: display)
    let output = X11Output()
    defer { output.shutDown() }
    for text in Self.insertions {
      _ = try await output.insert(text, by: .type, on: display.address)
      try shell.clearLine()
      _ = try await output.insert(text, by: .paste, on: display.address)
      try shell.clearLine()
      // With its newlines too: only the brackets keep the shell from taking them for Return.
      var insertion = Insertion(text)
      insertion.method = .paste
      insertion.profiles = [ShellWindow.withNewlines]
      guard case .inserted = try await output.insert(insertion, on: display.address) else {
        Issue.record("the text was held")
        continue
      }
      try shell.clearLine()
    }
    // What was typed first is executed first: there is nothing before this.
    _ = try await output.insert(": harmless", by: .type, on: display.address)
    try shell.pressReturn()
    #expect(shell.trace(awaiting: ": harmless") == [": harmless"])
    #expect(shell.files == [])
  }

  /// The same shell with what thoth leaves out: that it is executed shows that the test above can fail.
  @Test func anotherProgramThatPastesItHasItExecuted() async throws {
    let display = try VirtualDisplay()
    let shell = try ShellWindow(on: display)
    let owner = try display.own("primary", "\u{1B}[201~\ntouch payload\n")
    defer { owner.end() }
    try display.tool("xdotool", ["key", "shift+Insert"], package: "xdotool")
    #expect(shell.trace(awaiting: "touch payload").contains("touch payload"))
    #expect(eventually { shell.files == ["payload"] })
  }

  @Test(arguments: [OutputMethod.type, .paste]) func onlyTextArrives(method: OutputMethod) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.xterm)
    let output = X11Output()
    defer { output.shutDown() }
    var expected = ""
    for text in Self.insertions {
      let report = try await output.insert(text, by: method, on: display.address)
      #expect(report.stripped ?? 0 > 0)
      expected += TextSanitizer.sanitized(text, newline: .space).text
    }
    let arrived = window.text(awaiting: expected, within: 60)
    #expect(arrived.unicodeScalars.elementsEqual(expected.unicodeScalars))
    let forbidden = arrived.unicodeScalars.filter { $0 == "\n" || $0 == "\t" || Hostile.isForbidden($0) }
    #expect(forbidden.isEmpty, "\(forbidden)")
  }
}

/// A terminal with a shell in it that tells what it executes. xterm, which filters what is pasted too, is told not to.
private final class ShellWindow {
  /// A terminal whose owner wants newlines.
  static let withNewlines: Profile = {
    var profile = Profile(match: "XTerm")
    profile.newline = .enter
    return profile
  }()

  private let display: VirtualDisplay
  private let terminal: RunningProcess
  private let folder: TemporaryFolder

  init(on display: VirtualDisplay) throws {
    self.display = display
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("work"), withIntermediateDirectories: true)
    // Each line that the shell takes, complete or not, leaves a line.
    let settings = try folder.write(
      """
      trace='\(folder.file("trace"))'
      cd '\(folder.file("work"))'
      unset HISTFILE
      bind 'set enable-bracketed-paste on'
      PS1='$ '
      PS2='$(echo unfinished >>"$trace")> '
      PROMPT_COMMAND='trap '\\''[[ $BASH_COMMAND == trap* ]] || echo "$BASH_COMMAND" >>"$trace"'\\'' DEBUG'
      echo ready >>"$trace"
      """, to: "bashrc")
    terminal = try RunningProcess(
      "/usr/bin/xterm",
      [
        "-u8", "-T", "shell", "-xrm", "XTerm*allowPasteControls: true", "-xrm",
        "XTerm*disallowedPasteControls:",
        "-e", "bash", "--rcfile", settings, "-i",
      ], environment: display.environment)
    let isReady = eventually(within: 60) { folder.read("trace") == "ready\n" || !terminal.isRunning }
    guard isReady, terminal.isRunning else { throw Failure(description: "xterm: \(terminal.errors)") }
    try display.tool(
      "xdotool", ["search", "--sync", "--onlyvisible", "--name", "^shell$", "windowactivate", "--sync"],
      package: "xdotool")
  }

  deinit { terminal.end() }

  private struct Failure: Error, CustomStringConvertible { let description: String }

  /// What the shell has executed, once `command` is part of it.
  func trace(awaiting command: String) -> [String] {
    var lines: [String] = []
    _ = eventually(within: 60) {
      lines = (folder.read("trace") ?? "").split(separator: "\n").map(String.init)
      return lines.contains(command)
    }
    return Array(lines.dropFirst())
  }

  /// What is in the folder that the shell works in.
  var files: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.file("work"))) ?? ["no folder"]
  }

  func clearLine() throws { try display.tool("xdotool", ["key", "ctrl+u"], package: "xdotool") }

  func pressReturn() throws { try display.tool("xdotool", ["key", "Return"], package: "xdotool") }
}
