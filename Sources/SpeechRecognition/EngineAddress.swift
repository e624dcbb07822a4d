/// Where an engine listens: a Unix socket or a web address.
public struct EngineAddress: Sendable, Hashable {
  /// The address that requests are built on, without a slash at its end.
  public let base: String
  /// The socket to connect to in place of the address's host.
  public let socketPath: String?

  /// Reads a configured `url`: `unix:NAME` is a socket in `runtimeFolder`, `unix:/PATH` one elsewhere; everything
  /// else is a web address.
  public init(_ url: String, runtimeFolder: String) {
    if url.hasPrefix("unix:") {
      let path = String(url.dropFirst("unix:".count))
      socketPath = path.hasPrefix("/") ? path : "\(runtimeFolder)/\(path)"
      base = "http://localhost/v1"
    } else {
      socketPath = nil
      base = url.hasSuffix("/") ? String(url.dropLast()) : url
    }
  }
}
