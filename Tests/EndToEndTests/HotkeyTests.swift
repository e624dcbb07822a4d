import Foundation
import TestSupport
import Testing

/// Keys that are bound in a real window manager and pressed as a finger presses them.
@Suite(.serialized) struct HotkeyTests {
  /// A user at a display whose hotkeys run thoth.
  private struct Desk {
    let display: VirtualDisplay
    let sandbox: Sandbox
    private let server: FaultServer
    private let microphone: FaultMicrophone

    init(_ manager: WindowManager, method: String = "none", openDelay: Int = 0) throws {
      let configuration = try ALSAConfiguration()
      microphone = try FaultMicrophone(
        .init { settings in
          settings.file = recording("cmd_goforward.wav")
          settings.isPatient = true
          settings.speed = 4
          settings.openDelayMilliseconds = openDelay
        }, named: "default", in: configuration)
      display = try VirtualDisplay(windowManager: manager, hotkeys: ["d", "u"])
      // Fast enough that a test does not wait for it.
      try display.tool("xset", ["r", "rate", "200", "30"], package: "x11-xserver-utils")
      sandbox = try Sandbox(configuration.environment.merging(["DISPLAY": display.name]) { $1 })
      server = try FaultServer()
      try sandbox.writeSettings(
        "[[engine]]\nurl = \"\(server.url("ok"))\"\nspeculate = \"off\"\n[output]\nmethod = \"\(method)\"\n")
    }

    /// Has Super and `key` run `thoth` with `arguments`; its messages and exit codes are told by `told`.
    func bind(_ key: String, _ arguments: String) throws {
      let variables = sandbox.environment.map { "export \($0.key)='\($0.value)'" }.joined(separator: "\n")
      let file = display.folder.file("\(key).told")
      try display.onHotkey(
        key,
        run: "\(variables)\n{ \(Sandbox.program("thoth")) \(arguments); echo \"exit $?\"; } >>\(file) 2>&1\n")
    }

    func told(_ key: String) -> String { display.folder.read("\(key).told") ?? "" }

    /// Holds Super and `key`.
    func hold(_ key: String) throws -> (modifier: RunningProcess, key: RunningProcess) {
      (try display.hold("Super_L"), try display.hold(key))
    }

    func release(_ finger: RunningProcess) throws {
      finger.send("\n")
      try #require(finger.waitForOutput("released"))
    }
  }

  private func count(_ text: String, _ part: String) -> Int { text.components(separatedBy: part).count - 1 }

  @Test(arguments: WindowManager.allCases) func aHeldKeyTogglesOnce(_ manager: WindowManager) throws {
    let desk = try Desk(manager)
    try desk.bind("d", "toggle")
    let events = try desk.sandbox.follow()
    for state in ["recording", "completed"] {
      let before = count(desk.told("d"), "exit 0")
      let fingers = try desk.hold("d")
      // The server repeats the key, and the window manager runs the command for each repeat.
      #expect(eventually { count(desk.told("d"), "exit 3") >= (state == "recording" ? 5 : 10) })
      try desk.release(fingers.key)
      try desk.release(fingers.modifier)
      #expect(events.waitForOutput("\"state\":\"\(state)\""))
      #expect(count(desk.told("d"), "exit 0") == before + 1, "\(desk.told("d"))")
      if state == "recording" { #expect(desk.sandbox.runningJob(holding: 2.5) != nil) }
    }
    #expect(
      count(desk.told("d"), "the key is held: its repeat is ignored") == count(desk.told("d"), "exit 3"))
    #expect(count(events.output, "\"state\":\"recording\"") == 1, "\(events.output)")
  }

  @Test(arguments: WindowManager.allCases) func recordsUntilTheKeyIsReleased(_ manager: WindowManager) throws
  {
    let desk = try Desk(manager)
    try desk.bind("d", "record --hold")
    let events = try desk.sandbox.follow()
    let fingers = try desk.hold("d")
    #expect(events.waitForOutput("\"state\":\"recording\""))
    let job = try #require(desk.sandbox.runningJob(holding: 2.5))
    // Its repeats have come and done nothing, and its modifier does not end it.
    #expect(eventually { count(desk.told("d"), "exit 3") >= 3 })
    try desk.release(fingers.modifier)
    #expect(desk.sandbox.waitForAudio(of: job, seconds: 8))
    #expect(!events.output.contains("\"state\":\"transcribing\""))
    try desk.release(fingers.key)
    #expect(events.waitForOutput("\"from\":\"completed\""))
    #expect(try desk.sandbox.thoth("last").output == "all is well\n")
    #expect(count(events.output, "\"state\":\"recording\"") == 1)
  }

