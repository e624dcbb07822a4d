internal import CPulse

/// A source of the sound server: something it can record from.
public struct SoundSource: Sendable, Hashable {
  /// What the server is doing with it.
  public enum State: String, Sendable {
    /// Somebody records.
    case running
    /// Open, and nobody records.
    case idle
    /// Closed until somebody records, or switched off.
    case suspended
    /// The server does not say.
    case unknown
  }

  /// The server's name of it; `pulse:NAME` is the ALSA PCM.
  public let name: String
  /// What it is, for people.
  public let description: String
  /// Whether it hears what is played, and is no microphone.
  public let isMonitor: Bool
  /// Whether it is recorded from when none is named.
  public let isDefault: Bool
  /// Whether it is a Bluetooth headset, which plays in call quality only while its microphone is open.
  public let isBluetooth: Bool
  /// Whether it is muted: it gives digital silence.
  public let isMuted: Bool
  /// Whether nothing is plugged into its socket.
  public let isUnplugged: Bool
  /// What the server is doing with it.
  public let state: State

  init?(_ info: pa_source_info, library: pulse_library, default: String?) {
    guard let name = info.name.map({ String(cString: $0) }) else { return nil }
    self.name = name
    description = info.description.map { String(cString: $0) } ?? name
    isMonitor = info.monitor_of_sink != UInt32.max  // PA_INVALID_INDEX, a macro with a cast
    isDefault = name == `default`
    let property = { (key: String) in
      info.proplist.flatMap { library.proplist_gets($0, key) }.map { String(cString: $0) } ?? ""
    }
    isBluetooth = property("device.bus") == "bluetooth" || property("device.api").hasPrefix("bluez")
    isMuted = info.mute != 0
    isUnplugged = info.active_port?.pointee.available == Int32(PA_PORT_AVAILABLE_NO.rawValue)
    state =
      switch info.state {
      case PA_SOURCE_RUNNING: .running
      case PA_SOURCE_IDLE: .idle
      case PA_SOURCE_SUSPENDED: .suspended
      default: .unknown
      }
  }
}

/// Why the sound server told nothing.
public enum SoundServerFailure: Error, Sendable, Hashable {
  /// libpulse is not installed.
  case notInstalled
  /// No server runs, or it refuses us.
  case notRunning
  /// It did not answer in time.
  case hangs
}
