/// One HTTP request.
public struct HTTPRequest: Sendable {
  /// The address; with `socketPath`, its host is only the `Host` header.
  public var url: String
  /// The Unix socket to connect to in place of the address's host.
  public var socketPath: String?
  /// Extra header lines, `Name: value`. They may hold a secret and are never logged.
  public var headers: [String] = []
  /// The parts of a multipart body, sent with POST; empty: there is none.
  public var parts: [FormPart] = []
  /// A body that is JSON, sent with POST; nil: there is none. With neither it is a GET.
  public var json: [UInt8]?
  /// How long one try may take altogether, in milliseconds.
  public var timeout: Int
  /// How long a try may go on without a byte from the server, in milliseconds, as whole seconds; nil: as long as it may
  /// take altogether.
  public var stallTimeout: Int?
  /// How long the connection of one try may take, in milliseconds.
  public var connectTimeout = 10_000
  /// The longest body that is taken, in bytes; more is a failure.
  public var bodyLimit = 16 << 20
  /// Makes the reader of a streamed answer, one for each try; nil: nobody reads along. A request that is read along is
  /// never joined with another.
  public var reader: (@Sendable () -> any BodyReader)?

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
  var server: String { socketPath.map { "the server at \($0)" } ?? host }
}

/// Reads an answer while it comes, on the thread of the connections: it must not block.
public protocol BodyReader: AnyObject {
  /// Takes the next bytes of the body. False: enough has come. The connection is closed then, and what has come is the
  /// answer.
  func read(_ bytes: UnsafeRawBufferPointer) -> Bool
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
    hasher.combine(json)
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
      && json == other.json && bodyLimit == other.bodyLimit && reader == nil && other.reader == nil
  }
}
