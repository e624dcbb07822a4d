import CommandLine
import DictationTypes
import Pipeline

extension Commands {
  func devices(_ request: ControlRequest, _ connection: Connection) async -> ExitCode {
    let found = await inputDevices()
    if request.has("json") {
      connection.send(.output(json(found)))
    } else if found.isEmpty {
      connection.send(
        .message("thoth: no microphone is known to ALSA: connect one, or start the sound server"))
    } else {
      for line in table(found) { connection.send(.output(line)) }
    }
    return .done
  }
}

/// One line a device, in columns: its mark, its name, what it is.
private func table(_ devices: [InputDevice]) -> [String] {
  let width = devices.map(\.name.count).max() ?? 0
  return devices.map { device in
    let padding = String(repeating: " ", count: width - device.name.count)
    let notes = device.notes.isEmpty ? "" : " (\(device.notes.joined(separator: "; ")))"
    return "\(device.isDefault ? "*" : " ") \(device.name)\(padding)  \(device.description)\(notes)"
  }
}
