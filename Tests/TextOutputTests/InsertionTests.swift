import DictationTypes
import TestSupport
import Testing

@testable import TextOutput

@Suite(.serialized) struct InsertionTests {
  @Test func typesIntoGTK() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let text = "Hello, world! é — Привет 漢字 👩‍💻\n\tend."
    let report = try await output.insert(text, method: .type, on: DisplayAddress(display: display.name), target: nil)
    #expect(report.chars == text.unicodeScalars.count)
    #expect(window.text(awaiting: text) == text)
  }
}
