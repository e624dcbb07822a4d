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

  fileprivate func command(_ file: String, _ title: String) throws -> (program: String, arguments: [String]) {
    let python = try VirtualDisplay.installed("python3", package: "python3")
    guard self == .xterm else {
      return (python, [rig("targets/\(rawValue).py"), file, title])
    }
    let xterm = try VirtualDisplay.installed("xterm", package: "xterm")
    return (xterm, ["-u8", "-T", title, "-e", python, rig("targets/terminal.py"), file])
  }
}

/// A window of a target application that has the focus. The application ends with the object.
public final class TargetWindow: Sendable {
  /// The display that it is on.
  public let display: VirtualDisplay
  private let process: RunningProcess
  private let file: String
  /// The X id of the application's window.
  public let id: String

  fileprivate static func missing(_ application: TargetApplication, _ errors: String) -> RigError {
    RigError(
      "\(application) did not start; run: apt-get install python3-gi gir1.2-gtk-3.0 python3-pyqt5 xterm xdotool. "
        + errors)
  }

  init(_ application: TargetApplication, title: String, on display: VirtualDisplay) throws {
    self.display = display
    file = display.folder.file("\(application)-\(UUID().uuidString)")
    let (program, arguments) = try application.command(file, title)
    process = try RunningProcess(program, arguments, environment: display.environment)
    let (file, process) = (file, process)
    guard eventually(within: 60, { FileManager.default.fileExists(atPath: file) || !process.isRunning }),
      process.isRunning
    else { throw Self.missing(application, process.errors) }
    id =
      try display.tool(
        "xdotool", ["search", "--sync", "--onlyvisible", "--name", "^\(title)$"], package: "xdotool"
      ).split(separator: "\n").last.map { String($0) } ?? ""
    try focus()
  }

  deinit { process.end() }

  /// Sends the application a signal: SIGSTOP freezes it, SIGCONT lets it go on.
  public func send(_ signal: Int32) { process.kill(signal) }

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
    // FileManager's way to read a file leaks memory when the file is empty.
    let data = FileHandle(forReadingAtPath: file)?.readDataToEndOfFile()
    return String(decoding: data ?? Data(), as: UTF8.self)
  }

  /// The size of that text as UTF-8; cheaper to ask for.
  public var byteCount: Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    return attributes?[.size] as? Int ?? 0
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
