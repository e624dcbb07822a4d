import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import TextOutput

/// How long it takes until a text is in the window, from the call on. It prints figures and asserts only that
/// the text is right: how fast a window draws is not ours.
@Suite(.serialized, .enabled(if: Samples.isFullSize, "prints figures; set THOTH_PROOF to run it"))
struct LatencyTests {
  @Test(arguments: TargetApplication.allCases.filter(\.isInstalled), [100, 1000])
  func textArrives(in application: TargetApplication, length: Int) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    let output = X11Output()
    defer { output.shutDown() }
    let sentence = "It takes a while, they say, until a sentence like this one stands where it belongs. "
    for (kind, seed) in [("plain", sentence), ("accented", "Größe für Ürsel, Привет: " + sentence)] {
      let text = String(String(repeating: seed, count: 20).prefix(length))
      for method in [OutputMethod.type, .paste] {
        var calls: [Double] = []
        var arrivals: [Double] = []
        for _ in 0..<5 {
          let start = monotonicNanoseconds()
          let insertion = Task {
            _ = try await output.insert(text, by: method, on: display.address)
            return milliseconds(since: start)
          }
          let size = text.utf8.count
          #expect(await eventually { () async in window.byteCount >= size })
          arrivals.append(milliseconds(since: start))
          calls.append(try await insertion.value)
          #expect(window.text(awaiting: text) == text)
          try window.clear()
        }
        print(
          "\(application), \(length) characters, \(kind), \(method): arrived \(median(arrivals)) ms, "
            + "returned \(median(calls)) ms")
      }
    }
  }

  private func milliseconds(since start: UInt64) -> Double {
    Double(monotonicNanoseconds() - start) / 1_000_000
  }

  private func median(_ values: [Double]) -> String {
    String(format: "%.0f", values.sorted()[values.count / 2])
  }
}
