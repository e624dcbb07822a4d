import Foundation
import TestSupport
import Testing

/// A Wayland session as the programs see it: its variables, and a command of the user's own that takes the text.
@Suite(.serialized) struct WaylandTests {
  private let configuration: ALSAConfiguration
  private let microphone: FaultMicrophone
  private let server: FaultServer
  private let programs: TemporaryFolder
  private let sandbox: Sandbox

  init() throws {
    configuration = try ALSAConfiguration()
    microphone = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.speed = 4
      }, named: "default", in: configuration)
    server = try FaultServer()
    programs = try TemporaryFolder()
    sandbox = try Sandbox(
      configuration.environment.merging(["WAYLAND_DISPLAY": "wayland-9", "PATH": programs.path]) { $1 })
  }

  private func install(_ program: String) throws {
    let path = try programs.write("#!/bin/sh\n", to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  private func write(command: String) throws {
    try sandbox.writeSettings(
      """
      [[engine]]
      url = "\(server.url("ok"))"
      speculate = "off"
      [output]
      command = '\(command)'
      """)
  }

  private func record() throws {
    let begun = try sandbox.thoth("record")
    try #require(begun.code == 0, "\(begun.errors)")
    #expect(sandbox.waitForAudio(of: String(begun.output.dropLast()), seconds: 2.5))
  }

  @Test func theCommandGetsTheText() throws {
    let out = sandbox.file("out")
    try write(command: "/bin/cat >\(out); echo \"$WAYLAND_DISPLAY\" >>\(out)")
    let events = try sandbox.follow()
    try record()
    let end = try sandbox.thoth("stop", "--wait")
    #expect(end.code == 0, "\(end.errors)")
    #expect(try String(contentsOfFile: out, encoding: .utf8) == "all is wellwayland-9\n")
    #expect(events.waitForOutput("\"method\":\"command\""))
    #expect(try sandbox.thoth("last", "--type", with: ["WAYLAND_DISPLAY": "wayland-8"]).code == 0)
    #expect(try String(contentsOfFile: out, encoding: .utf8) == "all is wellwayland-8\n")
  }

  @Test(arguments: [
    ("echo nobody listens >&2; exit 1", "ended with 1: nobody listens. The text is kept"),
    ("wtype -", "ended with 127"), ("exit 0 <", "ended with 2"),
  ])
  func aCommandThatFails(command: String, sentence: String) throws {
    try write(command: command)
    try record()
    let end = try sandbox.thoth("stop", "--wait")
    #expect(end.code == 7)
    #expect(end.errors.contains(sentence), "\(end.errors)")
    #expect(end.errors.split(separator: "\n").count == 1)
    #expect(try sandbox.thoth("last").output == "all is well\n")
  }

  @Test func thereIsNoClipboardWithoutXWayland() throws {
    try write(command: "off")
    try record()
    let end = try sandbox.thoth("stop", "--wait", "--output", "clipboard")
    #expect(end.code == 7)
    #expect(
      end.errors.contains("no X display in this Wayland session: `thoth doctor` tells"), "\(end.errors)")
    #expect(try sandbox.thoth("last").output == "all is well\n")
  }

  @Test func aCommandThatHangsIsEndedByCancel() throws {
    try write(command: "exec /bin/sleep 1000")
    try record()
    let stopping = try sandbox.start("stop", "--wait")
    #expect(eventually { (try? sandbox.thoth("status").output.hasPrefix("outputting")) == true })
    #expect(try sandbox.thoth("cancel").code == 0)
    #expect(stopping.wait() == 130)
    #expect(try sandbox.thoth("last").output == "all is well\n")
  }

  @Test func withoutACommand() throws {
    let refused = try sandbox.thoth("record", "--output", "command")
    #expect(refused.code == 6)
    #expect(refused.errors.contains("`thoth config set output.command"), "\(refused.errors)")
    #expect(try sandbox.thoth("record", "--output", "commands").code == 2)
    #expect(try sandbox.thoth("status").output.hasPrefix("idle"))
  }

  @Test func theSettingIsReadAndChanged() throws {
    #expect(try sandbox.thoth("config", "get", "output.command").output == "off\n")
    let empty = try sandbox.thoth("config", "set", "output.command", " ")
    #expect(empty.code != 0 && empty.errors.contains("or off"), "\(empty)")
    #expect(try sandbox.thoth("config", "set", "output.command", "wl-copy -p \"$X\"").code == 0)
    #expect(try sandbox.thoth("config", "get", "output.command").output == "wl-copy -p \"$X\"\n")
    #expect(try sandbox.thoth("config", "check").code == 0)
    let shown = try sandbox.thoth("config", "show", with: ["THOTH_OUTPUT_COMMAND": "wtype -"])
    #expect(shown.output.contains("output.command = wtype -\n"), "\(shown.output)")
  }

  /// What `doctor` says of the session; its other lines are about this machine.
  private func finding(_ variables: [String: String] = [:]) throws -> String {
    let told = try sandbox.thoth("doctor", with: variables).output
    return told.split(separator: "\n").first { $0.dropFirst(5).hasPrefix("wayland:") }.map(String.init) ?? ""
  }

  @Test func doctorTellsWhatWorks() throws {
    try write(command: "off")
    #expect(try finding(["WAYLAND_DISPLAY": ""]) == "")
    var told = try finding()
    #expect(told.hasPrefix("FAIL wayland: there is no XWayland"), "\(told)")
    #expect(
      told.contains("`sudo apt install wtype`, then `thoth config set output.command 'wtype -'`"), "\(told)")
    told = try finding(["DISPLAY": ":4711"])
    #expect(told.hasPrefix("ok   wayland: text gets into windows that run on XWayland"), "\(told)")
    told = try finding(["XDG_CURRENT_DESKTOP": "ubuntu:GNOME"])
    #expect(told.contains("`sudo apt install wl-clipboard`"), "\(told)")
    try install("wtype")
    try install("ydotool")
    told = try finding()
    #expect(told.contains("`thoth config set output.command 'wtype -'` or `thoth config set"), "\(told)")
    told = try finding(["XDG_CURRENT_DESKTOP": "KDE"])
    #expect(told.contains("'ydotool type --file -'") && !told.contains("wtype"), "\(told)")
  }

  @Test func doctorLooksForTheCommand() throws {
    try write(command: "wtype -")
    #expect(
      try finding().hasPrefix(
        "FAIL wayland: wtype, which output.command calls, is not installed. For all windows:")
    )
    try install("wtype")
    #expect(try finding() == "ok   wayland: auto hands the text to output.command: wtype -")
    #expect(try finding(["THOTH_OUTPUT_COMMAND": "exec wtype -"]).hasPrefix("ok"))
    #expect(try finding(["THOTH_OUTPUT_COMMAND": "wl-copy"]).hasPrefix("FAIL wayland: wl-copy, which"))
  }
}
