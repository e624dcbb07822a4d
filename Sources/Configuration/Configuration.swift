public import DictationTypes

/// The settings, as one value. What a file does not say is as below.
public struct Configuration: Sendable, Hashable {
  /// The ALSA PCM to record from.
  public var device = "default"
  /// How much of what was heard before `record` belongs to the recording, in milliseconds. Above 0 the microphone
  /// stays open between recordings; what is older is forgotten, and nothing is written down.
  public var preRoll = 0
  /// Whether tones tell that recording begins and is over.
  public var hasCues = false
  /// How long nobody has to speak, after somebody has, until a recording ends by itself, in milliseconds; 0: it goes on.
  public var autoStop = 0
  /// How much the voice-activity detector takes to be noise: 0, the least, to 3.
  public var vad = 2
  /// The engines; the first is used.
  public var engines = [EngineConfiguration()]
  /// How a text leaves when the command does not say.
  public var outputMethod = OutputMethod.auto
  /// How long audio is kept after its text was delivered, in seconds. Failed recordings are exempt.
  public var keepAudio = 7 * 86_400

  /// How long texts are kept, in seconds; nil: for ever.
  public var keepText: Int?
  /// The most bytes that kept audio takes; nil: no limit.
  public var maxAudio: Int?

  /// The defaults.
  public init() {}
}

/// One `[[engine]]` section.
public struct EngineConfiguration: Sendable, Hashable {
  /// What events and messages call it.
  public var name = "local"
  /// `unix:NAME` for a socket in the runtime folder, `unix:/PATH`, or `http(s)://HOST[:PORT]/PATH`.
  public var url = "unix:engine.sock"
  /// The model to ask for.
  public var model = "default"
  /// The spoken language as an ISO 639-1 code; `auto`: the engine finds out.
  public var language = "auto"
  /// Whether the daemon starts and stops it. Unless said otherwise: when it is at a `unix:` address.
  public var isManaged: Bool {
    get { managed ?? url.hasPrefix("unix:") }
    set { managed = newValue }
  }
  private var managed: Bool?
  /// How long a managed engine stays loaded without work, in seconds.
  public var idleUnload = 900
  /// How long one request may take, in seconds.
  public var timeout = 30
  /// Where its key comes from.
  public var key: SecretSource?

  /// The embedded engine.
  public init() {}
}

/// Where a secret comes from: never from the file itself, the command line or an event.
public enum SecretSource: Sendable, Hashable {
  /// A variable in the daemon's environment.
  case environment(String)
  /// The first line of a file that only its owner can read.
  case file(String)
  /// What a shell command prints.
  case command(String)
}
