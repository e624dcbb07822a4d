public import DictationTypes
import FoundationEssentials
import Linux
public import Requests

/// Any engine that serves OpenAI's `POST /audio/transcriptions`, or the `POST /inference` of whisper.cpp's server.
public struct OpenAIEngine: TranscriptionEngine {
  /// What is known of an engine.
  public struct Settings: Sendable {
    /// The name of the engine's configuration section.
    public var name: String
    /// Where it is.
    public var address: ServerAddress
    /// The model to ask for.
    public var model: String
    /// How long one request may take with all its tries, in seconds.
    public var timeout = 30
    /// How often a request that failed is tried again.
    public var retries = 2
    /// Whether it is the embedded one, which knows more fields than OpenAI's.
    public var isManaged = false
    /// Whether it is on this machine.
    public var isOnThisMachine = false
    /// What audio is sent as.
    public var upload = Upload.wav
    /// The longest upload that it takes, in bytes; nil: no limit is known.
    public var maxUpload: Int?
    /// What it knows its users by, sent as a bearer token.
    public var key: String?

    /// The engine called `name` at `address`.
    public init(name: String, address: ServerAddress, model: String) {
      self.name = name
      self.address = address
      self.model = model
    }
  }

  /// What audio is sent as.
  public enum Upload: Sendable {
    /// PCM as it is.
    case wav
    /// Compressed without loss, to about half.
    case flac
  }

  let settings: Settings
  private let requests: RequestManager
  private let plainModels: PlainModels

  /// An engine that is asked through `requests`; `plainModels` remembers what it does not answer.
  public init(_ settings: Settings, requests: RequestManager, plainModels: PlainModels) {
    self.settings = settings
    self.requests = requests
    self.plainModels = plainModels
  }

  /// The name of the engine's configuration section.
  public var name: String { settings.name }

  /// How long one request may take with all its tries, in seconds.
  public var timeout: Int { settings.timeout }

  /// Sends the audio and reads the text; see `TranscriptionEngine`.
  public func transcribe(_ request: TranscriptionRequest) async throws(DictationError) -> Transcript {
    let model = "\(settings.address.base) \(settings.model)"
    var isDetailed = mayBeDetailed && !plainModels.contains(model)
    var answer = try await send(request, isDetailed: isDetailed)
    if isDetailed, refusesDetails(answer) {
      plainModels.insert(model)
      isDetailed = false
      answer = try await send(request, isDetailed: false)
    }
    if request.isLanguageHeard, request.language != nil, answer.status == 400 || answer.status == 422 {
      // It may be the language that it does not know, and nobody has asked for it.
      var request = request
      request.language = nil
      answer = try await send(request, isDetailed: isDetailed)
    }
    guard answer.status == 200 else {
      let role = ServerRole(
        "the engine \"\(name)\"", section: "engine.\(name)", url: settings.address.url, work: "this recording"
      )
      throw answer.refusal(by: role, hiding: settings.key)
    }
    guard !answer.body.isEmpty else {
      throw DictationError(.server, "the engine \"\(name)\" answered nothing: try again", retryable: true)
    }
    guard let heard = try? JSONDecoder().decode(TranscriptionAnswer.self, from: Data(answer.body)) else {
      let type = answer.contentType.isEmpty ? "something" : answer.contentType
      throw DictationError(
        .server,
        "the engine \"\(name)\" answered \(type) that is no transcript: check its url \(settings.address.url)"
      )
    }
    var transcript = Transcript(
      text: heard.text, language: heard.language ?? request.language, engine: name,
      model: heard.model ?? settings.model)
    transcript.words = heard.words
    return transcript
  }

  /// Whether it may answer `verbose_json`, which tells language and times. Of OpenAI's models whisper-1 does, and the
  /// gpt-4o ones do not; elsewhere Whisper does, whatever it is called.
  private var mayBeDetailed: Bool {
    settings.isManaged || settings.isOnThisMachine || settings.address.dialect == .whisperCpp
      || settings.model.lowercased().contains("whisper")
  }

  /// Servers that have no details of a model say so: vLLM for all but Whisper, OpenAI for gpt-4o-transcribe.
  private func refusesDetails(_ answer: HTTPResponse) -> Bool {
    guard answer.status == 400 || answer.status == 422, let words = answer.message() else {
      return false
    }
    return words.contains("verbose_json") || words.contains("response_format")
  }

  private func send(
    _ request: TranscriptionRequest, isDetailed: Bool
  ) async throws(DictationError) -> HTTPResponse {
    let now = monotonicNanoseconds()
    let deadline = min(now + UInt64(settings.timeout) * 1_000_000_000, request.deadline ?? .max)
    guard deadline > now else {
      throw DictationError(
        .timeout, "the engine \"\(name)\" did not answer in time: try again, or raise engine.\(name).timeout",
        retryable: true)
    }
    var form = HTTPRequest(
      url: settings.address.transcriptions, socketPath: settings.address.socketPath,
      timeout: Int((deadline - now) / 1_000_000) + 1)
    form.parts = try parts(request, isDetailed: isDetailed)
    if let key = settings.key { form.headers.append("Authorization: Bearer \(key)") }
    var order = RequestOrder(request.priority, deadline: deadline, retries: settings.retries)
    order.name = name
    order.share = request.share
    // With another engine behind it, nobody has to find out at this one's cost whether it has been mended. A process of
    // ours that answers is another one than the one that failed.
    order.mayProbe = settings.isManaged || order.mayProbe && settings.retries > 0
    return try await requests.send(form, order)
  }
}

/// The models that were found to answer `json` alone, so that each is asked in vain once.
public final class PlainModels: Sendable {
  private let names = Lock<Set<String>>([])

  /// None is known.
  public init() {}

  func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }

  func insert(_ name: String) { names.withLock { _ = $0.insert(name) } }
}
