/// Where a dictation is. The names are the `state` of the `state` event.
public enum PipelineState: UInt8, Sendable, Codable, CaseIterable {
  /// Made, but no frame has arrived.
  case idle
  /// Frames arrive from the microphone.
  case recording
  /// A recording whose microphone gives no frames; it is looked for.
  case stalled
  /// The engine has the audio.
  case transcribing
  /// Text rules are applied.
  case filtering
  /// A language model improves the text.
  case enhancing
  /// The text is on its way to the window.
  case outputting
  /// The text arrived where it belongs.
  case completed
  /// Ended by a failure; what was said is kept.
  case failed
  /// Ended by the user.
  case cancelled
  /// Ended because nobody spoke.
  case discarded

  /// The name in events, in snake case.
  public var name: String { String(describing: self) }

  /// Whether nothing follows.
  public var isTerminal: Bool { self >= .completed }

  /// Encodes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }

  /// Decodes the name; an unknown one is a decoding error.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let state = Self.allCases.first(where: { $0.name == text }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "unknown state \(text)"))
    }
    self = state
  }
}

extension PipelineState: Comparable {
  /// In the order of the pipeline.
  public static func < (left: PipelineState, right: PipelineState) -> Bool {
    left.rawValue < right.rawValue
  }
}
