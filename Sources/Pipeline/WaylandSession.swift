import Glibc
import Linux

/// What works in a Wayland session, which lets no program send keys to another one's windows.
struct WaylandSession {
  /// Who asks.
  let client: ClientContext
  /// The output command; nil: none.
  let command: String?
  /// The variables that a command is run with: `PATH`.
  let environment: [String: String]

  /// What takes a text on standard input, the best first.
  private static let tools = [
    (program: "wtype", line: "wtype -", package: "wtype"),
    (program: "ydotool", line: "ydotool type --file -", package: "ydotool"),
    (program: "wl-copy", line: "wl-copy", package: "wl-clipboard"),
  ]

  /// For `doctor`: fails when a text can get nowhere, or the output command cannot be found.
  func examine() async -> Finding {
    let reach =
      client.display == nil
      ? "there is no XWayland: --output stdout works"
      : "text gets into windows that run on XWayland; --output stdout works, and --output clipboard where the "
        + "compositor shares XWayland's clipboard"
    guard let command else {
      return Finding(part: "wayland", ok: client.display != nil, message: "\(reach). \(advice)")
    }
    guard let program = await missingProgram(of: command) else {
      return Finding(part: "wayland", ok: true, message: "auto hands the text to output.command: \(command)")
    }
    return Finding(
      part: "wayland", ok: false,
      message: "\(program), which output.command calls, is not installed. \(advice)")
  }

  /// How text gets into all windows.
  private var advice: String {
    let fitting = Self.tools.filter { $0.program != "wtype" || takesVirtualKeyboards }
    let installed = fitting.filter { isInstalled($0.program) }
    let ways = installed.map { "`thoth config set output.command '\($0.line)'`" }
    guard ways.isEmpty else { return "For all windows: \(ways.joined(separator: " or "))" }
    let best = takesVirtualKeyboards ? Self.tools[0] : Self.tools[2]
    return "For all windows: `sudo apt install \(best.package)`, then "
      + "`thoth config set output.command '\(best.line)'`"
  }

  /// Whether the compositor has the protocol that wtype needs (virtual-keyboard-unstable-v1): GNOME's and KDE's have not.
  private var takesVirtualKeyboards: Bool {
    let desktops = (client.environment["XDG_CURRENT_DESKTOP"] ?? "").uppercased().split(separator: ":")
    return !desktops.contains("GNOME") && !desktops.contains("KDE")
  }

  /// The program that the command line begins with, when the shell does not find it.
  private func missingProgram(of line: String) async -> String? {
    // Anything but a plain name is the shell's business.
    guard let word = line.prefixMatch(of: /[A-Za-z0-9_.\/-]+/).map({ String($0.output) }) else { return nil }
    let environment = environment
    let run = await onThread("doctor") {
      ShellCommand.run(
        "command -v \(word)", input: [], environment: environment, within: OutputCommand.patience(),
        cancellation: WakeEvent())
    }
    return run?.end == .ended(code: 0, tookAll: true) ? nil : word
  }

  private func isInstalled(_ program: String) -> Bool {
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { access("\($0)/\(program)", X_OK) == 0 }
  }
}
