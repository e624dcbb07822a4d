import CX11
public import DictationTypes
import Linux

/// What came of taking an insertion back.
public enum UndoOutcome: Sendable, Hashable {
  /// The text is gone: so many characters (scalars), of this dictation.
  case undone(characters: Int, job: JobID?)
  /// Nothing was done, because it cannot be done now: why, in one sentence.
  case refused(String)
}

/// Takes back what was inserted last, and nothing else.
struct Undo {
  /// How long it may take, in seconds. Some applications need a millisecond for each character.
  static let patience = 60

  private let record: InsertionMemory.Record
  private let connection: Connection

  /// Takes back what was inserted last on this display.
  ///
  /// Fails with kind `.output` when the application did not let it be removed; its text is then as before.
  static func run(_ connection: Connection) throws(DictationError) -> UndoOutcome {
    let memory = connection.insertions
    let record: InsertionMemory.Record
    switch memory.current(connection) {
    case .success(let last): record = last
    case .failure(let loss): return .refused("there is nothing to undo: \(loss.reason)")
    }
    guard try connection.focusedWindow()?.focus == record.target.focus else {
      return .refused("\(record.target.label), which got the text, does not have the focus")
    }
    memory.beginTyping(connection)
    defer { memory.end(connection) }
    let state = try KeyboardState(preparing: connection, connection.keyboard())
    defer { state.restore() }
    // The keys that asked for it have been released now; perhaps others were pressed.
    if case .failure(let loss) = memory.current(connection) {
      return .refused("there is nothing to undo: \(loss.reason)")
    }
    if try connection.isKeyboardTaken() { return .refused(Connection.keyboardIsTaken) }
    try Undo(record, connection).remove()
    memory.forget("the last insertion is undone", connection)
    return .undone(characters: record.text.count, job: record.job)
  }

  private init(_ record: InsertionMemory.Record, _ connection: Connection) {
    self.record = record
    self.connection = connection
  }

  private func remove() throws(DictationError) {
    var keys = EditingKeys(for: record.target, seconds: UInt64(Self.patience - 15), connection)
    defer { keys.end() }
    let traits = record.target.traits
    guard traits.kind != .terminal, traits.selectsByShift else { return try erase(&keys) }
    let primary = try PrimarySelection(of: record.target, connection)
    do throws(DictationError) {
      try primary.select(record.text, &keys)
      try checkNobodyTypes()
      try keys.press(XK_BackSpace)
      try primary.restore()
    } catch {
      try? primary.restore()
      throw error
    }
  }

  /// Takes each character away by itself, unseen: only for windows that take them away as terminals do.
  private func erase(_ keys: inout EditingKeys) throws(DictationError) {
    guard Erasure.isSimple(record.text) else {
      throw DictationError(
        .output,
        "\(record.target.label) does not tell what it holds, and the text has characters that one BackSpace does "
          + "not remove for certain; remove it by hand")
    }
    try checkNobodyTypes()
    try keys.press(XK_BackSpace, times: record.text.count)
  }

  private func checkNobodyTypes() throws(DictationError) {
    guard case .failure(let loss) = connection.insertions.current(connection) else { return }
    throw DictationError(.output, "the text is left as it is: \(loss.reason) (while it was being taken back)")
  }
}
