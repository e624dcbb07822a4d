import AudioCapture
import Linux

/// A microphone that `record --device` can name.
public struct Microphone: Sendable, Encodable {
  /// The ALSA PCM name.
  public let name: String
  /// What it is, for people.
  public let description: String
  /// Whether it is used when none is named.
  public let isDefault: Bool
}

/// The microphones that can be opened, the default one first. Each is opened for a moment.
public func microphones() async -> [Microphone] {
  await withCheckedContinuation { continuation in
    WorkerThread(name: "devices") {
      let found = CaptureDevice.list()
      continuation.resume(
        returning: found.map {
          Microphone(name: $0.name, description: $0.description, isDefault: $0.isDefault)
        })
    }.detach()
  }
}
