import Foundation
import Linux

/// A PipeWire of the test's own, with its session manager and its PulseAudio face, on a session bus of its own. A
/// sink called `room` plays noise that comes and goes, and its monitor is the default source.
public final class PipeWire: Sendable {
  private let folder: TemporaryFolder
  private let shell: RunningProcess
  private let configuration: ALSAConfiguration

  /// Why there can be none here; nil: there can.
  public static let reasonForNone: String? = {
    for program in ["pipewire", "wireplumber", "pipewire-pulse", "dbus-run-session", "paplay"] {
      let found = try? run("which", [program])
      if found?.code != 0 { return "\(program) is not installed" }
    }
    return nil
  }()

  /// Starts it; when this returns, sound flows. `configuration` gets a PCM called `name` that captures from it.
  public init(name: String, configuration: ALSAConfiguration = .ofThisProcess) throws {
    self.configuration = configuration
    folder = try TemporaryFolder()
    var generator = SystemRandomNumberGenerator()
    // Steady noise would be taken for silence. Every half second it is loud, or faint and yet never zero.
    let noise = (0..<480_000).map { index in
      Int16.random(in: 1...(index / 24_000 % 2 == 0 ? 8_000 : 80), using: &generator)
    }
    try WaveFile.write(noise, rate: 48_000, to: folder.file("noise.wav"))
    try folder.write(Self.script, to: "rig.sh")
    shell = try RunningProcess(
      "dbus-run-session", ["--", "/bin/sh", folder.file("rig.sh"), folder.path],
      environment: Self.variables(folder, ProcessInfo.processInfo.environment))
    try configuration.define(name, "type pulse\n  server \"\(address)\"")
    try start()
  }

  deinit {
    shell.closeInput()
    shell.wait(within: 30)
  }

  /// Starts what is not running.
  public func start() throws {
    try tell("start", awaiting: "started")
    // Sound flows when the first of it has been heard.
    let heard = try run(
      "/bin/sh", ["-c", "exec timeout 20 parec --raw --latency-msec=10 | head -c 1 | wc -c"],
      environment: environment)
    guard heard.output.hasPrefix("1") else {
      let log = FileManager.default.contents(atPath: folder.file("log")) ?? Data()
      throw RigError(
        "no sound comes from PipeWire: \(heard.errors) \(shell.output) \(String(decoding: log, as: UTF8.self))"
      )
    }
  }

  /// Ends all of it, as a crash would.
  public func kill() throws { try tell("kill", awaiting: "killed") }

  /// Ends the session manager, as a crash would. What it has linked is linked no more.
  public func killSessionManager() throws { try tell("kill-manager", awaiting: "manager killed") }

  /// Where its PulseAudio face listens, as in PULSE_SERVER.
  public var address: String { "unix:\(folder.file("pulse/native"))" }

  /// This process's environment, with it as the sound server to use.
  public var environment: [String: String] {
    configuration.environment.merging(["PULSE_SERVER": address]) { _, new in new }
  }

  private func tell(_ command: String, awaiting answer: String) throws {
    let before = shell.output.split(separator: "\n").filter { $0 == answer }.count
    shell.send(command + "\n")
    let isDone = eventually(within: 120) {
      shell.output.split(separator: "\n").filter { $0 == answer }.count > before
    }
    if !isDone { throw RigError("PipeWire does not \(command): \(shell.output) \(shell.errors)") }
  }

  private static func variables(
    _ folder: TemporaryFolder, _ environment: [String: String]
  ) -> [String: String] {
    let quiet = ["DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER", "PIPEWIRE_REMOTE"]
    return environment.filter { !quiet.contains($0.key) }.merging([
      "XDG_RUNTIME_DIR": folder.path, "HOME": folder.path, "XDG_CONFIG_HOME": folder.file("config"),
      "XDG_STATE_HOME": folder.file("state"),
    ]) { _, new in new }
  }

  /// Takes commands on standard input; its end is the end of all.
  private static let script = """
    cd "$1"
    await() { timeout 10 sh -c 'until timeout 5 "$@" >/dev/null 2>&1; do sleep 0.02; done' await "$@" || { echo "no $*"; false; }; }
    begin() {
      "$@" >>log 2>&1 </dev/null &
    }
    down() {
      kill -9 $core $manager $pulse; wait $core $manager $pulse
      rm -f pipewire-0 pulse/native; core= manager= pulse=
    }
    up() {
      if [ -z "$core" ]; then
        begin pipewire; core=$!
        await test -S pipewire-0
      fi
      if [ -z "$manager" ]; then
        begin wireplumber; manager=$!
        # Version 0.3.65 of the PulseAudio face answers nobody any more after its session manager went.
        if [ -n "$pulse" ]; then kill -9 "$pulse"; wait "$pulse"; rm -f pulse/native; pulse=; fi
      fi
      if [ -z "$pulse" ]; then begin pipewire-pulse; pulse=$!; fi
      await pactl info || return
      # It goes with the PulseAudio face. One of PipeWire's own does not come to life again under a new manager.
      timeout 5 pactl list short sinks | grep -q room ||
        timeout 5 pactl load-module module-null-sink sink_name=room rate=48000 channels=1 >>log
      await sh -c 'pactl info | grep -q "Default Source: room.monitor"'
    }
    while read -r command; do
      case $command in
      start)
        # It would connect before there is anything to be linked to, and stay alone.
        if [ -n "$player" ]; then kill "$player"; wait "$player"; fi 2>>log
        # On a busy machine its parts miss each other now and then.
        for attempt in 1 2 3; do up && break; down; done
        begin sh -c 'trap "kill \\$!; exit" TERM; while :; do paplay --device=room noise.wav & wait $!; sleep 0.02; done'
        player=$!
        echo started ;;
      kill-manager) kill -9 "$manager"; wait "$manager"; manager=; echo manager killed ;;
      kill) down; echo killed ;;
      esac
    done
    kill "$player" "$core" "$manager" "$pulse" 2>>log
    """
}
