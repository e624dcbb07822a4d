/// A part of an item's audio at a place in an export. All times are frames at the rate of the export.
public struct Clip: Sendable, Hashable, Codable {
  /// The item's id.
  public var item: String
  /// Where it begins in the export.
  public var offset: Int
}
