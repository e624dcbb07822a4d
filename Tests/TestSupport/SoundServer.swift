import Foundation
import Linux

/// A PulseAudio of the test's own whose default microphone hears what `play` plays: a null sink and its monitor.
/// It shares nothing with the desktop's sound server, and ends with the object.
public final class SoundServer: Sendable {
  private let folder: TemporaryFolder
  private let running: Lock<Running>
  private let configuration: ALSAConfiguration
  private let sink: [String]

  private struct Running: Sendable {
    let shell: RunningProcess
    let server: pid_t
    let warmth: RunningProcess
  }

  /// Starts it; when this returns, sound flows. The sink runs at `rate` hertz with `channels` channels.
  /// `configuration` gets PCMs called `names` that capture from it and play to it.
  public init(
    rate: Int = 48_000, channels: Int = 1, names: [String] = ["default", "pulse"],
    configuration: ALSAConfiguration = .ofThisProcess
  ) throws {
    self.configuration = configuration
    folder = try TemporaryFolder()
    sink = ["-L", "module-null-sink sink_name=room rate=\(rate) channels=\(channels)"]
    running = Lock(try Self.start(folder, Self.environment(folder), sink: sink))
    for name in names { try configuration.define(name, "type pulse\n  server \"\(address)\"") }
  }

  /// Starts it again, at the same address, after `kill`.
  public func restart() throws {
    let started = try Self.start(folder, Self.environment(folder), sink: sink)
    running.withLock { $0 = started }
  }

  /// Ends the server, as a crash would, and waits for that.
  public func kill() {
    let shell = running.withLock { running in
      _ = Foundation.kill(running.server, SIGKILL)
      return running.shell
    }
    shell.wait()
  }

  /// Stops the server's whole process, as when it hangs, or lets it go on.
  public func freeze(_ isFrozen: Bool) {
    running.withLock { _ = Foundation.kill($0.server, isFrozen ? SIGSTOP : SIGCONT) }
  }

  /// Plays a sound file into the microphone, and returns when it is over.
  public func play(_ file: String) throws {
    let player = try run("paplay", ["--device=room", file], environment: environment)
    guard player.code == 0 else { throw CocoaError(.executableLoad, userInfo: ["output": player.errors]) }
  }

  /// Runs a command of pactl.
  public func control(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
    try run("pactl", arguments, environment: environment)
  }

  /// Where it listens, as in PULSE_SERVER.
  public var address: String { "unix:\(folder.file("native"))" }

  /// This process's environment, with the server as the one to use, for its own clients and for ALSA's.
  public var environment: [String: String] {
    configuration.environment.merging(Self.variables(folder)) { _, new in new }
  }

  private static func start(
    _ folder: TemporaryFolder, _ environment: [String: String], sink: [String]
  ) throws -> Running {
    // It closes every descriptor that it inherits, and Foundation takes that for its end: so a shell stands between.
    // Idle for some seconds it ends itself: `warmth` below holds it for as long as this process lives.
    let shell = try RunningProcess(
      "/bin/sh",
      [
        "-c", "pulseaudio \"$@\" 2>&1 & trap \"kill $!\" TERM; echo \"server $!\"; wait", "sh", "-n", "-v",
        "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=10", "--log-target=stderr",
        "--high-priority=no",
        "-L", "module-native-protocol-unix auth-anonymous=1 socket=\(folder.file("native"))",
      ] + sink, environment: environment.merging(["HOME": folder.path]) { _, new in new })
    guard shell.waitForOutput("Daemon startup complete"),
      let number = shell.output.prefixMatch(of: /server (\d+)/)?.1, let server = pid_t(number)
    else { throw CocoaError(.executableLoad, userInfo: ["output": shell.output]) }
    // A sink without a stream sleeps, and takes seconds to wake up. This stream never gets a sample.
    let warmth = try RunningProcess(
      "pacat", ["--playback", "--raw", "--latency-msec=10", "--device=room"], environment: environment)
    let chosen = try run("pactl", ["set-default-source", "room.monitor"], environment: environment)
    guard chosen.code == 0 else { throw CocoaError(.executableLoad, userInfo: ["output": chosen.errors]) }
    // Sound flows when the first of it has been heard.
    let heard = try run(
      "/bin/sh", ["-c", "exec parec --raw --latency-msec=10 | head -c 1 | wc -c"], environment: environment)
    guard heard.output.hasPrefix("1") else {
      throw CocoaError(.executableLoad, userInfo: ["output": heard.errors])
    }
    return Running(shell: shell, server: server, warmth: warmth)
  }

  private static func environment(_ folder: TemporaryFolder) -> [String: String] {
    let quiet = ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "XDG_RUNTIME_DIR"]
    let clean = ProcessInfo.processInfo.environment.filter { !quiet.contains($0.key) }
    return clean.merging(variables(folder)) { _, new in new }
  }

  private static func variables(_ folder: TemporaryFolder) -> [String: String] {
    [
      "PULSE_SERVER": "unix:\(folder.file("native"))", "PULSE_COOKIE": folder.file("cookie"),
      "PULSE_RUNTIME_PATH": folder.file("runtime"),
    ]
  }
}
