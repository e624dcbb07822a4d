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
  /// The engines: the first healthy one is used, and those behind it take its place when it fails.
  public var engines = [EngineConfiguration()]
  /// How a text leaves when the command does not say.
  public var outputMethod = OutputMethod.auto
  /// Into which window it goes.
  public var target = TargetPolicy.focus
  /// What stands between a text and the one before.
  public var append = AppendStyle.auto
  /// Whether the clipboard gets back what it held before a text was pasted.
  public var restoresClipboard = true
  /// What is different for windows of some classes; the first that matches counts.
  public var profiles: [Profile] = []
  /// A line for the shell that takes the text on standard input; nil: none.
  public var outputCommand: String?
  /// What the text rules do.
  public var filter = FilterSettings()
  /// The language model that may edit a text.
  public var enhancement = EnhancementConfiguration()
  /// How long audio is kept after its text was delivered, in seconds. Failed recordings are exempt.
  public var keepAudio = 7 * 86_400

  /// How long texts are kept, in seconds; nil: for ever.
  public var keepText: Int?
  /// The most bytes that kept audio takes; nil: no limit.
  public var maxAudio: Int?

  /// The defaults.
  public init() {}
}

/// The `[enhance]` section.
public struct EnhancementConfiguration: Sendable, Hashable {
  /// Whether every text goes through the language model, if the command and the profile do not say otherwise.
  public var isEnabled = false
  /// The address of an OpenAI-compatible API: `http(s)://HOST[:PORT]/v1`, or `unix:/PATH`.
  public var url = "http://127.0.0.1:11434/v1"
  /// The model to ask for; empty: none has been named yet.
  public var model = ""
  /// The name of the prompt.
  public var prompt = "fix-grammar"
  /// Where its key comes from.
  public var key: SecretSource?
  /// How long a text waits for the language model after the filter, in milliseconds. Later the filtered one is output.
  public var budget = 4_000
  /// How long it may say nothing until it is asked again or given up, in seconds.
  public var timeout = 30

  /// The defaults.
  public init() {}
}

/// One `[[engine]]` section.
public struct EngineConfiguration: Sendable, Hashable {
  /// What events and messages call it.
  public var name = "local"
  /// Where it is: `unix:NAME` for a socket in the runtime folder, `unix:/PATH`, or `http(s)://HOST[:PORT]/PATH`. Several
  /// share the load. Never empty.
  public var urls = ["unix:engine.sock"]
  /// The first of `urls`; setting it leaves no other.
  public var url: String {
    get { urls[0] }
    set { urls = [newValue] }
  }
  /// The model to ask for.
  public var model = "default"
  /// The spoken language as an ISO 639-1 code; `auto`: the engine finds out.
  public var language = "auto"
  /// Whether the daemon starts and stops it. Unless said otherwise: when it is at a `unix:` address.
  public var isManaged: Bool {
    get { managed ?? (urls.count == 1 && url.hasPrefix("unix:")) }
    set { managed = newValue }
  }
  private var managed: Bool?
  /// How long a managed engine stays loaded without work, in seconds.
  public var idleUnload = 900
  /// How long one request may take, in seconds; the length of the audio comes on top.
  public var timeout = 30
  /// After how many milliseconds without an answer the next engine is asked too; nil: never.
  public var hedge: Int?
  /// Whether what may turn out to be the end of a dictation is sent to it before the end is known.
  public var speculate = Speculation.auto
  /// What audio is sent as.
  public var upload = AudioUpload.auto
  /// The longest upload that it takes, in bytes; nil: no limit is known. Unless said otherwise, what OpenAI, vLLM and
  /// Groq's free tier take (25 MB), and no limit on this machine.
  public var maxUpload: Int? { uploadLimit ?? (isOnThisMachine ? nil : 25_000_000) }
  var uploadLimit: Int?
  /// Where its key comes from.
  public var key: SecretSource?

  /// The embedded engine.
  public init() {}

  /// Whether all of its addresses are on this machine: Unix sockets and the loopback interface.
  public var isOnThisMachine: Bool { urls.allSatisfy(isLoopback) }

  /// Whether what may turn out to be the end of a dictation is sent to it before the end is known.
  public var speculates: Bool { speculate == .on || speculate == .auto && isOnThisMachine }
}

/// Whether `url` is a Unix socket, `localhost`, or in 127.0.0.0/8 or ::1 (RFC 6890); or 0.0.0.0, as servers print where
/// they listen.
private func isLoopback(_ url: String) -> Bool {
  if url.hasPrefix("unix:") { return true }
  let authority = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
  let host = authority.split(separator: "@").last ?? ""
  if host.hasPrefix("[::1]") { return true }
  let name = host.split(separator: ":").first?.lowercased() ?? ""
  let numbers = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
  return ["localhost", "0.0.0.0"].contains(name)
    || numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
}

/// When the end of a dictation is sent before it is known to be the end.
public enum Speculation: String, Sendable, CaseIterable {
  /// To engines on this machine: what is sent in vain costs nothing there.
  case auto
  /// Always.
  case on
  /// Never.
  case off
}

/// What audio is sent as.
public enum AudioUpload: String, Sendable, CaseIterable {
  /// WAV on this machine, where no network costs anything; FLAC elsewhere, if the engine takes it.
  case auto
  /// PCM as it is.
  case wav
  /// Compressed without loss.
  case flac
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
