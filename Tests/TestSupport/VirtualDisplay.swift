import Foundation

/// What a test could not set up, with the way to mend it.
public struct RigError: Error, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A window manager that a test may choose.
public enum WindowManager: String, Sendable, CaseIterable {
  /// Stacks windows; it gives the keyboard back as soon as it has seen its hotkey.
  case openbox
  /// Tiles windows; it keeps the keyboard until its hotkey is released.
  case i3

  /// The arguments with which it runs the script `KEY.hotkey` of `folder` when Super and KEY, one of `keys`, go down.
  fileprivate func configuration(hotkeys keys: [String], in folder: TemporaryFolder) throws -> [String] {
    if keys.isEmpty, self == .openbox { return [] }
    let commands = keys.map { (key: $0, command: "/bin/sh \(folder.file("\($0).hotkey"))") }
    switch self {
    case .openbox:
      let bindings = commands.map {
        "<keybind key=\"W-\($0.key)\"><action name=\"Execute\"><command>\($0.command)</command></action></keybind>"
      }
      let keyboard = "<keyboard>\(bindings.joined())</keyboard>"
      let text = "<openbox_config xmlns=\"http://openbox.org/3.4/rc\">\(keyboard)</openbox_config>"
      return ["--config-file", try folder.write(text, to: "openbox.xml")]
    case .i3:
      let bindings = commands.map { "bindsym Mod4+\($0.key) exec --no-startup-id \($0.command)" }
      let text =
        (["# i3 config file (v4)", "font pango:monospace 8"] + bindings).joined(separator: "\n") + "\n"
      return ["-c", try folder.write(text, to: "i3.config")]
    }
  }
}

/// An X server without a screen (Xvfb) of the test's own, with a window manager. Both end with the object.
public final class VirtualDisplay: Sendable {
  /// The value for `DISPLAY`.
  public let name: String
  /// A folder for the files of the applications.
  public let folder: TemporaryFolder
  private let server: RunningProcess
  private let windowManager: RunningProcess

  /// Starts a display with the keyboard layout `layout` (setxkbmap's notation), and a window manager. With `needsCookie`
  /// the server lets in only who has what is in the authority file. Super with one of `hotkeys` runs what `onHotkey`
  /// says.
  public init(
    layout: String = "us", needsCookie: Bool = false, windowManager manager: WindowManager = .openbox,
    hotkeys: [String] = []
  ) throws {
    folder = try TemporaryFolder()
    if needsCookie { try Self.writeCookie(to: folder.file("authority")) }
    let program = try Self.installed("Xvfb", package: "xvfb")
    server = try RunningProcess(
      program,
      ["-displayfd", "1", "-screen", "0", "1280x900x24", "-noreset", "-nolisten", "tcp"]
        + (needsCookie ? ["-auth", folder.file("authority")] : ["-ac"]))
    guard server.waitForOutput("\n") else { throw RigError("Xvfb did not start: \(server.errors)") }
    name = ":" + server.output.trimmingCharacters(in: .whitespacesAndNewlines)
    windowManager = try RunningProcess(
      try Self.installed(manager.rawValue, package: manager == .i3 ? "i3-wm" : manager.rawValue),
      try manager.configuration(hotkeys: hotkeys, in: folder),
      environment: Self.environment(name, folder.path))
    try setLayout(layout)
    let isManaged = try eventually {
      try tool("xprop", ["-root", "_NET_SUPPORTING_WM_CHECK"], package: "x11-utils").contains("window id")
    }
    guard isManaged else { throw RigError("\(manager) did not start: \(windowManager.errors)") }
  }

  deinit {
    windowManager.end()
    killServer()
  }

  /// The environment of programs on this display: no session bus, no input method, a home of its own.
  public var environment: [String: String] { Self.environment(name, folder.path) }

  /// The value for `XAUTHORITY`.
  public var authorityFile: String { folder.file("authority") }

  /// Has Super and `key`, one of the display's hotkeys, run `script` for sh(1).
  public func onHotkey(_ key: String, run script: String) throws {
    try folder.write(script, to: "\(key).hotkey")
  }

  /// Holds a key down as a finger does; a line on its standard input releases it, and it says so.
  public func hold(_ key: String) throws -> RunningProcess {
    let finger = try RunningProcess("/usr/bin/python3", [rig("hold_key.py"), key], environment: environment)
    guard finger.waitForOutput("held") else { throw RigError("\(key) cannot be held: \(finger.errors)") }
    return finger
  }

  /// Freezes the server (SIGSTOP), or lets it go on (SIGCONT).
  public func sendServer(_ signal: Int32) { server.kill(signal) }

  /// Ends the server, as a crash does.
  public func killServer() {
    server.kill(SIGKILL)
    server.wait()
  }

  /// Sets the keyboard layout.
  public func setLayout(_ layout: String) throws {
    try tool("setxkbmap", ["-layout", layout, "-option", ""], package: "x11-xkb-utils")
  }

  /// Runs a program on this display to its end; its output. Throws when it fails.
  @discardableResult
  public func tool(
    _ program: String, _ arguments: [String], package: String, input: String? = nil
  ) throws -> String {
    let path = try Self.installed(program, package: package)
    let result = try run(path, arguments, environment: environment, input: input)
    guard result.code == 0 else {
      throw RigError("\(program) \(arguments.joined(separator: " ")) failed: \(result.errors)")
    }
    return result.output
  }

  /// Starts `application` and waits until its window, the only one called `title`, has the focus.
  public func start(_ application: TargetApplication, title: String = "target") throws -> TargetWindow {
    try TargetWindow(application, title: title, on: self)
  }

  /// The path of `program`, which Debian's `package` installs.
  static func installed(_ program: String, package: String) throws -> String {
    for folder in ["/usr/local/bin", "/usr/bin", "/bin"] {
      let path = "\(folder)/\(program)"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw RigError("\(program) is not installed; run: apt-get install \(package)")
  }

  /// An authority file with one cookie for every display, in xauth's numeric form: family, address, number,
  /// name, data, each with its length.
  private static func writeCookie(to path: String) throws {
    let name = "MIT-MAGIC-COOKIE-1".utf8.map { String($0, radix: 16) }.joined()
    let cookie = String(repeating: "0123456789abcdef", count: 2)
    let result = try run(
      try installed("xauth", package: "xauth"), ["-f", path, "nmerge", "-"],
      input: "ffff 0000  0000  0012 \(name) 0010 \(cookie)\n")
    guard result.code == 0, FileManager.default.fileExists(atPath: path) else {
      throw RigError("xauth failed: \(result.errors)")
    }
  }

  private static func environment(_ display: String, _ home: String) -> [String: String] {
    [
      "DISPLAY": display, "HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CONFIG_HOME": home + "/config",
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "XAUTHORITY": home + "/authority",
      "NO_AT_BRIDGE": "1", "GTK_A11Y": "none",
      "GDK_BACKEND": "x11", "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1",
      "PYTHONDONTWRITEBYTECODE": "1",
    ]
  }
}
