/// One thing that happened, as readers of `thoth events` see it. Fields are written in snake case.
public enum Event: Sendable, Hashable {
  /// A job moved to another state.
  case state(StateChange)
  /// What has been heard of a dictation so far.
  case partial(PartialText)
  /// A dictation's text.
  case result(DictationResult)
  /// A failure, with what to do.
  case error(DictationError)
  /// The level of the microphone; only for readers that asked for it.
  case level(AudioLevel)
  /// Something about the microphone.
  case audio(AudioNotice)
  /// Something about an engine.
  case engine(EngineNotice)
  /// Words of an engine that nobody can have said, and that were left out.
  case guarded(GuardNotice)
  /// Something about the language model.
  case enhance(EnhanceNotice)
  /// Something about the output.
  case output(OutputNotice)
  /// How far the transcription of files is.
  case transcribe(TranscribeNotice)
  /// How far an export is.
  case export(ExportNotice)
  /// The configuration file was read again.
  case config(ConfigNotice)
  /// A reader was too slow, and missed this many events.
  case dropped(count: Int)

  /// The `type` field.
  public var type: String {
    switch self {
    case .state: "state"
    case .partial: "partial"
    case .result: "result"
    case .error: "error"
    case .level: "level"
    case .audio: "audio"
    case .engine: "engine"
    case .guarded: "guard"
    case .enhance: "enhance"
    case .output: "output"
    case .transcribe: "transcribe"
    case .export: "export"
    case .config: "config"
    case .dropped: "dropped"
    }
  }
}

/// The fields of a `state` event.
public struct StateChange: Sendable, Hashable, Codable {
  /// The new state.
  public var state: PipelineState
  /// The state before.
  public var from: PipelineState
  /// The microphone, when the new state is `recording`.
  public var device: String?

  /// A change from `from` to `state`.
  public init(state: PipelineState, from: PipelineState, device: String? = nil) {
    self.state = state
    self.from = from
    self.device = device
  }
}

/// The fields of a `partial` event.
public struct PartialText: Sendable, Hashable, Codable {
  /// All that has been heard so far.
  public var text: String
  /// How many of its characters (Unicode scalars), from the first on, will not change any more.
  public var stable: Int
  /// Up to when it was heard, in milliseconds from the beginning of the recording.
  public var heardMs: Int

  /// A text of what was heard until `heardMs`, whose first `stable` characters are certain.
  public init(_ text: String, stable: Int, heardMs: Int) {
    self.text = text
    self.stable = stable
    self.heardMs = heardMs
  }
}

/// The fields of a `result` event, and what is stored of a dictation.
public struct DictationResult: Sendable, Hashable, Codable {
  /// The text that was output; or, when a language model was late, what it has made of that since.
  public var text: String
  /// The text as the engine gave it.
  public var rawText: String
  /// Whether a language model changed it.
  public var enhanced: Bool
  /// The text before a language model changed it; nil: none has.
  public var filteredText: String?
  /// The language as an ISO 639-1 code, when known.
  public var language: String?
  /// The length of the recording, in milliseconds.
  public var durationMs: Int
  /// The name of the engine's configuration section.
  public var engine: String
  /// The model.
  public var model: String
  /// What the output did; nil before the output.
  public var output: OutputReport?
  /// Where the time went.
  public var timingsMs: Timings
  /// Where the microphone was away; nil: nowhere.
  public var gaps: [AudioGap]?
  /// The segments in which it was transcribed while it was being recorded; nil: it was transcribed as a whole.
  public var segments: [TimedText]?
  /// The words with their times, where the engine tells them.
  public var words: [TimedWord]?
  /// What came of guessing the end; nil: nothing was guessed.
  public var guess: GuessOutcome?

  /// A result without output yet.
  public init(
    text: String, transcript: Transcript, durationMs: Int, timingsMs: Timings
  ) {
    self.text = text
    rawText = transcript.rawText ?? transcript.text
    enhanced = false
    language = transcript.language
    self.durationMs = durationMs
    engine = transcript.engine
    model = transcript.model
    words = transcript.words
    self.timingsMs = timingsMs
  }

  /// A language model has made `edited` of the text.
  public mutating func take(edited: String) {
    (filteredText, text, enhanced) = (text, edited, true)
  }
}

