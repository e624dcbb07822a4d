/// Where a server listens: a Unix socket or a web address.
public struct ServerAddress: Sendable, Hashable {
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
}

/// `url` without the user and the password that may stand before the host (RFC 3986, section 3.2.1).
public func withoutUser(_ url: String) -> String {
  guard let scheme = url.firstRange(of: "://") else { return url }
  let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
  guard let at = authority.lastIndex(of: "@") else { return url }
  return String(url[..<scheme.upperBound] + url[url.index(after: at)...])
}
