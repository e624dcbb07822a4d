import AudioCapture
import DictationTypes
import Linux
import SoundServer

/// What `record --device` can name.
public struct InputDevice: Sendable, Encodable {
  /// The ALSA PCM name; `pulse:NAME` for a source of the sound server.
  public let name: String
  /// What it is, for people.
  public let description: String
  /// Whether it is used when none is named; of the sound server's sources the one that it takes then.
  public let isDefault: Bool
  /// Whether it hears what is played, and is no microphone.
  public var isMonitor = false
  /// Whether it is a Bluetooth headset.
  public var isBluetooth = false
  /// Whether it is muted.
  public var isMuted = false
  /// Whether nothing is plugged into its socket.
  public var isUnplugged = false
  /// `running`, `idle`, `suspended` or `unknown`; nil for what is no source of the sound server.
  public var state: String?

  /// What people should know about it.
  public var notes: [String] {
    var notes: [String] = []
    if isDefault, state != nil { notes.append("default source") }
    if isMonitor { notes.append("monitor: hears what is played") }
    if isBluetooth { notes.append("Bluetooth: plays in call quality while it is open") }
    if isMuted { notes.append("muted") }
    if isUnplugged { notes.append("nothing is plugged in") }
    return notes
  }
}

/// What can be recorded from: ALSA's names, each opened for a moment, the default one first; then the sound server's
/// sources.
public func inputDevices() async -> [InputDevice] {
  await withCheckedContinuation { continuation in
    WorkerThread(name: "devices") {
      let sources = (try? soundSources()) ?? []
      let devices = CaptureDevice.list().map {
        InputDevice(name: $0.name, description: $0.description, isDefault: $0.isDefault)
      }
      continuation.resume(returning: devices + sources.map(InputDevice.init))
    }.detach()
  }
}

extension InputDevice {
  fileprivate init(_ source: SoundSource) {
    name = "pulse:\(source.name)"
    description = source.description
    isDefault = source.isDefault
    (isMonitor, isMuted, isUnplugged) = (source.isMonitor, source.isMuted, source.isUnplugged)
    // A headset's monitor costs it nothing.
    isBluetooth = source.isBluetooth && !source.isMonitor
    state = source.state.rawValue
  }
}

/// Opens the microphone called `device` until its first frame, and asks the sound server about it.
func examineMicrophone(_ device: String) -> [Finding] {
  let heard = hear(device)
  return [judged(heard[0], device)] + heard.dropFirst()
}

/// What was found, with what the sound server knows against it.
private func judged(_ found: Finding, _ device: String) -> Finding {
  guard found.ok, let source = source(of: device) else { return found }
  if source.isMuted {
    return Finding(
      part: "microphone", ok: false,
      message: "\(source.description) is muted: `pactl set-source-mute \(source.name) 0` unmutes it")
  }
  guard source.isBluetooth, !source.isMonitor else { return found }
  return Finding(
    part: "microphone", ok: true,
    message: found.message
      + ". \(source.description) is a Bluetooth headset, which plays in call quality while it "
      + "records: `thoth devices` lists others, `thoth config set audio.device NAME` chooses one")
}

/// The sound server's source behind `device`, as far as the name tells.
private func source(of device: String) -> SoundSource? {
  guard let sources = try? soundSources() else { return nil }
  if device.hasPrefix("pulse:") { return sources.first { "pulse:\($0.name)" == device } }
  return ["default", "pulse", "pipewire"].contains(device) ? sources.first(where: \.isDefault) : nil
}

private func hear(_ device: String) -> [Finding] {
  let session = CaptureSession(device: device)
  defer { session.close() }
  let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 16_384)
  defer { buffer.deallocate() }
  while true {
    switch session.next(into: buffer) {
    case .opened: continue
    case .frames:
      let milliseconds = ((session.firstFrameTime ?? session.openTime) - session.openTime) / 1_000_000
      let name = "\(session.deviceName), first sound after \(milliseconds) ms"
      return [Finding(part: "microphone", ok: true, message: name)]
        + (session.realTime.map { [Finding(part: "real time", ok: true, message: $0.summary)] } ?? [])
    case .ended(let end):
      return [Finding(part: "microphone", ok: false, message: end.error?.message ?? "it ended at once")]
    }
  }
}
