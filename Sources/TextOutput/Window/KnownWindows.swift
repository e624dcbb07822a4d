import DictationTypes

/// Window classes whose behaviour differs from an ordinary window's, in lower case.
enum KnownWindows {
  /// Terminal emulators, and what makes each paste.
  static let terminals: [String: PasteChord] = {
    var chords: [String: PasteChord] = [:]
    for name in primaryPasters { chords[name] = .shiftInsert }
    for name in clipboardPasters { chords[name] = .terminal }
    return chords
  }()

  /// What makes the terminal emulator that is called `program` paste; nil when it is none. The kernel keeps 15 bytes of
  /// the name.
  static func pasteChord(ofProgram program: String) -> PasteChord? {
    terminals.first { $0.key.utf8.prefix(15).elementsEqual(program.lowercased().utf8) }?.value
  }

  /// Those that paste the primary selection by Shift+Insert, and know nothing of Ctrl+Shift+V.
  private static let primaryPasters = [
    "xterm", "uxterm", "koi8rxterm", "urxvt", "rxvt", "mrxvt", "eterm", "aterm", "mlterm", "pterm", "st",
    "st-256color", "st-term",
  ]

  /// Those that paste the clipboard by Ctrl+Shift+V.
  private static let clipboardPasters = [
    "alacritty", "kitty", "foot", "footclient", "org.wezfurlong.wezterm", "wezterm", "com.mitchellh.ghostty",
    "ghostty", "konsole", "org.kde.konsole", "yakuake", "org.kde.yakuake", "gnome-terminal",
    "gnome-terminal-server", "org.gnome.terminal", "org.gnome.console", "kgx", "org.gnome.ptyxis", "ptyxis",
    "xfce4-terminal", "mate-terminal", "lxterminal", "qterminal", "terminator", "tilix", "guake", "tilda",
    "terminology", "cool-retro-term", "deepin-terminal", "io.elementary.terminal", "sakura", "roxterm",
    "termite", "tabby", "hyper", "contour", "xfce4-dropdown-terminal", "rio", "warp", "dev.warp.warp",
  ]

  /// Programs that ask for a password or a passphrase.
  static let passwordPrompts: Set<String> = [
    "pinentry", "pinentry-gtk-2", "pinentry-gtk2", "pinentry-gnome3", "pinentry-qt", "pinentry-qt4",
    "pinentry-qt5", "pinentry-x11", "pinentry-fltk", "pinentry-efl", "gcr-prompter", "ssh-askpass",
    "x11-ssh-askpass", "ksshaskpass", "lxqt-openssh-askpass", "gnome-ssh-askpass", "gnome-ssh-askpass2",
    "gnome-ssh-askpass3", "polkit-gnome-authentication-agent-1", "polkit-kde-authentication-agent-1",
    "lxqt-policykit-agent", "lxpolkit", "xfce-polkit", "mate-polkit", "polkit-mate-authentication-agent-1",
    "org.kde.polkit-kde-authentication-agent-1", "kwalletd", "kwalletd5", "kwalletd6", "org.kde.kwalletd5",
    "org.kde.kwalletd6", "gksu", "gksudo", "kdesu", "kdesudo", "lxqt-sudo", "seahorse-ssh-askpass",
  ]
}
