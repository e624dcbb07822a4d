/// One caption: what is shown, and when.
public struct CaptionCue: Sendable, Hashable, Codable {
  /// When it appears, in milliseconds from the beginning.
  public var start: Int
  /// When it goes, in milliseconds from the beginning.
  public var end: Int
  /// Its lines, from the top.
  public var lines: [String]
  /// Who says it; nil when that is not known, or does not matter.
  public var voice: String?

  /// A caption of `lines` from `start` to `end`.
  public init(start: Int, end: Int, lines: [String], voice: String? = nil) {
    self.start = start
    self.end = end
    self.lines = lines
    self.voice = voice
  }
}
