import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import TextOutput

/// Every layout in every state that a keyboard can be left in: the text arrives, and the state stays.
@Suite(.serialized) struct KeyboardStateTests {
  /// A layout, as arguments of setxkbmap.
  static let layouts: [[String]] = [
    ["us"], ["de"], ["fr"], ["ru,us"], ["gr,us"], ["us", "-variant", "dvorak"], ["us,de,ru"],
    ["de", "-variant", "neo"], ["us", "-option", "lv3:ralt_switch"],
    ["de", "-option", "lv3:caps_switch_latch"],
    ["us", "-option", "caps:shiftlock"], ["us,ru", "-option", "grp:shifts_toggle,shift:both_capslock"],
  ]

  /// States, as commands of the rig. The modifiers are Shift 1, Lock 2, Control 4, Num Lock 0x10, AltGr 0x80; the
  /// controls slow keys 2, bounce keys 4, sticky keys 8, mouse keys 0x10.
  static let states: [[String]] = [
    [], ["lock=2"], ["lock=0x10"], ["lock=1"], ["lock=0xFF"], ["latch=1"], ["latch=4"], ["latch=0x80"],
    ["group=1"], ["group=2"], ["latchgroup=1"], ["group=1", "latchgroup=1", "latch=1", "lock=0x12"],
    ["on=8"], ["on=8", "lock=0x12", "latch=1"], ["on=8", "options=0xcaf"], ["on=2"], ["on=4"], ["on=0x10"],
    ["on=0x1E", "lock=0x12", "group=1"],
  ]

  private static let text = "Yzop Miss, «éÉ» жЖ {@€} αΩ ßß 東 — done!\n~`|\\ 0.5;ll"
  private static let neutral = ["off=0x1E", "options=0xcef", "latch=0", "latchgroup=0", "lock=0", "group=0"]

  @Test(arguments: [TargetApplication.gtk3, .qt5, .xterm])
  func typesInEveryState(_ application: TargetApplication) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    let output = X11Output()
    defer { output.shutDown() }
    // xterm takes the dash of neo, whose key also carries the keypad's minus, for a command to write smaller.
    for layout in Self.layouts where application != .xterm || !layout.contains("neo") {
      let hasAllStates = Samples.isFullSize || application == .gtk3 && layout == ["us,de,ru"]
      try setLayout(layout, display)
      let map = try display.keyboardMap()
      for state in hasAllStates ? Self.states : [["group=1", "lock=0x12"]] {
        try display.keyboard(Self.neutral)
        let before = try display.keyboard(state)
        _ = try await output.insert(Self.text, by: .type, on: display.address)
        let expected = application.expected(Self.text)
        #expect(window.text(awaiting: expected) == expected, "\(layout), \(state)")
        #expect(try display.keyboard() == before, "\(layout), \(state)")
        try window.clear()
      }
      // xterm tells not when it has read the keys, which go back later.
      if application != .xterm {
        try display.keyboard(Self.neutral)
        #expect(try display.keyboardMap() == map, "\(layout)")
      }
    }
  }

  private func setLayout(_ layout: [String], _ display: VirtualDisplay) throws {
    try display.tool("setxkbmap", ["-option", ""], package: "x11-xkb-utils")
    try display.tool("setxkbmap", ["-layout"] + layout, package: "x11-xkb-utils")
  }
}
