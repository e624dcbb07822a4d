import CX11
import DictationTypes

/// Carries out one insertion on the X11 thread.
struct Inserter {
  private let insertion: Insertion
  private let connection: Connection

  init(_ insertion: Insertion, _ connection: Connection) {
    self.insertion = insertion
    self.connection = connection
  }

  /// Puts the text into the window that the policy leads to.
  func insert() throws(DictationError) -> InsertionOutcome {
    // Before anything is done to the keyboard: somebody may be typing a password.
    if let window = try connection.focusedWindow(), window.traits.kind == .passwordPrompt {
      return .held("\(window.label) asks for a password")
    }
    // As long as a hotkey is down, the keyboard is the window manager's.
    try HeldKeys.waitForRelease(connection)
    HeldKeys.release(HeldKeys.down(connection), connection)
    if try connection.isKeyboardTaken() {
      return .held(Connection.keyboardIsTaken)
    }
    switch try Destination.choose(for: insertion, connection) {
    case .held(let reason): return .held(reason)
    case .into(let destination):
      defer { destination.giveFocusBack(connection) }
      let window = destination.window
      let traits = window.traits.changed(by: insertion.profiles.first(for: window.windowClass))
      if traits.kind == .passwordPrompt { return .held("\(window.label) asks for a password") }
      return .inserted(try insert(into: window, traits))
    }
  }

  private func insert(
    into window: OutputTarget, _ traits: WindowTraits
  ) throws(DictationError) -> OutputReport {
    let memory = connection.insertions
    let before = memory.continues(window, connection)
    var text = TextSanitizer.sanitized(insertion.text, newline: traits.newline)
    text.scalars = Joining.joined(text.scalars, after: before, traits.append ?? insertion.append)
    memory.begin(window, connection)
    defer { memory.end(connection) }
    let method = try insert(text, into: window, traits)
    memory.keep(text.scalars, in: window, job: insertion.job)
    var report = OutputReport(method: method, text, windowClass: window.windowClass)
    if insertion.submits {
      report.submitted = submit(window)
      memory.forget("Return was pressed behind it", connection)
    }
    return report
  }

  /// Presses Return behind the text, which is in the window. Whether that was possible: a text that is there has not
  /// failed.
  private func submit(_ window: OutputTarget) -> Bool {
    do throws(DictationError) { return try Typist.type(["\n"], into: window, connection) == nil } catch {
      return false
    }
  }

  /// The way that was taken.
  private func insert(
    _ text: SanitizedText, into window: OutputTarget, _ traits: WindowTraits
  ) throws(DictationError) -> OutputMethod {
    var chosen = try plan(text.scalars, window, traits)
    if chosen == .type, let refusal = try Typist.type(text.scalars, into: window, connection) {
      // The plan is another one now.
      chosen = try plan(text.scalars, window, traits)
      guard chosen == .paste else { throw refusal }
    }
    if chosen == .paste, let chord = traits.pasteChord,
      case .refused(let reason) = try Paste.paste(
        text.text, with: chord, into: window, traits.kind, restores: insertion.restoresClipboard, connection)
    {
      chosen = .type
      try typeInstead(text.scalars, window, because: reason)
    }
    return chosen
  }

  /// Types what cannot be pasted.
  private func typeInstead(
    _ scalars: [Unicode.Scalar], _ window: OutputTarget, because reason: String
  ) throws(DictationError) {
    guard let refusal = try Typist.type(scalars, into: window, connection) else { return }
    throw DictationError(
      .output,
      "the text can be neither pasted (\(reason)) nor typed (\(refusal.message)); empty the clipboard, then "
        + "thoth last --type")
  }

  private func plan(
    _ text: [Unicode.Scalar], _ window: OutputTarget, _ traits: WindowTraits
  ) throws(DictationError) -> OutputMethod {
    let wish = insertion.method == .auto ? traits.method : insertion.method
    return try InsertionPlan(text, into: window, traits, connection).method(for: wish)
  }
}
