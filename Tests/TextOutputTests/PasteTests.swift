import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import TextOutput

@Suite(.serialized) struct PasteTests {
  @Test(arguments: [TargetApplication.chromium, .gtk3, .xterm, .qt5]) func experiment(app: TargetApplication) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(app)
    let owner = try display.own("clipboard", "before")
    defer { owner.end() }
    for quiet in [0, 2, 10, 50, 500] as [UInt64] {
      var limits = PasteLimits()
      limits.quietTime = quiet * 1_000_000
      let output = X11Output(pasteLimits: limits)
      defer { output.shutDown() }
      var ok = 0
      var wrong: Set<String> = []
      var times: [Double] = []
      for index in 0..<(quiet == 500 ? 8 : 30) {
        let text = String(repeating: "pasted \(index) ", count: index % 2 == 0 ? 1 : 100)
        let start = monotonicNanoseconds()
        let task = Task { try await output.insert(text, by: .paste, on: display.address) }
        let size = text.utf8.count
        let came = await eventually(within: 3) { () async in window.byteCount >= size }
        times.append(Double(monotonicNanoseconds() - start) / 1e6)
        do { _ = try await task.value } catch { print(error) }
        if came, window.text == text { ok += 1 } else { wrong.insert(window.text) }
        _ = await eventually { () async in (try? display.selection()) == "before" }
        try window.clear()
      }
      times.sort()
      print("RESULT", app, "quiet", quiet, "ok", ok, "wrong", wrong, "median", times[times.count / 2], "max", times.last!)
    }
  }
}
