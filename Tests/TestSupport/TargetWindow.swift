import Foundation

/// A real application that a test writes into.
public enum TargetApplication: String, Sendable, CaseIterable {
  /// A GTK 3 text view.
  case gtk3
  /// A Qt 5 plain text editor.
  case qt5
  /// xterm with a program in it that records what arrives.
  case xterm
  /// A text area in Chromium.
  case chromium

  /// Whether it is installed. Only Chromium may be missing: it is large.
  public var isInstalled: Bool {
    self != .chromium || FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")
  }

  fileprivate func command(_ file: String) throws -> (program: String, arguments: [String]) {
    let python = try VirtualDisplay.installed("python3", package: "python3")
    let targets = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Rigs/targets").path
    switch self {
    case .gtk3, .qt5: return (python, ["\(targets)/\(rawValue).py", file])
    case .chromium: return (python, ["\(targets)/chromium.py", file])
    case .xterm:
      let xterm = try VirtualDisplay.installed("xterm", package: "xterm")
      return (xterm, ["-u8", "-T", "target", "-e", python, "\(targets)/terminal.py", file])
    }
  }
}

/// A window of a target application that has the focus. The application ends with the object.
public final class TargetWindow {
  private let display: VirtualDisplay
  private let process: RunningProcess
  private let file: String
  /// The X id of the application's window.
  public let id: String

  fileprivate static func missing(_ application: TargetApplication, _ errors: String) -> RigError {
    RigError(
      "\(application) did not start; run: apt-get install python3-gi gir1.2-gtk-3.0 python3-pyqt5 xterm xdotool. "
        + errors)
  }

  init(_ application: TargetApplication, on display: VirtualDisplay) throws {
    self.display = display
    file = display.folder.file("\(application)-\(UUID().uuidString)")
    let (program, arguments) = try application.command(file)
    process = try RunningProcess(program, arguments, environment: display.environment)
    let (file, process) = (file, process)
    guard eventually(within: 60, { FileManager.default.fileExists(atPath: file) || !process.isRunning }),
      process.isRunning
    else { throw Self.missing(application, process.errors) }
    id = try display.tool(
      "xdotool", ["search", "--sync", "--onlyvisible", "--name", "^target$"], package: "xdotool"
    ).split(separator: "\n").last.map { String($0) } ?? ""
    try focus()
  }

  deinit {
    process.kill()
    process.wait()
  }

  /// Gives the window the focus.
  public func focus() throws {
    try display.tool("xdotool", ["windowactivate", "--sync", id], package: "xdotool")
    let isFocused = try eventually {
      try display.tool("xdotool", ["getwindowfocus"], package: "xdotool") == "\(id)\n"
    }
    guard isFocused else { throw RigError("the window \(id) did not get the focus") }
  }

  /// The text that the application holds.
  public var text: String {
    String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
  }

  /// Waits until the application holds `expected`; what it holds then. Compares code points, not graphemes.
  public func text(awaiting expected: String, within seconds: Double = 10) -> String {
    _ = eventually(within: seconds) { text.unicodeScalars.elementsEqual(expected.unicodeScalars) }
    return text
  }

  /// Empties the application, and waits until it is.
  public func clear() throws {
    guard let request = FileHandle(forWritingAtPath: file + ".clear") else {
      throw RigError("the target takes no requests")
    }
    request.write(Data([1]))
    try request.close()
    guard eventually({ text.isEmpty }) else { throw RigError("the target did not empty itself") }
  }
}
