import DictationTypes
import FoundationEssentials
import Requests

/// What a status other than 200 of the engine `name` at `url` means, with the server's own words; `secret` is left out
/// of them.
func refusal(_ answer: HTTPResponse, by name: String, at url: String, hiding secret: String?)
  -> DictationError
{
  let said = serverMessage(answer.body, hiding: secret).map { ": \($0)" } ?? ""
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
    return DictationError(.server, "\(engine) answered \(answer.status)\(said): check its url \(url)")
  }
}

/// The message in an error body, in the shapes that servers use: `{"error":{"message":…}}`, `{"error":…}`,
/// `{"detail":…}`, `{"detail":[{"msg":…}]}`, `{"message":…}`. It is somebody else's text: one line of it, at most 300
/// characters, without `secret`.
func serverMessage(_ body: [UInt8], hiding secret: String? = nil) -> String? {
  struct Shape: Decodable {
    struct Inner: Decodable { let message: String }
    struct Detail: Decodable { let msg: String }
    let message: String?

    enum Keys: String, CodingKey { case error, detail, message }

    init(from decoder: any Decoder) throws {
      let table = try decoder.container(keyedBy: Keys.self)
      let nested = (try? table.decode(Inner.self, forKey: .error))?.message
      let listed = (try? table.decode([Detail].self, forKey: .detail))?.first?.msg
      message =
        nested ?? listed
        ?? [.error, .detail, .message].lazy.compactMap { try? table.decode(String.self, forKey: $0) }.first
    }
  }
  let shape = try? JSONDecoder().decode(Shape.self, from: Data(body))
  guard var message = shape?.message, !message.isEmpty else { return nil }
  // Before it is cut: the beginning of a key is one too.
  if let secret, !secret.isEmpty { message = message.replacing(secret, with: "…") }
  let words = message.unicodeScalars.split {
    $0.properties.isWhitespace || $0.properties.generalCategory == .control
  }
  let line = words.map { String($0) }.joined(separator: " ")
  return line.count > 300 ? line.prefix(300) + "…" : line
}
