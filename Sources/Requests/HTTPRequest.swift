/// One HTTP request.
public struct HTTPRequest: Sendable {
  /// The address; with `socketPath`, its host is only the `Host` header.
  public var url: String
  /// The Unix socket to connect to in place of the address's host.
  public var socketPath: String?
  /// Extra header lines, `Name: value`. They may hold a secret and are never logged.
  public var headers: [String] = []
  /// The parts of a multipart body, sent with POST; empty: GET.
  public var parts: [FormPart] = []
  /// How long one try may take altogether, in milliseconds.
  public var timeout: Int
  /// How long the connection of one try may take, in milliseconds.
  public var connectTimeout = 10_000
  /// The longest body that is taken, in bytes; more is a failure.
  public var bodyLimit = 16 << 20

  /// A request for `url`, one try of which may take `timeout` milliseconds.
  public init(url: String, socketPath: String? = nil, timeout: Int) {
    self.url = url
    self.socketPath = socketPath
    self.timeout = timeout
  }

  /// The server, as limits, breakers and figures tell it from others: `unix:PATH`, or scheme, host and port of the
  /// address, without a user and their password.
  public var host: String {
    if let socketPath { return "unix:\(socketPath)" }
    guard let scheme = url.firstRange(of: "://") else { return url }
    let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
    let name = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    return url[..<scheme.upperBound].lowercased() + name.lowercased()
  }

  /// How sentences name the server.
  var server: String { socketPath.map { "the engine at \($0)" } ?? host }
}

/// One part of a multipart form.
public struct FormPart: Sendable, Hashable {
  /// The field's name.
  public var name: String
  /// The bytes.
  public var data: [UInt8]
  /// The file name, for a file.
  public var filename: String?
  /// The media type, for a file.
  public var contentType: String?

  /// A text field.
  public init(_ name: String, _ text: String) {
    self.name = name
    data = Array(text.utf8)
  }

  /// A file.
  public init(_ name: String, file data: [UInt8], filename: String, contentType: String) {
    self.name = name
    self.data = data
    self.filename = filename
    self.contentType = contentType
  }
}

/// What a server answered.
public struct HTTPResponse: Sendable {
  /// The status code.
  public let status: Int
  /// The media type without parameters, in lower case; empty when none was sent.
  public let contentType: String
  /// The body.
  public let body: [UInt8]

  init(status: Int, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }
}

extension HTTPRequest {
  /// A number that identical requests share, and that others hardly ever do. Of long parts it takes in the length and
  /// both ends: all of a recording would take longer than it takes to send it on loopback.
  var digest: Int {
    var hasher = Hasher()
    hasher.combine(url)
    hasher.combine(socketPath)
    hasher.combine(headers)
    for part in parts {
      hasher.combine(part.name)
      hasher.combine(part.data.count)
      for end in [part.data.prefix(1024), part.data.suffix(1024)] {
        end.withUnsafeBytes { hasher.combine(bytes: $0) }
      }
    }
    return hasher.finalize()
  }

  /// Whether the server cannot tell this one from `other`. How long they may take does not matter.
  func isIdentical(to other: HTTPRequest) -> Bool {
    url == other.url && socketPath == other.socketPath && headers == other.headers && parts == other.parts
      && bodyLimit == other.bodyLimit
  }
}
