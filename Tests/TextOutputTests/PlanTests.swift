import DictationTypes
import Testing

@testable import TextOutput

@Suite struct PlanTests {
  private static func plan(
    length: Int = 100, unmapped: Int = 0, capacity: Int = 38, pings: Bool = true,
    windowClass: String = "Gedit"
  ) -> InsertionPlan {
    InsertionPlan(
      length: length, unmapped: unmapped, capacity: capacity, answersPings: pings,
      traits: WindowTraits(windowClass: windowClass))
  }

  static let cases: [(InsertionPlan, OutputMethod, OutputMethod)] = [
    (plan(), .auto, .type),
    (plan(length: 300), .auto, .type),
    (plan(length: 301), .auto, .paste),
    (plan(length: 301), .type, .type),
    (plan(length: 1), .paste, .paste),
    (plan(unmapped: 76), .auto, .type),
    (plan(unmapped: 77), .auto, .paste),
    (plan(unmapped: 38, pings: false), .auto, .type),
    (plan(unmapped: 39, pings: false), .auto, .paste),
    (plan(unmapped: 1, capacity: 0), .auto, .paste),
    (plan(unmapped: 0, capacity: 0), .auto, .type),
    (plan(length: 1000, windowClass: "Gvim"), .auto, .type),
    (plan(length: 1000, windowClass: "Gvim"), .paste, .type),
    (plan(windowClass: "libreoffice-writer"), .auto, .paste),
    (plan(windowClass: "libreoffice-writer"), .type, .type),
  ]

  @Test(arguments: cases) func decides(plan: InsertionPlan, wish: OutputMethod, expected: OutputMethod) {
    #expect(plan.method(for: wish) == expected)
  }

  @Test func slotsAreTakenPlainLevelsFirst() {
    var table = SlotTable(keycodes: [249, 250], levels: 2)
    #expect(table.capacity == 4)
    #expect(table.assign(["a", "b", "c"]) == .init(keycodes: [249, 250], overwrites: false))
    #expect(table.slot(of: "b").map { [Int($0.keycode), $0.level] } == [250, 0])
    #expect(table.slot(of: "c").map { [Int($0.keycode), $0.level] } == [249, 1])
    #expect(table.scalars(on: 250) == ["b", nil])
  }

  @Test func theLeastRecentlyUsedSlotIsReused() {
    var table = SlotTable(keycodes: [250], levels: 2)
    #expect(table.assign(["a", "b"]) == .init(keycodes: [250], overwrites: false))
    #expect(table.assign(["a"]) == .init(keycodes: [], overwrites: false))
    #expect(table.assign(["c"]) == .init(keycodes: [250], overwrites: true))
    #expect(table.slot(of: "b") == nil)
    #expect(table.scalars(on: 250) == ["a", "c"])
    #expect(table.assign(["a", "d"]).overwrites)
    #expect(table.scalars(on: 250) == ["a", "d"])
  }

  @Test func whatIsCarriedIsKnownAndCleared() {
    var table = SlotTable(keycodes: [249, 250], levels: 2, carried: [250: ["x", nil]])
    #expect(!table.isEmpty)
    #expect(table.assign(["x"]).keycodes.isEmpty)
    #expect(table.clear() == [250])
    #expect(table.isEmpty && table.clear().isEmpty)
  }

  @Test(
    arguments: [
      ("a", 0x61), ("é", 0xE9), ("\n", 0xFF0D), ("\t", 0xFF09), ("ж", 0x100_0436), ("😀", 0x101_F600),
    ] as [(Unicode.Scalar, UInt)])
  func symbolsOfCharacters(scalar: Unicode.Scalar, symbol: UInt) {
    #expect(Keysym.symbol(for: scalar) == symbol)
    #expect(Keysym.scalar(of: symbol) == scalar)
  }

  /// Cyrillic_zhe, a dead accent, a keypad digit, BackSpace, none.
  @Test(
    arguments: [(0x6D6, "ж"), (0xFE51, nil), (0xFFB1, nil), (0xFF08, nil), (0, nil)]
      as [(UInt, Unicode.Scalar?)])
  func charactersOfSymbols(symbol: UInt, scalar: Unicode.Scalar?) {
    #expect(Keysym.scalar(of: symbol) == scalar)
  }

  @Test(
    arguments: [
      ("The X.Org Foundation", 12_101_007, "X.Org 21.1.7"),
      ("The X.Org Foundation", 12_014_000, "X.Org 1.20.14"),
      ("Moba/X", 12_101_004, "Moba/X 12101004"),
    ] as [(String, Int32, String)])
  func serversByName(vendor: String, release: Int32, expected: String) {
    #expect(DisplaySummary.server(vendor: vendor, release: release) == expected)
  }

  @Test(arguments: [
    ("evdev\0pc105\0de,us\0\0\0", "de,us"), ("", "unknown"), ("evdev\0pc105\0\0\0\0", "unknown"),
  ])
  func layoutsByName(rules: String, expected: String) {
    #expect(DisplaySummary.layout(Array(rules.utf8)) == expected)
  }
}
