/// The audio of an item as the library knows it: nothing of it has been opened.
public struct Asset: Sendable, Hashable, Codable {
  /// The file.
  public var path: String
  /// Frames per second, in hertz.
  public var sampleRate: Int
  /// Samples in one frame.
  public var channels: Int
  /// Its length in frames.
  public var frames: Int

  /// The audio in the file at `path`.
  public init(path: String, sampleRate: Int, channels: Int, frames: Int) {
    self.path = path
    self.sampleRate = sampleRate
    self.channels = channels
    self.frames = frames
  }
}

/// A part of an item's audio at a place in an export. All times are frames at the rate of the export.
public struct Clip: Sendable, Hashable, Codable {
  /// The item's id.
  public var item: String
  /// What it is called in a list of chapters.
  public var title: String
  /// Its audio.
  public var asset: Asset
  /// Where it begins in the export.
  public var offset: Int
  /// Where it begins in its audio.
  public var start: Int
  /// How long it is.
  public var length: Int
  /// How much louder it is made, in decibels.
  public var gainDb: Double
  /// Whether nothing of it is heard.
  public var isMuted: Bool
  /// Its lane; nil: none, it may lie over every other one.
  public var lane: String?
  /// Where it is heard from, from -1 (left) to 1 (right); nil: from where it was recorded.
  public var pan: Double?

  /// A clip of `length` frames of `asset`, as it is.
  public init(item: String, title: String = "", asset: Asset, offset: Int, start: Int = 0, length: Int) {
    self.item = item
    self.title = title
    self.asset = asset
    self.offset = offset
    self.start = start
    self.length = length
    gainDb = 0
    isMuted = false
  }

  /// Where the export goes on behind it.
  public var end: Int { offset + length }
}
