/// What a media file says of itself.
public struct MediaInformation: Sendable, Hashable, Codable {
  /// The container by libav's name: `wav`, `mov,mp4,m4a,3gp,3g2,mj2`.
  public var container: String
  /// How long it says that it is, in milliseconds; nil: it does not.
  public var durationMs: Int?
  /// Its audio tracks, in the file's order.
  public var tracks: [AudioTrack]
  /// What it is labelled with: `title`, `artist`, `date`.
  public var tags: [String: String]
}

/// One audio track of a file.
public struct AudioTrack: Sendable, Hashable, Codable {
  /// Its number among the audio tracks, from 0.
  public var index: Int
  /// The codec by libav's name: `aac`, `opus`.
  public var codec: String
  /// Frames per second, in hertz.
  public var sampleRate: Int
  /// Samples in one frame.
  public var channels: Int
  /// The language, as the file writes it.
  public var language: String?
  /// What the file calls it.
  public var title: String?
  /// Whether players choose it.
  public var isDefault: Bool
}
