import AudioPlayback
import AudioProcessing
import Configuration
public import DictationTypes
import TextOutput

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
  var engines: [EngineConfiguration]
  /// The language as an ISO 639-1 code, or `auto`; nil: as the engine is configured.
  var language: String?
  /// The user's own words to expect; nil: none.
  let prompt: String?
  /// All words that the engine is to expect: terms of the dictionary, and the user's own; nil: none.
  let expected: String?
  /// What the text rules do.
  var filter: FilterSettings
  /// The language model.
  let enhancement: EnhancementConfiguration
  /// Whether it edits the text, and how.
  var choice: EnhancementChoice
  /// How the text leaves.
  let method: OutputMethod
  /// Into which window it goes, and how it is put there.
  var output: OutputSettings
  /// How long delivered audio is kept, in seconds.
  let keepAudio: Int

  /// The settings in force. `terms`: of the dictionary, the likeliest first; `windowClass`: what has the focus when the
  /// recording begins.
  ///
  /// - Throws: `ConfigurationProblem` when no profile has the name that `options` gives.
  init(
    _ configuration: Configuration, _ options: RecordOptions, terms: [String], windowClass: String? = nil
  ) throws(ConfigurationProblem) {
    output = try OutputSettings(configuration, options)
    let profile = output.profiles.first(for: windowClass)
    device = options.device ?? configuration.device
    hasCues = configuration.hasCues
    preRoll = configuration.preRoll
    aggressiveness = configuration.vad
    autoStop = options.autoStop ?? configuration.autoStop
    let named = configuration.engines.filter { $0.name == options.engine }
    engines = named.isEmpty ? configuration.engines.preferring(profile?.engine) : named
    let filter = configuration.filter
    prompt = options.prompt
    expected = expectedWords(filter.dictionary && filter.tellsTerms ? terms : [], prompt)
    language = options.language ?? profile?.language
    self.filter = filter
    enhancement = configuration.enhancement
    choice = options.enhancement
    method = options.method ?? configuration.outputMethod
    keepAudio = configuration.keepAudio
  }

  /// The name of the prompt by which a text for a window of `windowClass` is edited; nil: it is not.
  func prompt(forWindow windowClass: String?) -> String? {
    switch choice {
    case .never: return nil
    case .prompt(let name): return name
    case .asConfigured:
      if let name = output.profiles.first(for: windowClass)?.enhance { return name == "none" ? nil : name }
      return enhancement.isEnabled ? enhancement.prompt : nil
    }
  }

  /// Whether the window decides by which prompt a text is edited.
  var mayDependOnWindow: Bool { choice == .asConfigured && output.profiles.contains { $0.enhance != nil } }

  /// Whether the engine is asked in each pause for what may be the end.
  var speculates: Bool { engines[0].speculates }

  /// What takes the cues out of a recording; nil when there are none.
  var cueFilter: CueFilter? {
    guard hasCues else { return nil }
    return CueFilter(
      frequencies: Cue.frequencies, askedUntil: AudioFormat.speech.frames(milliseconds: preRoll))
  }
}

/// Into which window a text goes, and how it is put there.
struct OutputSettings: Sendable {
  /// Into which window.
  var policy: TargetPolicy
  /// What stands between it and the text before.
  var append: AppendStyle
  /// Whether the clipboard gets back what it held.
  var restoresClipboard: Bool
  /// What is different for some windows.
  var profiles: [Profile]
  /// Whether Return follows.
  var submits: Bool
  /// The user's own way to output a text; nil: none.
  let command: OutputCommand?

  /// What is configured, and what `options` say instead.
  ///
  /// - Throws: `ConfigurationProblem` when no profile has the name that `options` gives.
  init(_ configuration: Configuration, _ options: RecordOptions) throws(ConfigurationProblem) {
    policy = configuration.target
    append = configuration.append
    restoresClipboard = configuration.restoresClipboard
    profiles = configuration.profiles
    command = configuration.outputCommand.map(OutputCommand.init)
    submits = options.submits
    guard let name = options.profile else { return }
    var profile = try configuration.profile(named: name)
    // Asked for by name, it is for every window.
    profile.match = "*"
    profiles = [profile]
  }

  /// The insertion of `text`.
  func insertion(of text: String, _ method: OutputMethod, origin: OutputTarget?) -> Insertion {
    var insertion = Insertion(text)
    insertion.method = method
    insertion.policy = policy
    insertion.origin = origin
    insertion.profiles = profiles
    insertion.append = append
    insertion.restoresClipboard = restoresClipboard
    insertion.submits = submits
    return insertion
  }
}

extension [EngineConfiguration] {
  /// The same engines with that called `name` as the first.
  fileprivate func preferring(_ name: String?) -> [EngineConfiguration] {
    filter { $0.name == name } + filter { $0.name != name }
  }
}

/// What a command says of the language model.
public enum EnhancementChoice: Sendable, Hashable {
  /// Nothing: the profile and the settings decide.
  case asConfigured
  /// It leaves the text as it is.
  case never
  /// It edits the text by the prompt of this name.
  case prompt(String)
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
  /// The name of the profile that is used whatever the window.
  public var profile: String?
  /// Whether Return follows the text.
  public var submits = false
  /// Whether a language model edits the text.
  public var enhancement = EnhancementChoice.asConfigured

  /// Nothing but what is configured.
  public init() {}
}
