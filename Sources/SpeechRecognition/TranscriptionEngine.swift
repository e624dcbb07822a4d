public import DictationTypes
public import Requests

/// What is asked of an engine.
public struct TranscriptionRequest: Sendable {
  /// What was heard: 16 kHz, mono.
  public var samples: [Int16]
  /// The spoken language as an ISO 639-1 code, or `auto`: the engine finds out; nil: as the engine is configured.
  public var language: String?
  /// Whether an engine has found the language out, rather than the user said it: one that refuses it is asked without.
  public var isLanguageHeard = false
  /// Text that came before, for context.
  public var prompt: String?
  /// Whether the times of single words are wanted, where the engine has them.
  public var wantsWords = false
  /// Whose request goes first.
  public var priority = RequestPriority.live
  /// How many of an archive may be on their way to a host at a time, when that is more than it takes of others.
  public var share = 0
  /// When the answer is of no use any more, in nanoseconds of CLOCK_MONOTONIC; nil: as the engines' timeouts say.
  public var deadline: UInt64?

  /// A request to transcribe `samples`.
  public init(samples: [Int16], language: String? = nil, prompt: String? = nil) {
    self.samples = samples
    self.language = language
    self.prompt = prompt
  }

  /// The length of the audio, in milliseconds.
  public var duration: Int { AudioFormat.speech.milliseconds(frames: samples.count) }
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