  @Test func aKeyThatIsReleasedBeforeTheFirstSoundRecordsNothing() throws {
    let desk = try Desk(.openbox, openDelay: 4_000)
    try desk.bind("d", "record --hold")
    // On a busy machine the microphone may be open before the key is up: then once more.
    for attempt in 1...10 {
      let fingers = try desk.hold("d")
      #expect(try eventually { try desk.sandbox.thoth("status").output.contains("\njob ") })
      try desk.release(fingers.key)
      try desk.release(fingers.modifier)
      #expect(eventually { count(desk.told("d"), "exit 0") + count(desk.told("d"), "exit 130") == attempt })
      if desk.told("d").contains("exit 130") { break }
      _ = try desk.sandbox.thoth("cancel", "--all")
    }
    let told = desk.told("d")
    #expect(told.contains("exit 130") && !told.contains("cancelled"), "\(told)")
    #expect(try eventually { try !desk.sandbox.thoth("status").output.contains("\njob ") })
  }

  @Test func withoutAKeyNothingIsHeld() throws {
    let desk = try Desk(.openbox)
    let answer = try desk.sandbox.thoth("record", "--hold")
    #expect(answer.code == 3)
    #expect(answer.errors.contains("--hold needs a key that is held"))
    #expect(try desk.sandbox.thoth("record", "--hold", with: ["DISPLAY": ""]).code == 3)
    #expect(try desk.sandbox.thoth("record", "--hold", "--toggle").code == 2)
    #expect(desk.sandbox.spooled.isEmpty)
    // Nor is a script's second command a repeat.
    for _ in 0..<2 { #expect(try desk.sandbox.thoth("toggle").code == 0) }
  }

  @Test func stopAndCancelEndWhatIsHeldToo() throws {
    let desk = try Desk(.i3)
    try desk.bind("d", "record --hold")
    let events = try desk.sandbox.follow()
    for (command, state) in [("stop", "completed"), ("cancel", "cancelled")] {
      let fingers = try desk.hold("d")
      #expect(desk.sandbox.runningJob(holding: 2.5) != nil)
      #expect(try desk.sandbox.thoth(command).code == 0)
      #expect(events.waitForOutput("\"state\":\"\(state)\""))
      try desk.release(fingers.key)
      try desk.release(fingers.modifier)
    }
    #expect(count(events.output, "\"state\":\"recording\"") == 2)
  }

  @Test func aHotkeyTakesTheDictationBack() throws {
    let desk = try Desk(.openbox, method: "type")
    try desk.bind("u", "undo")
    let window = try desk.display.start(.gtk3)
    let events = try desk.sandbox.follow()
    let job = String(try desk.sandbox.thoth("record").output.dropLast())
    #expect(desk.sandbox.waitForAudio(of: job, seconds: 2.5))
    #expect(try desk.sandbox.thoth("stop", "--wait").code == 0)
    #expect(window.text(awaiting: "all is well", within: 60) == "all is well")
    let fingers = try desk.hold("u")
    try desk.release(fingers.key)
    try desk.release(fingers.modifier)
    #expect(window.text(awaiting: "", within: 60).isEmpty)
    #expect(events.waitForOutput("\"what\":\"undone\""), "\(desk.told("u"))")
    let notice = events.output.split(separator: "\n").last { $0.contains("\"undone\"") } ?? ""
    #expect(notice.contains(job) && notice.contains("11 characters"))
    #expect(try desk.sandbox.thoth("last").output == "all is well\n")
    let again = try desk.sandbox.thoth("undo")
    #expect(again.code == 3 && again.errors.contains("the last insertion is undone"))
  }

  @Test func theDoctorKnowsTheWindowManagerAndWhoHasAKey() throws {
    let desk = try Desk(.i3)
    let answer = try desk.sandbox.thoth("doctor", "--hotkeys")
    #expect(answer.code == 0, "\(answer.errors)")
    #expect(answer.output.hasPrefix("i3: "))
    // Super+d and Super+u are the display's own hotkeys.
    #expect(answer.output.contains("# toggle: super+F9 is free; another program has super+d"))
    #expect(answer.output.contains("bindsym Mod4+F9 exec --no-startup-id thoth toggle"))
    #expect(answer.output.contains("bindsym Mod4+space exec --no-startup-id thoth record --hold"))
    let json = try desk.sandbox.thoth("doctor", "--hotkeys", "--json").output
    #expect(json.contains("\"window_manager\":\"i3\"") && json.contains("\"taken\":[\"super+d\"]"))
    let elsewhere = try desk.sandbox.thoth(
      "doctor", "--hotkeys", with: ["WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "sway"])
    #expect(elsewhere.output.contains("bindsym --release Mod4+space exec thoth stop"))
    #expect(try desk.sandbox.thoth("doctor", "--hotkeys", with: ["DISPLAY": ""]).code == 7)
  }
}
