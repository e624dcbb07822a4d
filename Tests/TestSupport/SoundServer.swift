import Foundation

/// A PulseAudio of the test's own whose default microphone hears what `play` plays: a null sink and its monitor.
/// It shares nothing with the desktop's sound server, and ends with the object.
public final class SoundServer: Sendable {
  private let folder: TemporaryFolder
  private let server: RunningProcess
  private let warmth: RunningProcess
  private let configuration: ALSAConfiguration

  /// Starts it; when this returns, sound flows. The sink runs at `rate` hertz with `channels` channels.
  /// `configuration` gets the PCMs `default` and `pulse`.
  public init(
    rate: Int = 48_000, channels: Int = 1, configuration: ALSAConfiguration = .ofThisProcess
  ) throws {
    self.configuration = configuration
    folder = try TemporaryFolder()
    let variables = Self.variables(folder)
    let quiet = ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "XDG_RUNTIME_DIR"]
    let clean = ProcessInfo.processInfo.environment.filter { !quiet.contains($0.key) }
    let environment = clean.merging(variables) { _, new in new }
    // It says on standard error when it is ready. Idle for some seconds it ends itself: `warmth` below holds it
    // for as long as this process lives, however that ends.
    server = try RunningProcess(
      "/bin/sh",
      [
        "-c", "exec pulseaudio \"$@\" 2>&1", "sh", "-n", "-v", "--daemonize=no", "--use-pid-file=no",
        "--exit-idle-time=10", "--log-target=stderr", "--high-priority=no",
        "-L", "module-native-protocol-unix auth-anonymous=1 socket=\(folder.file("native"))",
        "-L", "module-null-sink sink_name=room rate=\(rate) channels=\(channels)",
      ], environment: environment.merging(["HOME": folder.path]) { _, new in new })
    guard server.waitForOutput("Daemon startup complete") else {
      throw CocoaError(.executableLoad, userInfo: ["output": server.output])
    }
    // A sink without a stream sleeps, and takes seconds to wake up. This stream never gets a sample.
    warmth = try RunningProcess(
      "pacat", ["--playback", "--raw", "--latency-msec=10", "--device=room"], environment: environment)
    let chosen = try run("pactl", ["set-default-source", "room.monitor"], environment: environment)
    guard chosen.code == 0 else { throw CocoaError(.executableLoad, userInfo: ["output": chosen.errors]) }
    for name in ["default", "pulse"] {
      try configuration.define(name, "type pulse\n  server \"unix:\(folder.file("native"))\"")
    }
  }

  /// Ends the server, as a crash would.
  public func kill() { server.kill(SIGKILL) }

  /// Stops the server's whole process, as when it hangs, or lets it go on.
  public func freeze(_ isFrozen: Bool) { server.kill(isFrozen ? SIGSTOP : SIGCONT) }

  /// Plays a sound file into the microphone, and returns when it is over.
  public func play(_ file: String) throws {
    let player = try run("paplay", ["--device=room", "--latency-msec=20", file], environment: environment)
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
