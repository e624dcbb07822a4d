import Foundation

/// What a test could not set up, with the way to mend it.
public struct RigError: Error, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// An X server without a screen (Xvfb) of the test's own, with a window manager. Both end with the object.
public final class VirtualDisplay {
  /// The value for `DISPLAY`.
  public let name: String
  /// A folder for the files of the applications.
  public let folder: TemporaryFolder
  private let server: RunningProcess
  private let windowManager: RunningProcess

  /// Starts a display with the keyboard layout `layout` (setxkbmap's notation), and openbox.
  public init(layout: String = "us") throws {
    folder = try TemporaryFolder()
    let program = try Self.installed("Xvfb", package: "xvfb")
    server = try RunningProcess(
      program, ["-displayfd", "1", "-screen", "0", "1280x900x24", "-ac", "-noreset", "-nolisten", "tcp"])
    guard server.waitForOutput("\n") else { throw RigError("Xvfb did not start: \(server.errors)") }
    name = ":" + server.output.trimmingCharacters(in: .whitespacesAndNewlines)
    windowManager = try RunningProcess(
      try Self.installed("openbox", package: "openbox"), environment: Self.environment(name, folder.path))
    try setLayout(layout)
    let watcher = try RunningProcess(
      try Self.installed("xprop", package: "x11-utils"),
      ["-root", "-spy", "_NET_SUPPORTING_WM_CHECK"], environment: environment)
    defer { watcher.kill() }
    guard watcher.waitForOutput("window id") else { throw RigError("openbox did not start: \(windowManager.errors)") }
  }

  deinit {
    windowManager.kill()
    windowManager.wait()
    killServer()
  }

  /// The environment of programs on this display: no session bus, no input method, a home of its own.
  public var environment: [String: String] { Self.environment(name, folder.path) }

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

  /// Starts `application` and waits until its window has the focus.
  public func start(_ application: TargetApplication) throws -> TargetWindow {
    try TargetWindow(application, on: self)
  }

  /// The path of `program`, which Debian's `package` installs.
  static func installed(_ program: String, package: String) throws -> String {
    for folder in ["/usr/local/bin", "/usr/bin", "/bin"] {
      let path = "\(folder)/\(program)"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw RigError("\(program) is not installed; run: apt-get install \(package)")
  }

  private static func environment(_ display: String, _ home: String) -> [String: String] {
    [
      "DISPLAY": display, "HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CONFIG_HOME": home + "/config",
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "NO_AT_BRIDGE": "1", "GTK_A11Y": "none",
      "GDK_BACKEND": "x11", "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1", "PYTHONDONTWRITEBYTECODE": "1",
    ]
  }
}
