/// The layout of interleaved 16-bit PCM: how many frames a second, how many samples a frame.
public struct AudioFormat: Sendable, Hashable, Codable {
  /// Frames per second, in hertz.
  public let sampleRate: Int
  /// Samples in one frame.
  public let channels: Int

  /// A format of `sampleRate` hertz and `channels` interleaved samples a frame.
  public init(sampleRate: Int, channels: Int) {
    self.sampleRate = sampleRate
    self.channels = channels
  }

  /// What speech engines take, and what the spool holds: 16 kHz, mono.
  public static let speech = AudioFormat(sampleRate: 16_000, channels: 1)

  /// The duration of `frames` frames, in milliseconds, rounded down.
  public func milliseconds(frames: Int) -> Int { frames * 1000 / sampleRate }

  /// The number of frames in `milliseconds`, rounded down.
  public func frames(milliseconds: Int) -> Int { milliseconds * sampleRate / 1000 }
}
