public import DictationTypes

/// What is asked of an engine.
public struct TranscriptionRequest: Sendable {
  /// A whole WAV file.
  public var wav: [UInt8]
  /// The spoken language as an ISO 639-1 code; nil: the engine finds out.
  public var language: String?
  /// Text that came before, for context.
  public var prompt: String?

  /// A request to transcribe `wav`.
  public init(wav: [UInt8], language: String? = nil, prompt: String? = nil) {
    self.wav = wav
    self.language = language
    self.prompt = prompt
  }
}

/// Something that turns speech into text.
public protocol TranscriptionEngine: Sendable {
  /// The name of the engine's configuration section.
  var name: String { get }

  /// What is said in `request`. Empty text means that nobody speaks. Cancelling the task ends the work.
  ///
  /// - Throws: `DictationError` of kind `auth`, `rate_limit`, `network`, `timeout`, `server`, `format`, `config`
  ///   or `cancelled`.
  func transcribe(_ request: TranscriptionRequest) async throws(DictationError) -> Transcript
}
