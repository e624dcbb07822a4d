import DictationTypes

/// What sort of window it is.
enum WindowKind: Sendable {
  /// Return and Tab are text.
  case ordinary
  /// Return would run a command and Tab would complete one.
  case terminal
  /// It asks for a password: nothing that was said belongs there.
  case passwordPrompt
}

/// How text gets into a window: what is known of its class (`WM_CLASS`), measured with the applications themselves,
/// and what the user's profile says instead.
struct WindowTraits: Sendable, Equatable {
  /// What sort of window it is.
  var kind = WindowKind.ordinary
  /// `type`, `paste`, or `auto`: what is better for the text.
  var method = OutputMethod.auto
  /// What makes it paste; nil when nothing does. In gvim it depends on its mode.
  var pasteChord: PasteChord? = .shiftInsert
  /// What a newline becomes.
  var newline = NewlineStyle.enter
  /// What stands between two texts, when it is not as everywhere.
  var append: AppendStyle?
  /// Whether typing changes the text: an office suite corrects it while it is typed.
  var correctsTyping = false
  /// Whether Shift with an arrow key selects. In gvim it moves by words.
  var selectsByShift = true

  /// The traits of windows of `windowClass`; those of an ordinary window when it is nil or unknown. A terminal that was
  /// given another class is known by its `program`.
  init(windowClass: String?, program: String? = nil) {
    let name = windowClass?.lowercased() ?? ""
    if let chord = KnownWindows.terminals[name] ?? program.flatMap(KnownWindows.pasteChord(ofProgram:)) {
      (kind, newline, pasteChord) = (.terminal, .space, chord)
    }
    if KnownWindows.passwordPrompts.contains(name) { kind = .passwordPrompt }
    if name == "gvim" { (pasteChord, selectsByShift) = (nil, false) }
    if name.hasPrefix("libreoffice") || name.hasPrefix("soffice") { correctsTyping = true }
  }

  /// These traits with what `profile` says instead.
  func changed(by profile: Profile?) -> WindowTraits {
    guard let profile else { return self }
    var traits = self
    if let method = profile.method { traits.method = method }
    if let chord = profile.pasteKeys { traits.pasteChord = chord }
    if let newline = profile.newline { traits.newline = newline }
    // Where newlines may not come through, it is a terminal, also one that nobody knows.
    if profile.newline == .space, kind == .ordinary { traits.kind = .terminal }
    if let append = profile.append { traits.append = append }
    return traits
  }
}
