import Foundation

/// A PulseAudio of the test's own whose default microphone hears what `play` plays: a null sink and its monitor.
/// It shares nothing with the desktop's sound server, and ends with the object.
public final class SoundServer: Sendable {
  private let folder: TemporaryFolder
  private let shell: RunningProcess
  private let server: pid_t
  private let warmth: RunningProcess
  private let configuration: ALSAConfiguration

  /// Starts it; when this returns, sound flows. The sink runs at `rate` hertz with `channels` channels.
  /// `configuration` gets PCMs called `names` that capture from it and play to it.
  public init(
    rate: Int = 48_000, channels: Int = 1, names: [String] = ["default", "pulse"],
    configuration: ALSAConfiguration = .ofThisProcess
  ) throws {
    self.configuration = configuration
    folder = try TemporaryFolder()
    let variables = Self.variables(folder)
    let quiet = ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "XDG_RUNTIME_DIR"]
    let clean = ProcessInfo.processInfo.environment.filter { !quiet.contains($0.key) }
    let environment = clean.merging(variables) { _, new in new }
    // It closes every descriptor that it inherits, and Foundation takes that for its end: so a shell stands between.
    // Idle for some seconds it ends itself: `warmth` below holds it for as long as this process lives.
    shell = try RunningProcess(
      "/bin/sh",
      [
        "-c", "pulseaudio \"$@\" 2>&1 & trap \"kill $!\" TERM; echo \"server $!\"; wait", "sh", "-n", "-v",
        "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=10", "--log-target=stderr",
        "--high-priority=no",
        "-L", "module-native-protocol-unix auth-anonymous=1 socket=\(folder.file("native"))",
        "-L", "module-null-sink sink_name=room rate=\(rate) channels=\(channels)",
      ], environment: environment.merging(["HOME": folder.path]) { _, new in new })
    guard shell.waitForOutput("Daemon startup complete"),
      let number = shell.output.prefixMatch(of: /server (\d+)/)?.1, let server = pid_t(number)
    else { throw CocoaError(.executableLoad, userInfo: ["output": shell.output]) }
    self.server = server
    // A sink without a stream sleeps, and takes seconds to wake up. This stream never gets a sample.
    warmth = try RunningProcess(
      "pacat", ["--playback", "--raw", "--latency-msec=10", "--device=room"], environment: environment)
    let chosen = try run("pactl", ["set-default-source", "room.monitor"], environment: environment)
    guard chosen.code == 0 else { throw CocoaError(.executableLoad, userInfo: ["output": chosen.errors]) }
    // Sound flows when the first of it has been heard.
    let heard = try run(
      "/bin/sh", ["-c", "exec parec --raw --latency-msec=10 | head -c 1 | wc -c"], environment: environment)
    guard heard.output.hasPrefix("1") else {
      throw CocoaError(.executableLoad, userInfo: ["output": heard.errors])
    }
    for name in names {
      try configuration.define(name, "type pulse\n  server \"unix:\(folder.file("native"))\"")
    }
  }

  /// Ends the server, as a crash would.
  public func kill() { _ = Foundation.kill(server, SIGKILL) }

  /// Stops the server's whole process, as when it hangs, or lets it go on.
  public func freeze(_ isFrozen: Bool) { _ = Foundation.kill(server, isFrozen ? SIGSTOP : SIGCONT) }

  /// Plays a sound file into the microphone, and returns when it is over.
  public func play(_ file: String) throws {
    let player = try run("paplay", ["--device=room", file], environment: environment)
    guard player.code == 0 else { throw CocoaError(.executableLoad, userInfo: ["output": player.errors]) }
  }

  /// This process's environment, with the server as the one to use, for its own clients and for ALSA's.
  public var environment: [String: String] {
    configuration.environment.merging(Self.variables(folder)) { _, new in new }
  }

  private static func variables(_ folder: TemporaryFolder) -> [String: String] {
    [
      "PULSE_SERVER": "unix:\(folder.file("native"))", "PULSE_COOKIE": folder.file("cookie"),
      "PULSE_RUNTIME_PATH": folder.file("runtime"),
    ]
  }
}
