import Foundation
import TestSupport
import Testing

/// Where a text goes, from the command line: a real X server with windows, a microphone that plays a recording, an engine
/// that always hears the same.
@Suite(.serialized) struct OutputTests {
  private let sandbox: Sandbox
  private let server: FaultServer
  private let microphone: FaultMicrophone
  private let display: VirtualDisplay

  init() throws {
    let configuration = try ALSAConfiguration()
    let settings = FaultMicrophone.Settings {
      $0.file = recording("cmd_goforward.wav")
      $0.isPatient = true
      $0.speed = 4
    }
    microphone = try FaultMicrophone(settings, named: "default", in: configuration)
    display = try VirtualDisplay()
    sandbox = try Sandbox(configuration.environment.merging(["DISPLAY": display.name]) { $1 })
    server = try FaultServer()
  }

  private func write(_ settings: String) throws {
    try sandbox.writeSettings(
      "[[engine]]\nurl = \"\(server.url("ok"))\"\nspeculate = \"off\"\n\(settings)\n")
  }

  private func record() throws {
    let record = try sandbox.thoth("record")
    #expect(record.code == 0, "\(record.errors)")
    #expect(sandbox.waitForAudio(of: String(record.output.dropLast()), seconds: 2.5))
  }

  @Test func aTextIsHeldWhenTheFocusHasMoved() throws {
    try write("[output]\ntarget = \"hold\"")
    let first = try display.start(.gtk3)
    let events = try sandbox.follow()
    try record()
    server.pause()
    #expect(try sandbox.thoth("stop").code == 0)
    let second = try display.start(.gtk3, title: "other")
    server.resume()
    #expect(events.waitForOutput("\"what\":\"held\""), "\(events.output)")
    #expect(events.waitForOutput("\"state\":\"failed\""))
    #expect(events.output.contains("`thoth last --type` inserts it"))
    #expect(try sandbox.thoth("last", "--type").code == 0)
    #expect(second.text(awaiting: "all is well") == "all is well")
    #expect(first.text.isEmpty)
  }

  @Test func theWindowOfTheStopGetsTheText() throws {
    try write("[output]\ntarget = \"origin\"")
    let first = try display.start(.gtk3)
    try record()
    server.pause()
    #expect(try sandbox.thoth("stop").code == 0)
    let second = try display.start(.qt5, title: "other")
    server.resume()
    #expect(first.text(awaiting: "all is well") == "all is well")
    #expect(try eventually { try second.isFocused })
    #expect(second.text.isEmpty)
  }

  @Test func textsInARowAreJoinedAndSubmitted() throws {
    try write("")
    let window = try display.start(.xterm)
    for option in ["--wait", "--submit"] {
      try record()
      #expect(try sandbox.thoth("stop", "--wait", option).code == 0)
    }
    let expected = "all is well all is well\n"
    #expect(window.text(awaiting: expected) == expected)
    #expect(try sandbox.thoth("last").output == "all is well\n", "what is kept is the text alone")
  }

  @Test func whatAKilledDaemonLeftOfTheKeyboardIsPutRight() throws {
    try write("[output]\nmethod = \"type\"")
    // A layout without a Latin letter: each is put on a keycode that no key uses.
    try display.setLayout("ru")
    let map = try keyboardMap()
    let window = try display.start(.gtk3)
    try record()
    // Frozen, the window does not read its keys, and keeps the keycodes from going back.
    window.send(SIGSTOP)
    #expect(try sandbox.thoth("stop").code == 0)
    #expect(try eventually { try keyboardMap() != map })
    kill(try #require(sandbox.daemon), SIGKILL)
    #expect(try sandbox.thoth("status").code == 0)
    #expect(try eventually { try keyboardMap() == map })
    window.send(SIGCONT)
  }

  private func keyboardMap() throws -> String {
    try display.tool("xkbcomp", ["-w0", display.name, "-"], package: "x11-xkb-utils")
  }

  @Test func aProfileThatIsNotThereIsTold() throws {
    try write("")
    let record = try sandbox.thoth("record", "--profile", "letters")
    #expect(record.code == 6)
    #expect(record.errors.contains("there is no profile \"letters\""))
  }
}
