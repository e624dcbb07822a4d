import Foundation

/// A Wayland compositor without a screen (sway) of the test's own, with a terminal that has the focus and records what
/// arrives. Both end with the object.
public final class WaylandCompositor: Sendable {
  private let folder: TemporaryFolder
  private let process: RunningProcess
  private let keyboard: RunningProcess
  /// The value for `WAYLAND_DISPLAY`: the path of the socket, so that no runtime folder has to be named.
  public let socket: String

  /// Whether sway, the terminal foot, and wtype are installed.
  public static var isInstalled: Bool {
    ["sway", "foot", "wtype"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
  }

  /// Starts it, and waits until the terminal takes keys.
  public init() throws {
    folder = try TemporaryFolder()
    let home = folder.path
    try FileManager.default.createDirectory(
      atPath: folder.file("run"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    for name in ["terminal.py", "target.py"] {
      try FileManager.default.copyItem(atPath: rig("targets/\(name)"), toPath: folder.file(name))
    }
    let settings = try folder.write(
      """
      output HEADLESS-1 resolution 1280x800
      # On a busy machine a release may come late.
      input * repeat_rate 0
      exec foot python3 \(home)/terminal.py \(home)/text

      """, to: "settings")
    var command = ["sway", "-c", settings]
    if geteuid() == 0 {
      // It does not run as root.
      let nobody: uid_t = 65_534
      for name in ["", "run", "settings", "terminal.py", "target.py"] {
        chown(folder.file(name), nobody, nobody)
      }
      command = ["setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"] + command
    }
    process = try RunningProcess(
      command[0], Array(command.dropFirst()),
      environment: [
        "PATH": "/usr/bin:/bin", "HOME": home, "XDG_RUNTIME_DIR": folder.file("run"), "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1", "WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1",
        "WLR_RENDERER": "pixman",
      ])
    let (text, process, run) = (folder.file("text"), process, folder.file("run"))
    let isReady = eventually(within: 60) {
      FileManager.default.fileExists(atPath: text) && Self.hasFocus(run) || !process.isRunning
    }
    guard isReady, process.isRunning, let socket = Self.socket(in: run, called: "wayland-") else {
      throw RigError("sway did not start: \(process.errors)")
    }
    self.socket = socket
    // Where the only keyboard comes with the first key, as without this one, the window may see it too late.
    keyboard = try RunningProcess(
      "wtype", ["-s", "86400000", "-k", "Shift_L"],
      environment: ["PATH": "/usr/bin", "WAYLAND_DISPLAY": socket])
    let takesKeys = try eventually(within: 120) {
      _ = try TestSupport.run("wtype", ["."], environment: ["PATH": "/usr/bin", "WAYLAND_DISPLAY": socket])
      return eventually(within: 20) { folder.read("text") == "." }
    }
    let request = FileHandle(forWritingAtPath: text + ".clear")
    request?.write(Data([1]))
    try request?.close()
    guard takesKeys, eventually(within: 60, { folder.read("text") == "" }) else {
      throw RigError("the terminal takes no keys: \(process.errors)")
    }
  }

  /// Whether the terminal has the focus, as the compositor tells.
  private static func hasFocus(_ folder: String) -> Bool {
    guard let socket = socket(in: folder, called: "sway-ipc."),
      let tree = try? TestSupport.run("swaymsg", ["-s", socket, "-r", "-t", "get_tree"]).output
    else { return false }
    // The window is the only container.
    return tree.components(separatedBy: "\"type\": \"con\"").dropFirst().contains {
      $0.contains("\"focused\": true")
    }
  }

  private static func socket(in folder: String, called prefix: String) -> String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.first { $0.hasPrefix(prefix) && !$0.hasSuffix(".lock") }.map { "\(folder)/\($0)" }
  }

  deinit {
    keyboard.end()
    process.end()
  }

  /// Waits until the terminal has got `expected`; what it has got then.
  public func text(awaiting expected: String, within seconds: Double = 60) -> String {
    _ = eventually(within: seconds) { folder.read("text") == expected }
    return folder.read("text") ?? ""
  }
}
