import CX11
import DictationTypes

/// What was inserted last on a display, for as long as nobody has pressed a key or button since. Whoever asks gets an
/// answer that is true at that moment.
///
/// It watches the keyboard from before the first typed character until somebody presses a key, and not longer.
final class InsertionMemory {
  /// One insertion.
  struct Record {
    /// The window that got it.
    let target: OutputTarget
    /// What was typed or pasted.
    let text: [Unicode.Scalar]
    /// The dictation it belongs to.
    let job: JobID?
  }

  private var record: Record?
  private var tracker: PressTracker?
  /// Why the last insertion is not known any more.
  private var loss = "nothing was inserted since the daemon's start"

  /// Begins the watch: `target` is about to get text.
  func begin(_ target: OutputTarget, _ connection: Connection) {
    stop(connection)
    (record, loss) = (nil, "the last insertion did not succeed")
    guard connection.input.isSupported else {
      loss = "the X server cannot tell whether a key was pressed since: it lacks XInput 2.1"
      return
    }
    tracker = PressTracker(
      modifiers: connection.modifierKeys(), synthetic: connection.input.syntheticKeyboards)
    tracker?.isTyping = true
    connection.input.start(focusOf: target.focus) { [unowned self, unowned connection] event in
      note(event, connection)
    }
  }

  /// The text is in the window, all of it.
  func keep(_ text: [Unicode.Scalar], in target: OutputTarget, job: JobID?) {
    if tracker != nil, !text.isEmpty { record = Record(target: target, text: text, job: job) }
  }

  /// The keys on the synthetic keyboard are ours no more. Ends the watch when nothing was kept.
  func end(_ connection: Connection) {
    connection.catchUp()
    tracker?.isTyping = false
    if record == nil { stop(connection) }
  }

  /// The keys on the synthetic keyboard are ours from here to `end`.
  func beginTyping(_ connection: Connection) {
    connection.catchUp()
    tracker?.isTyping = true
  }

  /// The last insertion, if nothing was pressed since; else why not, as the end of a sentence.
  func current(_ connection: Connection) -> Result<Record, Loss> {
    connection.catchUp()
    if let found = tracker?.found { forget(found.rawValue, connection) }
    return record.map { .success($0) } ?? .failure(Loss(reason: loss))
  }

  /// Why there is nothing to take back.
  struct Loss: Error {
    let reason: String
  }

  /// What was inserted last into `target`, when nothing was pressed since: the text before the cursor ends so.
  func continues(_ target: OutputTarget, _ connection: Connection) -> [Unicode.Scalar]? {
    guard case .success(let last) = current(connection), last.target.topLevel == target.topLevel,
      last.target.focus == target.focus
    else { return nil }
    return last.text
  }

  /// Forgets the last insertion, because of `reason`.
  func forget(_ reason: String, _ connection: Connection) {
    (record, loss) = (nil, reason)
    stop(connection)
  }

  private func stop(_ connection: Connection) {
    tracker = nil
    connection.input.stop()
  }

  private func note(_ event: InputEvent, _ connection: Connection) {
    tracker?.note(event)
    // While thoth types, the end of that is awaited.
    guard let tracker, tracker.isDecided, !tracker.isTyping, let found = tracker.found else { return }
    forget(found.rawValue, connection)
  }
}

extension Connection {
  /// Handles all events up to now: of everything that happened before, the server has told.
  func catchUp() {
    XSync(display, False)
    handlePending()
  }
}
