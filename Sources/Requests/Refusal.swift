public import DictationTypes
import FoundationEssentials

/// How sentences speak of a server that is asked for something.
public struct ServerRole: Sendable {
  /// What it is, as in `the engine "local"`.
  public var subject: String
  /// The section of its settings, as in `engine.local`.
  public var section: String
  /// Its address, without secrets.
  public var url: String
  /// What it is given, as in `this recording`.
  public var work: String

  /// `subject` at `url`, whose settings are in `section`, and which is given `work`.
  public init(_ subject: String, section: String, url: String, work: String) {
    self.subject = subject
    self.section = section
    self.url = url
    self.work = work
  }
}

extension HTTPResponse {
  /// What a status other than 200 of `server` means, with its own words; `secret` is left out of them.
  public func refusal(by server: ServerRole, hiding secret: String?) -> DictationError {
    let said = message(hiding: secret).map { ": \($0)" } ?? ""
    let (subject, section) = (server.subject, server.section)
    switch status {
    case 401, 403:
      return DictationError(
        .auth,
        "\(subject) refused the key (\(status))\(said). Set it with `thoth config set \(section).key.file PATH`"
      )
    case 429:
      return DictationError(
        .rateLimit, "\(subject) asks for fewer requests (429)\(said). Try again later", retryable: true)
    case 404:
      return DictationError(
        .config,
        "\(subject) knows no such address or model (404)\(said). "
          + "Check \(section).url and \(section).model (`thoth config show`)")
    case 408, 504:
      return DictationError(.timeout, "\(subject) ran out of time (\(status))\(said)", retryable: true)
    case 400, 413, 415, 422:
      return DictationError(.format, "\(subject) does not take \(server.work) (\(status))\(said)")
    case 500...:
      return DictationError(.server, "\(subject) failed (\(status))\(said). Try again", retryable: true)
    default:
      return DictationError(.server, "\(subject) answered \(status)\(said): check its url \(server.url)")
    }
  }

  /// The message in an error body, in the shapes that servers use: `{"error":{"message":…}}`, `{"error":…}`,
  /// `{"detail":…}`, `{"detail":[{"msg":…}]}`, `{"message":…}`. It is somebody else's text: one line of it, at most 300
  /// characters, without `secret`.
  public func message(hiding secret: String? = nil) -> String? { serverMessage(body, hiding: secret) }
}

/// The same of a body that came in some other way than as an answer of its own.
public func serverMessage(_ body: [UInt8], hiding secret: String? = nil) -> String? {
  let shape = try? JSONDecoder().decode(ErrorBody.self, from: Data(body))
  guard var message = shape?.message, !message.isEmpty else { return nil }
  // Before it is cut: the beginning of a key is one too.
  if let secret, !secret.isEmpty { message = message.replacing(secret, with: "…") }
  let words = message.unicodeScalars.split {
    $0.properties.isWhitespace || $0.properties.generalCategory == .control
  }
  let line = words.map { String($0) }.joined(separator: " ")
  return line.count > 300 ? line.prefix(300) + "…" : line
}

private struct ErrorBody: Decodable {
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
