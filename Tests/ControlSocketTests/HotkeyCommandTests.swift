import CommandLine
import Foundation
import Linux
import Pipeline
import TestSupport
import Testing
import TextOutput

@testable import ControlSocket

/// What commands that are bound to keys wait for.
@Suite struct HotkeyCommandTests {
  @Test(arguments: ["record", "toggle", "stop", "cancel"])
  func aDisplayThatHangsKeepsNoRecordingFromItsStartOrEnd(_ command: String) async throws {
    let display = try VirtualDisplay(windowManager: nil)
    // Who waits for this display waits until the test has failed.
    let watch = HotkeyWatch(patience: 3_600)
    defer { watch.shutDown() }
    let hotkeys = Hotkeys(watch: watch, display: X11Output())
    let request = ControlRequest(command: command, environment: ["DISPLAY": display.name])
    #expect(try await hotkeys.key(of: request, whileRecording: true) != nil)
    display.sendServer(SIGSTOP)
    let answer = Lock(false)
    Task {
      _ = try await hotkeys.key(of: request, whileRecording: true)
      answer.withLock { $0 = true }
    }
    #expect(await waits { eventually(within: 60) { answer.withLock { $0 } } })
    display.sendServer(SIGCONT)
  }
}
