import TextOutput

/// How a window manager is told to run a command when a key is pressed.
struct BindingStyle: Sendable {
  /// Where the bindings belong, and how they come into force.
  let place: String
  /// Whether the release of a key can be bound, on Wayland too, where no program sees the keys of others.
  let bindsRelease: Bool
  /// The lines for one key.
  let binding: @Sendable (Hotkey, HotkeyAction) -> String

  private init(
    _ place: String, bindsRelease: Bool = false,
    _ binding: @escaping @Sendable (Hotkey, HotkeyAction) -> String
  ) {
    self.place = place
    self.bindsRelease = bindsRelease
    self.binding = binding
  }

  /// The style of the first window manager whose name is in `name`; sxhkd's for those that bind no keys themselves.
  init(_ name: String, isWayland: Bool) {
    let name = name.lowercased()
    let known = Self.known.first { name.contains($0.name) }?.style
    self = known ?? (isWayland ? .anyWayland : .sxhkd)
  }

  /// The more particular names come first: Cinnamon's window manager calls itself "Mutter (Muffin)".
  private static let known: [(name: String, style: BindingStyle)] = [
    ("i3", i3), ("sway", sway), ("openbox", openbox), ("bspwm", sxhkd), ("awesome", awesome),
    ("xmonad", xmonad),
    ("herbstluftwm", herbstluftwm), ("dwm", dwm), ("xfwm", xfce), ("xfce", xfce), ("muffin", cinnamon),
    ("cinnamon", cinnamon), ("kwin", kde), ("kde", kde), ("gnome", gnome), ("mutter", gnome),
  ]

  // MARK: - Files

  private static let i3 = BindingStyle("add to ~/.config/i3/config, then press $mod+Shift+r") { key, action in
    let line = "bindsym \(plus(key)) exec --no-startup-id \(action.command)"
    guard action == .pushToTalk else { return line }
    return """
      \(line)
      # or, when the modifier is always released last: exec thoth record, and
      # bindsym --release \(plus(key)) exec --no-startup-id thoth stop
      """
  }

  private static let sway = BindingStyle(
    "add to ~/.config/sway/config, then run: swaymsg reload", bindsRelease: true
  ) { key, action in
    guard action == .pushToTalk else { return "bindsym \(plus(key)) exec \(action.command)" }
    return
      "bindsym --no-repeat \(plus(key)) exec thoth record\nbindsym --release \(plus(key)) exec thoth stop"
  }

  private static let openbox = BindingStyle(
    "add to <keyboard> in ~/.config/openbox/rc.xml, then run: openbox --reconfigure"
  ) { key, action in
    let name = short(key, ["super": "W", "control": "C", "alt": "A"], "-")
    return """
      <keybind key="\(name)"><action name="Execute"><command>\(action.command)</command></action></keybind>
      """
  }

  private static let sxhkd = BindingStyle(
    "add to ~/.config/sxhkd/sxhkdrc, then run: pkill -USR1 -x sxhkd"
  ) { key, action in
    let name = (key.modifiers.map(\.rawValue) + [key.key]).joined(separator: " + ")
    let entry = "\(name)\n    \(action.command)"
    guard action == .pushToTalk else { return entry }
    let released = (key.modifiers.map(\.rawValue) + ["@" + key.key]).joined(separator: " + ")
    return
      "\(entry)\n# or, when the modifier is always released last: thoth record, and\n# \(released)\n#     thoth stop"
  }

  private static let awesome = BindingStyle(
    "add to globalkeys in ~/.config/awesome/rc.lua, then restart awesome"
  ) { key, action in
    let modifiers = key.modifiers.map { "\"\(masks[$0.rawValue] ?? "")\"" }.joined(separator: ", ")
    return "awful.key({ \(modifiers) }, \"\(key.key)\", function() awful.spawn(\"\(action.command)\") end),"
  }

  private static let xmonad = BindingStyle(
    "add to the keys in ~/.config/xmonad/xmonad.hs, then run: xmonad --recompile && xmonad --restart"
  ) { key, action in
    let masks = key.modifiers.map {
      ["super": "mod4Mask", "control": "controlMask", "alt": "mod1Mask"][$0.rawValue]!
    }
    return "((\(masks.joined(separator: " .|. ")), xK_\(key.key)), spawn \"\(action.command)\")"
  }

