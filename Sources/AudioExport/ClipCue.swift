/// A line of a cue file: which item is heard when. Times are in seconds.
public struct ClipCue: Sendable, Hashable, Codable {
  /// The line in the file, from 1; nil: it came from elsewhere.
  public var line: Int?
  /// The item's id, or the beginning of it.
  public var item: String
  /// Where it begins in the export; nil: behind the one before.
  public var offset: Double?
  /// Where it begins in its audio.
  public var start: Double
  /// Where it ends in its audio; nil: at the end.
  public var end: Double?
  /// How much louder it is made, in decibels.
  public var gainDb: Double
  /// Whether nothing of it is heard.
  public var isMuted: Bool
  /// Its lane; nil: none.
  public var lane: String?
  /// Where it is heard from, from -1 (left) to 1 (right); nil: from where it was recorded.
  public var pan: Double?

  /// The whole of `item`.
  public init(_ item: String, at offset: Double? = nil) {
    self.item = item
    self.offset = offset
    start = 0
    gainDb = 0
    isMuted = false
  }
}

/// A mistake of the user.
public struct PlanProblem: Sendable, Hashable {
  /// The line of the file of cues, from 1; nil: it is about none.
  public let line: Int?
  /// One sentence.
  public let sentence: String

  /// A mistake in `line`, told by `sentence`.
  public init(line: Int? = nil, _ sentence: String) {
    self.line = line
    self.sentence = sentence
  }
}

/// Mistakes of the user.
public struct PlanError: Error, Sendable, Hashable, CustomStringConvertible {
  /// How many are told.
  public static let limit = 20
  /// The mistakes, in the order of their lines.
  public let problems: [PlanProblem]

  /// These mistakes, in any order.
  public init(_ problems: [PlanProblem]) {
    self.problems = problems.enumerated()
      .sorted { ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset) }
      .map(\.element)
  }

  /// The first of them, one a line, and how many more there are.
  public var description: String {
    let told = problems.prefix(Self.limit).map { problem in
      (problem.line.map { "line \($0): " } ?? "") + problem.sentence
    }
    let more = problems.count - Self.limit
    return (told + (more > 0 ? ["and \(more) more such mistakes"] : [])).joined(separator: "\n")
  }
}
