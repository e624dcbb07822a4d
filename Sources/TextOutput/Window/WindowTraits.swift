/// What is known of a window's behaviour from its class (`WM_CLASS`), measured with the applications themselves.
struct WindowTraits: Sendable, Equatable {
  /// Whether Return and Tab are dangerous.
  var kind: WindowKind = .ordinary
  /// Whether Shift+Insert puts the text in. In gvim it does not, whatever its mode.
  var pastes = true
  /// Whether typing changes the text: an office suite corrects it while it is typed.
  var correctsTyping = false

  /// The traits of windows of `windowClass`; those of an ordinary window when it is nil or unknown.
  init(windowClass: String?) {
    let name = windowClass?.lowercased() ?? ""
    if Self.terminals.contains(name) { kind = .terminal }
    if name == "gvim" { pastes = false }
    if name.hasPrefix("libreoffice") || name.hasPrefix("soffice") { correctsTyping = true }
  }

  /// Classes of terminal emulators, in lower case.
  private static let terminals: Set<String> = [
    "xterm", "uxterm", "koi8rxterm", "urxvt", "rxvt", "mrxvt", "alacritty", "kitty", "foot", "footclient",
    "org.wezfurlong.wezterm", "wezterm", "com.mitchellh.ghostty", "ghostty", "konsole", "org.kde.konsole",
    "yakuake", "org.kde.yakuake", "gnome-terminal", "gnome-terminal-server", "org.gnome.terminal",
    "org.gnome.console", "kgx", "org.gnome.ptyxis", "ptyxis", "xfce4-terminal", "mate-terminal", "lxterminal",
    "qterminal", "terminator", "tilix", "guake", "tilda", "terminology", "cool-retro-term", "deepin-terminal",
    "io.elementary.terminal", "st", "st-256color", "st-term", "sakura", "roxterm", "termite", "tabby",
    "hyper",
    "contour", "eterm", "aterm", "mlterm", "pterm", "xfce4-dropdown-terminal", "rio", "warp", "dev.warp.warp",
  ]
}
