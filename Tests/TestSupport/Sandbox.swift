public import Foundation

/// A user of thoth with folders of their own: the built programs run in it as they would for anybody, and share
/// nothing with the person who runs the tests. Its daemon ends with the object.
public final class Sandbox: Sendable {
  private let folder: TemporaryFolder
  private let extra: [String: String]

  /// A fresh user. `environment` is added to theirs: a sound server's, a display's. `hasEngine`: whether the
  /// embedded engine, which THOTH_TEST_ENGINE names, is installed for them.
  public init(_ environment: [String: String] = [:], hasEngine: Bool = false) throws {
    folder = try TemporaryFolder()
    extra = environment
    for name in ["run", "home", "data/thoth"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    guard hasEngine else { return }
    guard let engine = ProcessInfo.processInfo.environment["THOTH_TEST_ENGINE"] else {
      throw RigError("THOTH_TEST_ENGINE does not name an installed engine: scripts/test sets it")
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("data/thoth/engine"), withDestinationPath: engine)
  }

  deinit {
    _ = try? run(Self.program("thoth"), ["daemon", "--stop"], environment: environment)
    if let daemon { _ = Foundation.kill(daemon, SIGKILL) }
    // What a daemon said at its worst moment is not to be removed with its folder.
    for word in ["Sanitizer", "Fatal error", "Precondition failed"] where log.contains(word) {
      fatalError(log)
    }
  }

  /// The variables of this user.
  public var environment: [String: String] {
    var variables = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("THOTH_")
        && !["DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"].contains(
          $0.key)
    }
    variables.merge(extra) { _, new in new }
    variables["THOTH_ENGINE_APP"] = rig("../../scripts/engine")
    // A resolver that does not answer would take as long as a connection may.
    variables["RES_OPTIONS"] = "timeout:1 attempts:1"
    variables["HOME"] = folder.file("home")
    variables["XDG_RUNTIME_DIR"] = folder.file("run")
    variables["XDG_DATA_HOME"] = folder.file("data")
    variables["XDG_STATE_HOME"] = folder.file("state")
    variables["XDG_CONFIG_HOME"] = folder.file("config")
    return variables
  }

  /// Runs `thoth` to its end.
  @discardableResult
  public func thoth(
    _ arguments: String..., with variables: [String: String] = [:]
  ) throws -> (code: Int32, output: String, errors: String) {
    try run(Self.program("thoth"), arguments, environment: environment.merging(variables) { _, new in new })
  }

  /// Starts `thoth events`; all that happens after this returns is in its output.
  public func follow(_ options: String...) throws -> RunningProcess {
    let events = try RunningProcess(
      Self.program("thoth"), ["events"] + options, environment: environment)
    guard events.waitForOutput("\"type\":\"state\"") else {
      throw RigError("nothing can be followed: \(events.errors)")
    }
    return events
  }

  /// Starts `thoth`, and leaves it running.
  public func start(_ arguments: String..., with variables: [String: String] = [:]) throws -> RunningProcess {
    try RunningProcess(
      Self.program("thoth"), arguments, environment: environment.merging(variables) { _, new in new })
  }

  /// The daemon's process id; nil when none runs.
  public var daemon: Int32? {
    guard let id = folder.read("run/thoth/daemon.lock").flatMap({ Int32($0.dropLast()) }) else { return nil }
    return Foundation.kill(id, 0) == 0 ? id : nil
  }

  /// Waits until the recording of `job`, which runs, holds `seconds` of sound.
  public func waitForAudio(of job: String, seconds: Double) -> Bool {
    eventually { self.spooled(job)?.count ?? 0 > 44 + Int(seconds * 32_000) }
  }

  /// Waits until what runs holds `seconds` of sound; the job's id.
  public func runningJob(holding seconds: Double) -> String? {
    let folder = file("state/thoth/spool")
    var job: String?
    _ = eventually {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      job = names.filter { $0.hasSuffix(".wav") }.max().map { String($0.dropLast(4)) }
      return job.flatMap(spooled)?.count ?? 0 > 44 + Int(seconds * 32_000)
    }
    return job
  }

  /// The audio of `job` as the bytes of a WAV file: from the spool, or from the library when it has got there.
  public func audio(of job: String) -> Data? {
    if let data = spooled(job) { return data }
    let path = folder.file("\(job).wav")
    guard (try? thoth("history", "export", job, "-o", path, "--force").code) == 0 else { return nil }
    return FileManager.default.contents(atPath: path)
  }

  /// The names of what is in the spool.
  public var spooled: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: file("state/thoth/spool"))) ?? []
  }

  private func spooled(_ job: String) -> Data? {
    FileManager.default.contents(atPath: file("state/thoth/spool/\(job).wav"))
  }

  /// What the daemon has logged.
  public var log: String { folder.read("state/thoth/thothd.log") ?? "" }

  /// The path of `name` below the user's folders: `config/…`, `run/…`, `home/…`.
  public func file(_ name: String) -> String { folder.file(name) }

  /// Writes the settings file.
  public func writeSettings(_ text: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("config/thoth"), withIntermediateDirectories: true)
    try folder.write(text, to: "config/thoth/config.toml")
  }

  /// The path of a program that was built with the tests.
  public static func program(_ name: String) -> String {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent(name).path
  }
}
