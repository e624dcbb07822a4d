import CX11
import DictationTypes
import Linux
import TestSupport
import Testing

@testable import TextOutput

/// How an owner of the clipboard answers, and who wins when several want it
/// (Inter-Client Communication Conventions Manual, chapter 2).
@Suite(.serialized) struct SelectionTests {
  private let display: VirtualDisplay
  private let output = X11Output()

  init() throws { display = try VirtualDisplay() }

  @Test func requestsAreAnsweredAsLaidDown() async throws {
    defer { output.shutDown() }
    try await output.setClipboard("für alle", on: display.address)
    #expect(
      try display.ask("multiple")
        == "UTF8_STRING: 9\nRIG_NONE: none\nTIMESTAMP: 1\nSTRING: none\nMULTIPLE: none\n")
    #expect(try display.ask("obsolete") == "text: für alle\nmultiple: refused\n")
    let answers = ["before: refused", "at: UTF8_STRING 8 9", "now: UTF8_STRING 8 9", "unknown: refused"]
    #expect(
      try display.ask("times").split(separator: "\n").map(String.init)
        == answers + ["save: NULL 32 0", "timestamp: INTEGER 32 1"])
  }

  @Test func longTextsAreReadByManyAtOnceAndByWhoVanishes() async throws {
    defer { output.shutDown() }
    let text = String(repeating: "0123456789", count: 150_000)
    try await output.setClipboard(text, on: display.address)
    #expect(try display.ask("several", "5") == String(repeating: "1500000\n", count: 5))
    #expect(try display.ask("vanish") == "vanished\n")
    #expect(try display.selection() == text)
  }

  @Test func aCopyThatWeHaveNotHeardOfYetIsLeftAlone() throws {
    let connection = try Connection(display.address, wake: WakeEvent())
    let clipboard = connection.atoms.clipboard
    let content = SelectionContent(text: "ours", connection.atoms)
    try connection.selections.own(clipboard, content, connection)
    let other = try display.selectionRig(["own", "CLIPBOARD", "text"], until: "owns")
    #expect(connection.selections.content(of: clipboard) == content)
    connection.selections.replace(clipboard, with: content, connection)
    #expect(try connection.serverTime() > 0)
    #expect(connection.selections.content(of: clipboard) == nil)
    #expect(try display.selection() == "theirs" && !other.output.contains("lost"))
  }

  @Test func aCopyThatWasAskedForBeforeIsNotRefused() throws {
    let connection = try Connection(display.address, wake: WakeEvent())
    let clipboard = connection.atoms.clipboard
    let content = SelectionContent(text: "ours", connection.atoms)
    try connection.selections.own(clipboard, content, connection)
    let other = try display.selectionRig(["own", "CLIPBOARD", "stamped"], until: "stamped")
    connection.selections.replace(clipboard, with: content, connection)
    #expect(try connection.serverTime() > 0)
    other.send("\n")
    #expect(other.waitForOutput("owns\n"))
  }

  @Test func whatWasReadBeforeTheChordIsNoReceipt() throws {
    let manager = try display.selectionRig(["manage"], until: "manages")
    let limits = PasteLimits(requestTime: 100_000_000)
    let connection = try Connection(display.address, pasteLimits: limits, wake: WakeEvent())
    let application = OutputTarget(windowClass: "Rig", topLevel: 1, focus: 1, processID: manager.id)
    let keys = try #require(ChordKeys(.shiftInsert, try connection.keyboard(), group: 0))
    connection.selections.record(true)
    let content = SelectionContent(text: "early", connection.atoms)
    let earlier = keys.press(connection)
    try connection.selections.own(connection.atoms.clipboard, content, connection)
    let isRead = eventually {
      connection.handlePending()
      return manager.output.contains("read all")
    }
    #expect(isRead)
    var receipt = PasteReceipt(application, pressed: keys.press(connection), connection)
    #expect(throws: DictationError.self) { try receipt.wait() }
    var earlierReceipt = PasteReceipt(application, pressed: earlier, connection)
    try earlierReceipt.wait()
    let stranger = OutputTarget(windowClass: "Rig", topLevel: 1, focus: 1, processID: manager.id + 1)
    var strangeReceipt = PasteReceipt(stranger, pressed: earlier, connection)
    #expect(throws: DictationError.self) { try strangeReceipt.wait() }
  }

  @Test func anOwnerThatNeverAnswersIsForgottenWhenItIsGone() throws {
    let owner = try display.selectionRig(["own", "CLIPBOARD", "silent"], until: "owns")
    let connection = try Connection(
      display.address, pasteLimits: PasteLimits(snapshotTime: 1_000_000), wake: WakeEvent())
    let clipboard = connection.atoms.clipboard
    _ = try SelectionReader.read([clipboard], connection)
    _ = try SelectionReader.read([clipboard], connection)
    #expect(connection.readers.count == 1, "it may still answer")
    owner.end()
    let isForgotten = try eventually {
      _ = try SelectionReader.read([clipboard], connection)
      return connection.readers.isEmpty
    }
    #expect(isForgotten)
  }

  @Test func whoHasNoKnownProcessIsNotTheTarget() throws {
    let owner = try display.selectionRig(["own", "CLIPBOARD", "text"], until: "owns")
    let connection = try Connection(display.address, wake: WakeEvent())
    let window = XGetSelectionOwner(connection.display, connection.atoms.clipboard)
    func target(_ window: UInt, _ processID: Int32?) -> OutputTarget {
      OutputTarget(windowClass: nil, topLevel: window, focus: window, processID: processID)
    }
    // No window, so the server knows no process.
    let unknown: UInt = 0x1FFF_FFFF
    #expect(connection.processID(of: unknown) == nil)
    #expect(!connection.belongs(unknown, to: target(connection.window, nil)))
    #expect(connection.belongs(window, to: target(window, nil)))
    #expect(connection.belongs(window, to: target(unknown, owner.id)))
    #expect(!connection.belongs(window, to: target(connection.window, nil)))
  }

  /// The journal's token and times of the server are such numbers.
  @Test(arguments: [1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] as [UInt])
  func aNumberOfAPropertyComesBackAsItWas(_ number: UInt) throws {
    let connection = try Connection(display.address, wake: WakeEvent())
    let atoms = connection.atoms
    connection.setProperty(
      atoms.ownTime, of: connection.root, to: Property([number], type: atoms.cardinal))
    #expect(connection.property(atoms.ownTime, of: connection.root)?.items == [number])
  }

  @Test func theKeysOfEveryModifierAreFound() throws {
    let connection = try Connection(display.address, wake: WakeEvent())
    let map = try connection.keyboard()
    for chord in ["ctrl+shift+v", "shift+insert", "super+v", "alt+1", "ctrl+alt+shift+super+z"] {
      #expect(ChordKeys(try #require(PasteChord(chord)), map, group: 0) != nil, "\(chord)")
    }
  }
}
