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

  func insert() throws(DictationError) -> InsertionOutcome {
    guard let window = try connection.focusedWindow() else {
      let name = insertion.origin?.windowClass.map { " (\($0) had it when the recording stopped)" } ?? ""
      throw DictationError(.output, "no window has the focus\(name); focus one, then thoth last --type")
    }
    let traits = window.traits.changed(by: insertion.profiles.first(for: window.windowClass))
    let scalars = TextSanitizer.scalars(of: insertion.text, newline: traits.newline)
    connection.insertions.begin(window, connection)
    defer { connection.insertions.end(connection) }
    var chosen = try plan(scalars, window, traits)
    if chosen == .type {
      do throws(DictationError) {
        try Typist.type(scalars, into: window, connection)
      } catch {
        // Refused before the first key: the plan is another one now.
        chosen = try plan(scalars, window, traits)
        guard connection.refusesKeys, chosen == .paste else { throw error }
      }
    }
    if chosen == .paste, let chord = traits.pasteChord {
      try Paste.paste(scalars.text, with: chord, into: window, connection)
    }
    connection.insertions.keep(scalars, in: window, job: insertion.job)
    return .inserted(OutputReport(method: chosen, windowClass: window.windowClass, chars: scalars.count))
  }

  private func plan(
    _ text: [Unicode.Scalar], _ window: OutputTarget, _ traits: WindowTraits
  ) throws(DictationError) -> OutputMethod {
    let wish = insertion.method == .auto ? traits.method : insertion.method
    return try InsertionPlan(text, into: window, traits, connection).method(for: wish)
  }
}
