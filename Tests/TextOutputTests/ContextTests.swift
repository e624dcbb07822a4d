import DictationTypes
import TestSupport
import Testing

@testable import TextOutput

@Suite(.serialized) struct ContextTests {
  private let display: VirtualDisplay
  private let output = X11Output()

  init() throws { display = try VirtualDisplay() }

  @Test func theSelectionsOfOthersAreRead() async throws {
    defer { output.shutDown() }
    let other = try display.selectionRig(["own", "PRIMARY", "text"], until: "owns")
    #expect(try await output.context(.selection, on: display.address) == "theirs")
    #expect(try await output.context(.clipboard, on: display.address) == nil)
    withExtendedLifetime(other) {}
  }

  @Test func whatIsMarkedAsSecretIsNot() async throws {
    defer { output.shutDown() }
    let other = try display.selectionRig(["own", "CLIPBOARD", "secret"], until: "owns")
    #expect(try await output.context(.clipboard, on: display.address) == nil)
    withExtendedLifetime(other) {}
  }

  @Test func whatIsLongIsCut() async throws {
    defer { output.shutDown() }
    try await output.setClipboard(String(repeating: "ä", count: 5_000), on: display.address)
    let text = try await output.context(.clipboard, on: display.address)
    #expect(text == String(repeating: "ä", count: 4_000))
  }

  @Test func withoutAFocusThereIsNoTitle() async throws {
    defer { output.shutDown() }
    #expect(try await output.context(.window, on: display.address) == nil)
  }
}