  private static let dwm = BindingStyle(
    "add to keys[] in config.h (with <X11/keysym.h>), then build dwm again"
  ) { key, action in
    let masks = key.modifiers.map {
      ["super": "Mod4Mask", "control": "ControlMask", "alt": "Mod1Mask"][$0.rawValue]!
    }
    return "{ \(masks.joined(separator: "|")), XK_\(key.key), spawn, SHCMD(\"\(action.command)\") },"
  }

  // MARK: - Commands

  private static let herbstluftwm = BindingStyle(
    "run these, and add them to ~/.config/herbstluftwm/autostart"
  ) {
    key, action in "herbstclient keybind \(short(key, masks, "-")) spawn \(action.command)"
  }

  private static let xfce = BindingStyle("run these; they come into force at once") { key, action in
    "xfconf-query -c xfce4-keyboard-shortcuts -p '/commands/custom/\(angle(key))' -n -t string "
      + "-s '\(action.command)'"
  }

  private static let gnome = BindingStyle(
    "run these; the list in the first lines replaces the one with your own shortcuts, so add theirs to it"
  ) { key, action in
    desktop("org.gnome.settings-daemon.plugins.media-keys", key, action)
  }

  private static let cinnamon = BindingStyle(
    "run these; the list in the first lines replaces the one with your own shortcuts, so add theirs to it"
  ) { key, action in
    desktop("org.cinnamon.desktop.keybindings", key, action)
  }

  private static let kde = BindingStyle(
    "run these, then log out and in; or System Settings > Shortcuts > Add Command"
  ) { key, action in
    let name = short(key, ["super": "Meta", "control": "Ctrl", "alt": "Alt"], "+")
    let file = "~/.local/share/kglobalaccel/thoth-\(action.rawValue).desktop"
    let lines = [
      "[Desktop Entry]", "Type=Application", "Name=\(action.command)", "Exec=\(action.command)",
      "NoDisplay=true",
      "X-KDE-Shortcuts=\(name)",
    ]
    return "mkdir -p ~/.local/share/kglobalaccel && printf '%s\\n' "
      + lines.map { "'\($0)'" }.joined(separator: " ") + " >\(file)"
  }

  private static let anyWayland = BindingStyle(
    "bind these in the compositor's settings", bindsRelease: true
  ) { key, action in
    action == .pushToTalk
      ? "\(key.name), pressed: thoth record\n\(key.name), released: thoth stop"
      : "\(key.name): \(action.command)"
  }

  /// The custom keybindings of GNOME and of Cinnamon, which took them over.
  private static func desktop(_ schema: String, _ key: Hotkey, _ action: HotkeyAction) -> String {
    let isGNOME = schema.hasPrefix("org.gnome")
    let names = HotkeyAction.allCases.map { "thoth-\($0.rawValue.replacing("_", with: "-"))" }
    let own = names[HotkeyAction.allCases.firstIndex(of: action)!]
    let folder = "/" + schema.replacing(".", with: "/") + "/custom-keybindings/"
    let list = names.map { isGNOME ? "'\(folder)\($0)/'" : "'\($0)'" }.joined(separator: ", ")
    let entry = "\(schema).custom-keybinding:\(folder)\(own)/"
    let binding = isGNOME ? "\"\(angle(key))\"" : "\"['\(angle(key))']\""
    let listed = "gsettings set \(schema) \(isGNOME ? "custom-keybindings" : "custom-list") \"[\(list)]\""
    return [
      action == .toggle ? listed : nil, "gsettings set \(entry) name '\(action.command)'",
      "gsettings set \(entry) command '\(action.command)'", "gsettings set \(entry) binding \(binding)",
    ].compactMap { $0 }.joined(separator: "\n")
  }

  // MARK: - Names of keys

  private static let masks = ["super": "Mod4", "control": "Control", "alt": "Mod1"]

  private static func short(_ key: Hotkey, _ names: [String: String], _ separator: String) -> String {
    (key.modifiers.map { names[$0.rawValue] ?? $0.rawValue } + [key.key]).joined(separator: separator)
  }

  private static func plus(_ key: Hotkey) -> String { short(key, masks, "+") }

  /// GTK's notation: `<Super>d`.
  private static func angle(_ key: Hotkey) -> String {
    key.modifiers.map { "<\($0.rawValue.prefix(1).uppercased())\($0.rawValue.dropFirst())>" }.joined()
      + key.key
  }
}
