public import DictationTypes
import FoundationEssentials
import Linux
public import Requests

/// What became of a text that a language model was to edit.
public enum EditOutcome: Sendable, Hashable {
  /// The edited text.
  case edited(String)
  /// The answer was none, and the text stays as it was.
  case rejected(Rejection)
}

/// Any language model behind OpenAI's `POST /chat/completions`: Ollama, llama.cpp, vLLM, OpenAI and others.
public struct LanguageModel: Sendable {
  /// What is known of it.
  public struct Settings: Sendable {
    /// Where it is.
    public var address: ServerAddress
    /// The model to ask for.
    public var model: String
    /// How long it may say nothing, in seconds.
    public var timeout = 30
    /// What it knows its users by, sent as a bearer token.
    public var key: String?

    /// The model called `model` at `address`.
    public init(address: ServerAddress, model: String) {
      self.address = address
      self.model = model
    }
  }

  /// How long an answer may take with all its tries, in seconds: a stream that moves is waited for.
  static let patience: UInt64 = 600
  private let settings: Settings
  private let requests: RequestManager

  /// A model that is asked through `requests`.
  public init(_ settings: Settings, requests: RequestManager) {
    self.settings = settings
    self.requests = requests
  }

  private var role: ServerRole {
    ServerRole("the language model", section: "enhance", url: settings.address.url, work: "this text")
  }

  /// `text`, edited by `prompt`. `context`: what its `{context}` stands for, if there is any.
  ///
  /// - Throws: `DictationError` as `RequestManager.send`; also `auth`, `config` (no such address or model), `format`
  ///   (the text is not taken), `server` (it fails, or what it answers is no answer).
  public func edit(
    _ text: String, by prompt: Prompt, context: String? = nil, priority: RequestPriority = .live
  ) async throws(DictationError) -> EditOutcome {
    let messages = ChatMessages(text, by: prompt, context: context)
    let limit = prompt.longestAnswer(to: text)
    var temperature: Double? = prompt.temperature
    var response = try await send(messages, temperature, limit: limit, priority)
    // Models that reason refuse to be told how freely.
    if response.status == 400, response.message()?.contains("temperature") == true {
      temperature = nil
      response = try await send(messages, temperature, limit: limit, priority)
    }
    guard response.status == 200 else { throw response.refusal(by: role, hiding: settings.key) }
    let answer = try chatAnswer(response, limit: limit, from: role, hiding: settings.key)
    switch answer.ending {
    case "length": return .rejected(Rejection(.length, "the answer has no end"))
    case "content_filter": return .rejected(Rejection(.refusal, "the model's provider keeps the answer back"))
    case nil, "stop", "eos": return judge(answer.text, of: text, by: prompt, messages, context: context)
    case .some(let other):
      throw DictationError(
        .server, "\(role.subject) broke off in its answer (\(other.prefix(40))): try again", retryable: true)
    }
  }

  private func send(
    _ messages: ChatMessages, _ temperature: Double?, limit: Int, _ priority: RequestPriority
  ) async throws(DictationError) -> HTTPResponse {
    let body = ChatBody(
      model: settings.model, temperature: temperature,
      messages: [
        ChatBody.Message(role: "system", content: messages.instructions),
        ChatBody.Message(role: "user", content: messages.data),
      ])
    var request = HTTPRequest(
      url: settings.address.base + "/chat/completions", socketPath: settings.address.socketPath,
      timeout: Int(Self.patience) * 1000)
    request.stallTimeout = settings.timeout * 1000
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and finite numbers can always be encoded.
    request.json = (try? encoder.encode(body)).map(Array.init) ?? []
    if let key = settings.key { request.headers.append("Authorization: Bearer \(key)") }
    request.reader = { ChatReader(limit: limit) }
    var order = RequestOrder(priority, deadline: monotonicNanoseconds() + Self.patience * 1_000_000_000)
    order.name = "enhance"
    // Whoever asks for it wants to know whether it has been mended.
    order.mayProbe = true
    return try await requests.send(request, order)
  }
}

/// The request (platform.openai.com/docs/api-reference/chat/create). The longest answer is not told: some servers know
/// it by another name, and it would count what a model thinks before it answers.
private struct ChatBody: Encodable {
  struct Message: Encodable {
    let role: String
    let content: String
  }
  let model: String
  let temperature: Double?
  let stream = true
  let messages: [Message]
}
