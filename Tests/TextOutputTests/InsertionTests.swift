import DictationTypes
import TestSupport
import Testing

@testable import TextOutput

/// Real applications on an X server of the test's own: what arrives must be what was inserted, code point by
/// code point.
@Suite(.serialized) struct InsertionTests {
  struct Setup: CustomTestStringConvertible {
    let application: TargetApplication
    let layout: String
    let methods: [OutputMethod]
    var testDescription: String { "\(application), layout \(layout), \(methods)" }
  }

  static var setups: [Setup] {
    let layouts = ["us", "de", "ru,us"]
    if Samples.isFullSize {
      return layouts.flatMap { layout in
        TargetApplication.allCases.filter(\.isInstalled).map {
          Setup(application: $0, layout: layout, methods: [.type, .paste])
        }
      }
    }
    return [TargetApplication.gtk3, .qt5, .xterm].map {
      Setup(application: $0, layout: "us", methods: [.type, .paste])
    } + [
      Setup(application: .gtk3, layout: "de", methods: [.type]),
      Setup(application: .xterm, layout: "ru,us", methods: [.type]),
    ]
  }

  @Test(arguments: setups) func arrivesExactly(_ setup: Setup) async throws {
    try await insertAll(setup)
  }

  @Test(
    .enabled(
      if: TargetApplication.chromium.isInstalled, "chromium is not installed (apt-get install chromium)"))
  func arrivesExactlyInChromium() async throws {
    try await insertAll(Setup(application: .chromium, layout: "us", methods: [.type, .paste]))
  }

  private func insertAll(_ setup: Setup) async throws {
    let display = try VirtualDisplay(layout: setup.layout)
    let map = try display.keyboardMap()
    let window = try display.start(setup.application)
    let output = X11Output()
    for method in setup.methods {
      for (name, text) in Samples.all {
        let expected = setup.application.expected(text)
        let report = try await output.insert(text, by: method, on: display.address)
        let arrived = window.text(awaiting: expected)
        #expect(Array(arrived.unicodeScalars) == Array(expected.unicodeScalars), "\(name), \(method)")
        #expect(report.method == method && report.chars == expected.unicodeScalars.count)
        try window.clear()
      }
    }
    output.shutDown()
    #expect(try display.keyboardMap() == map, "the keyboard map is as it was found")
  }

  @Test func longTextIsPasted() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    let text = String(repeating: "Ein längerer Text. ", count: 40_000)
    let report = try await output.insert(text, by: .auto, on: display.address)
    #expect(report.method == .paste)
    #expect(window.text(awaiting: text) == text)
  }

  @Test func manyDifferentCharactersAreTypedExactly() async throws {
    let display = try VirtualDisplay()
    let window = try display.start(.gtk3)
    let output = X11Output()
    defer { output.shutDown() }
    // More than the spare keycodes can carry at once, so that they are reused.
    let text = String(String.UnicodeScalarView((0x4E00..<0x4E00 + 150).compactMap { Unicode.Scalar($0) }))
    let report = try await output.insert(text, by: .type, on: display.address)
    #expect(report.method == .type)
    #expect(window.text(awaiting: text) == text)
  }

  @Test func theFocusedWindowIsTold() async throws {
    let display = try VirtualDisplay()
    let output = X11Output()
    defer { output.shutDown() }
    #expect(try await output.focusedWindow(on: display.address) == nil)
    let window = try display.start(.xterm)
    let focused = try #require(try await output.focusedWindow(on: display.address))
    #expect(focused.windowClass == "XTerm")
    #expect(String(focused.topLevel) == window.id)
    #expect(focused.processID != nil)
  }

  @Test func theSummaryNamesServerAndLayout() async throws {
    let display = try VirtualDisplay(layout: "de")
    let output = X11Output()
    defer { output.shutDown() }
    let summary = try await output.check(display.address)
    #expect(summary.contains("X.Org") && summary.contains("XTEST 2.2") && summary.hasSuffix("layout de"))
  }
}