/// Where a dictation's time went, in milliseconds with a fraction.
public struct Timings: Sendable, Hashable, Codable {
  /// From `record` to the first captured frame.
  public var open: Double = 0
  /// From `stop` to the arrival of the last frame.
  public var stopToLastFrame: Double?
  /// From `stop` to the text.
  public var stopToText: Double = 0
  /// From `stop` to the end of the output.
  public var stopToOutput: Double = 0
  /// The engine's share, as seen from here.
  public var transcribe: Double = 0
  /// The text rules' share.
  public var filter: Double = 0
  /// The language model's share.
  public var enhance: Double = 0
  /// The output's share.
  public var output: Double = 0

  /// All zero.
  public init() {}
}

/// What came of asking the engine, during a pause, for what might be the end of a dictation.
public enum GuessOutcome: String, Sendable, Codable {
  /// It was the end, and the answer had come before the stop.
  case hit
  /// It was the end, and the answer was still on its way at the stop.
  case late
  /// Something was said after it, or nothing had been guessed yet: the engine was asked after the stop.
  case missed
}

/// The fields of a `level` event. Decibels are relative to full scale and never below -96.
public struct AudioLevel: Sendable, Hashable, Codable {
  /// The root mean square over the last interval, in dBFS.
  public var rmsDb: Double
  /// The largest sample over the last interval, in dBFS.
  public var peakDb: Double
  /// Whether somebody speaks.
  public var speech: Bool
  /// Whether a sample reached full scale.
  public var clip: Bool

  /// A level of `rmsDb` and `peakDb`.
  public init(rmsDb: Double, peakDb: Double, speech: Bool, clip: Bool) {
    self.rmsDb = rmsDb
    self.peakDb = peakDb
    self.speech = speech
    self.clip = clip
  }
}

/// The fields of an `engine` event.
public struct EngineNotice: Sendable, Hashable, Codable {
  /// What happened.
  public enum What: String, Sendable, Codable {
    /// The managed engine answers.
    case ready
    /// The managed engine died and is started again, or a request failed and is sent again.
    case retry
    /// The engine failed too often, and is left alone for a while.
    case breakerOpen = "breaker_open"
    /// It works again.
    case breakerClosed = "breaker_closed"
    /// The managed engine was unloaded after an idle time.
    case unloaded
    /// The engine is asked in the place of one that failed, or is known to fail.
    case failover
    /// The engine is asked too: the one before it has not answered yet.
    case hedge
  }
  /// What happened.
  public var what: What
  /// The name of the engine's configuration section.
  public var engine: String
  /// Which try this is, from 1.
  public var attempt: Int?
  /// How long until the next try, in milliseconds.
  public var delayMs: Int?
  /// Why.
  public var reason: String?

  /// A notice of `what` about `engine`.
  public init(
    _ what: What, engine: String, attempt: Int? = nil, delayMs: Int? = nil, reason: String? = nil
  ) {
    self.what = what
    self.engine = engine
    self.attempt = attempt
    self.delayMs = delayMs
    self.reason = reason
  }
}

/// The fields of an `output` event.
public struct OutputNotice: Sendable, Hashable, Codable {
  /// What happened.
  public enum What: String, Sendable, Codable {
    /// The text could not go to the window, and is on the clipboard or in `thoth last`.
    case fallback
    /// No window was to have the text, which is kept: the focus moved, or the keyboard is another program's.
    case held
    /// The text was taken back from the window. It stays in the history.
    case undone
  }
  /// What happened.
  public var what: What
  /// One sentence.
  public var message: String

  /// A notice of `what`, told by `message`.
  public init(_ what: What, message: String) {
    self.what = what
    self.message = message
  }
}

/// The fields of a `config` event.
public struct ConfigNotice: Sendable, Hashable, Codable {
  /// What happened.
  public enum What: String, Sendable, Codable {
    /// The file was read and is in force.
    case reloaded
    /// The file is broken; the last good one, or the defaults, stay in force.
    case rejected
  }
  /// What happened.
  public var what: What
  /// One sentence, for `rejected`.
  public var message: String?
  /// The line of the mistake, from 1.
  public var line: Int?
  /// The column of the mistake, from 1.
  public var column: Int?

  /// A notice of `what`.
  public init(_ what: What, message: String? = nil, line: Int? = nil, column: Int? = nil) {
    self.what = what
    self.message = message
    self.line = line
    self.column = column
  }
}
