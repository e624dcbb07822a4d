import AudioFiles
public import DictationTypes
import FoundationEssentials
import Linux
public import Requests

/// Any engine that serves OpenAI's `POST /audio/transcriptions`
/// (platform.openai.com/docs/api-reference/audio/createTranscription).
public struct OpenAIEngine: TranscriptionEngine {
  /// The name of the engine's configuration section.
  public let name: String
  private let address: EngineAddress
  private let model: String
  private let timeout: Int
  private let isDetailed: Bool
  private let key: String?
  private let requests: RequestManager

  /// An engine at `address`.
  ///
  /// - Parameters:
  ///   - timeout: how long a request may take, in seconds.
  ///   - isDetailed: whether it is known to answer `verbose_json`, which tells the language.
  ///   - key: what it knows its users by, sent as a bearer token.
  public init(
    name: String, address: EngineAddress, model: String, timeout: Int, isDetailed: Bool, key: String?,
    requests: RequestManager
  ) {
    self.name = name
    self.address = address
    self.model = model
    self.timeout = timeout
    self.isDetailed = isDetailed
    self.key = key
    self.requests = requests
  }

  /// Sends the audio and reads the text; see `TranscriptionEngine`.
  public func transcribe(_ request: TranscriptionRequest) async throws(DictationError) -> Transcript {
    let latest = monotonicNanoseconds() + UInt64(timeout) * 1_000_000_000
    var order = RequestOrder(request.priority, deadline: min(request.deadline ?? latest, latest))
    order.name = name
    let answer = try await requests.send(form(request), order)
    guard answer.status == 200 else { throw refusal(answer) }
    guard !answer.body.isEmpty else {
      throw DictationError(.server, "the engine \"\(name)\" answered nothing: try again", retryable: true)
    }
    guard let heard = try? JSONDecoder().decode(Answer.self, from: Data(answer.body)) else {
      let type = answer.contentType.isEmpty ? "something" : answer.contentType
      throw DictationError(
        .server,
        "the engine \"\(name)\" answered \(type) that is no transcript: check its url \(address.base)")
    }
    return Transcript(
      text: heard.text, language: heard.language ?? request.language, engine: name,
      model: heard.model ?? model)
  }

  private struct Answer: Decodable {
    let text: String
    let language: String?
    let model: String?
  }

  private func form(_ request: TranscriptionRequest) -> HTTPRequest {
    var form = HTTPRequest(
      url: address.base + "/audio/transcriptions", socketPath: address.socketPath, timeout: timeout * 1000)
    form.parts = [
      FormPart("file", file: wavFile(request.samples), filename: "speech.wav", contentType: "audio/wav"),
      FormPart("model", model),
      FormPart("response_format", isDetailed ? "verbose_json" : "json"),
    ]
    if let language = request.language { form.parts.append(FormPart("language", language)) }
    if let prompt = request.prompt { form.parts.append(FormPart("prompt", prompt)) }
    if let key { form.headers.append("Authorization: Bearer \(key)") }
    return form
  }

  /// What a status other than 200 means, with the server's own words.
  private func refusal(_ answer: HTTPResponse) -> DictationError {
    let said = serverMessage(answer.body).map { ": \($0)" } ?? ""
    let engine = "the engine \"\(name)\""
    switch answer.status {
    case 401, 403:
      return DictationError(
        .auth,
        "\(engine) refused the key (\(answer.status))\(said). "
          + "Set it with `thoth config set engine.\(name).key.file PATH`")
    case 429:
      return DictationError(
        .rateLimit, "\(engine) asks for fewer requests (429)\(said). Try again later", retryable: true)
    case 404:
      return DictationError(
        .config,
        "\(engine) knows no such address or model (404)\(said). "
          + "Check engine.\(name).url and engine.\(name).model (`thoth config show`)")
    case 408, 504:
      return DictationError(.timeout, "\(engine) ran out of time (\(answer.status))\(said)", retryable: true)
    case 400, 413, 415, 422:
      return DictationError(.format, "\(engine) does not take this recording (\(answer.status))\(said)")
    case 500...:
      return DictationError(.server, "\(engine) failed (\(answer.status))\(said). Try again", retryable: true)
    default:
      return DictationError(
        .server, "\(engine) answered \(answer.status)\(said): check its url \(address.base)")
    }
  }
}

/// The message in an error body, in the shapes that servers use: `{"error":{"message":…}}`, `{"error":…}`,
/// `{"detail":…}`, `{"message":…}`. It is somebody else's text: one line of it, at most 300 characters.
func serverMessage(_ body: [UInt8]) -> String? {
  struct Shape: Decodable {
    struct Inner: Decodable { let message: String }
    let nested: Inner?
    let plain: String?

    enum Keys: String, CodingKey { case error, detail, message }

    init(from decoder: any Decoder) throws {
      let table = try decoder.container(keyedBy: Keys.self)
      nested = try? table.decode(Inner.self, forKey: .error)
      plain =
        [.error, .detail, .message].lazy.compactMap { try? table.decode(String.self, forKey: $0) }.first
    }
  }
  guard let shape = try? JSONDecoder().decode(Shape.self, from: Data(body)) else { return nil }
  guard let message = shape.nested?.message ?? shape.plain, !message.isEmpty else { return nil }
  let words = message.unicodeScalars.split {
    $0.properties.isWhitespace || $0.properties.generalCategory == .control
  }
  let line = words.map { String($0) }.joined(separator: " ")
  return line.count > 300 ? line.prefix(300) + "…" : line
}
