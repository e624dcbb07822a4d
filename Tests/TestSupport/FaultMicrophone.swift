import Foundation
import Linux
import Synchronization

/// A microphone that plays a file or a counter in real time, and fails when told to: the ALSA plugin of
/// Tests/Rigs/faultpcm, which explains the settings.
public final class FaultMicrophone: Sendable {
  /// What the microphone is and does.
  public struct Settings: Sendable {
    /// A 16-bit WAV file; without it sample n of channel c is n + 1000 c, cut to 16 bits.
    public var file: String?
    /// The rates it offers, in hertz.
    public var rates = [16_000]
    /// Samples in one frame.
    public var channels = 1
    /// The sample formats it offers, by ALSA's names.
    public var formats = ["S16_LE"]
    /// Frames by which its position moves at once.
    public var burst = 16
    /// Seconds of sound in a second.
    public var speed = 1.0
    /// How much faster its clock is than its rate, in millionths.
    public var driftPPM = 0
    /// Whether it waits for a late reader: for exact comparisons on a busy machine.
    public var isPatient = false
    /// The error number that opening it gives.
    public var openErrno: Int32 = 0
    /// How long opening it takes, in milliseconds.
    public var openDelayMilliseconds = 0
    /// Faults by the time of the sound: "500 xrun; 1500 unplug".
    public var faults = ""

    /// A patient-less, faultless 16 kHz mono microphone; `change` makes it another one.
    public init(_ change: (inout Settings) -> Void = { _ in }) { change(&self) }
  }

  /// Its ALSA name.
  public let name: String
  private let control: Int32
  private let controlPath: String
  private let configuration: ALSAConfiguration
  private static let count = Atomic(0)

  /// Defines a microphone in `configuration`, under `name` or a name of its own.
  public init(
    _ settings: Settings = Settings(), named name: String? = nil,
    in configuration: ALSAConfiguration = .ofThisProcess
  ) throws {
    let number = Self.count.add(1, ordering: .relaxed).newValue
    self.name = name ?? "fault\(number)"
    let pipe = configuration.file("fault\(number).control")
    (controlPath, self.configuration) = (pipe, configuration)
    guard mkfifo(pipe, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
    control = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    try configuration.add("pcm_type.!fault { lib \"\(Self.library.get())\" }")
    try configuration.define(self.name, Self.body(settings, control: pipe))
  }

  deinit { close(control) }

  /// Lets `fault` ("xrun", "unplug", "stall:500" …) happen now.
  public func happen(_ fault: String) { _ = fault.withCString { write(control, $0, strlen($0)) } }

  /// Makes it another one: whoever opens it from now on finds that, and who has it open keeps what it was.
  public func become(_ settings: Settings) throws {
    try configuration.define(name, Self.body(settings, control: controlPath))
  }

  private static func body(_ settings: Settings, control: String) -> String {
    var lines = [
      "type fault",
      "rates \"\(settings.rates.map(String.init).joined(separator: " "))\"",
      "channels \(settings.channels)",
      "formats \"\(settings.formats.joined(separator: " "))\"",
      "burst \(settings.burst)",
      "speed \(settings.speed)",
      "drift_ppm \(settings.driftPPM)",
      "patient \(settings.isPatient ? 1 : 0)",
      "open_errno \(settings.openErrno)",
      "open_delay_ms \(settings.openDelayMilliseconds)",
      "faults \"\(settings.faults)\"",
      "control \"\(control)\"",
    ]
    if let file = settings.file { lines.append("file \"\(file)\"") }
    return lines.joined(separator: "\n  ")
  }

  /// The compiled plugin: built once, and again when a source is newer.
  private static let library = Result<String, any Error> {
    try compiledRig("faultpcm", into: "libasound_module_pcm_fault.so", ["-shared", "-fPIC", "-lasound"])
  }
}
