import AudioPlayback
import AudioProcessing
import Configuration
public import DictationTypes

/// What a job was asked to do: the settings in force when it began, with the client's variables and options on top.
struct JobSettings: Sendable {
  /// The ALSA PCM.
  let device: String
  /// Whether tones tell that recording begins and is over.
  let hasCues: Bool
  /// How much of the recording was heard before `record`, at most, in milliseconds.
  let preRoll: Int
  /// How much the voice-activity detector takes to be speech, 0 to 3.
  let aggressiveness: Int
  /// How long nobody has to speak, after somebody has, until the recording ends, in milliseconds; 0: it goes on.
  let autoStop: Int
  /// The engines, in the order in which they are tried.
  let engines: [EngineConfiguration]
  /// The language as an ISO 639-1 code, or `auto`; nil: as the engine is configured.
  let language: String?
  /// Words that the engine is to expect; nil: none.
  let prompt: String?
  /// How the text leaves.
  let method: OutputMethod
  /// The user's own way to output a text; nil: none.
  let outputCommand: OutputCommand?
  /// How long delivered audio is kept, in seconds.
  let keepAudio: Int

  init(_ configuration: Configuration, _ options: RecordOptions) {
    device = options.device ?? configuration.device
    hasCues = configuration.hasCues
    preRoll = configuration.preRoll
    aggressiveness = configuration.vad
    autoStop = options.autoStop ?? configuration.autoStop
    let named = configuration.engines.filter { $0.name == options.engine }
    engines = named.isEmpty ? configuration.engines : named
    prompt = options.prompt
    language = options.language
    method = options.method ?? configuration.outputMethod
    outputCommand = configuration.outputCommand.map(OutputCommand.init)
    keepAudio = configuration.keepAudio
  }

  /// Whether the engine is asked in each pause for what may be the end.
  var speculates: Bool { engines[0].speculates }

  /// What takes the cues out of a recording; nil when there are none.
  var cueFilter: CueFilter? {
    guard hasCues else { return nil }
    return CueFilter(
      frequencies: Cue.frequencies, askedUntil: AudioFormat.speech.frames(milliseconds: preRoll))
  }
}

/// The options of `record`; nil: as configured.
public struct RecordOptions: Sendable, Hashable {
  /// The ALSA PCM.
  public var device: String?
  /// The language code.
  public var language: String?
  /// How long nobody has to speak, after somebody has, until the recording ends, in milliseconds; 0: it goes on.
  public var autoStop: Int?
  /// How the text leaves.
  public var method: OutputMethod?
  /// The name of an engine's section.
  public var engine: String?
  /// Words that the engine is to expect: names, terms.
  public var prompt: String?

  /// Nothing but what is configured.
  public init() {}
}
