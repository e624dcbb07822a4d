/// Where an engine listens: a Unix socket or a web address.
public struct EngineAddress: Sendable, Hashable {
  /// How an engine wants to be asked.
  public enum Dialect: Sendable, Hashable {
    /// OpenAI's `POST /audio/transcriptions`
    /// (platform.openai.com/docs/api-reference/audio/createTranscription).
    case openAI
    /// The `POST /inference` of whisper.cpp's server
    /// (github.com/ggml-org/whisper.cpp/blob/master/examples/server/README.md).
    case whisperCpp
  }

  /// The configured address as messages name it: without what may be a password.
  public let url: String
  /// The address that requests are built on, without a slash at its end.
  public let base: String
  /// The socket to connect to in place of the address's host.
  public let socketPath: String?

  /// Reads a configured `url`: `unix:NAME` is a socket in `runtimeFolder`, `unix:/PATH` one elsewhere; everything
  /// else is a web address.
  public init(_ url: String, runtimeFolder: String) {
    self.url = withoutUser(url)
    if url.hasPrefix("unix:") {
      let path = String(url.dropFirst("unix:".count))
      socketPath = path.hasPrefix("/") ? path : "\(runtimeFolder)/\(path)"
      base = "http://localhost/v1"
    } else {
      socketPath = nil
      base = url.hasSuffix("/") ? String(url.dropLast()) : url
    }
  }

  /// Told by the address: only whisper.cpp's server is asked at `…/inference`.
  public var dialect: Dialect { base.hasSuffix("/inference") ? .whisperCpp : .openAI }

  /// Where recordings are sent.
  var transcriptions: String { dialect == .openAI ? base + "/audio/transcriptions" : base }

  /// What can be asked for without cost: whether it is there, and whether it takes the key.
  public var probe: String {
    dialect == .openAI ? base + "/models" : base.dropLast("/inference".count) + "/health"
  }
}

/// `url` without the user and the password that may stand before the host (RFC 3986, section 3.2.1).
public func withoutUser(_ url: String) -> String {
  guard let scheme = url.firstRange(of: "://") else { return url }
  let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
  guard let at = authority.lastIndex(of: "@") else { return url }
  return String(url[..<scheme.upperBound] + url[url.index(after: at)...])
}
