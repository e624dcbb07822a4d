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
  /// How long it may take altogether, in milliseconds.
  public var timeout: Int
  /// The longest body that is taken, in bytes; more is a failure.
  public var bodyLimit = 16 << 20

  /// A request for `url` that may take `timeout` milliseconds.
  public init(url: String, socketPath: String? = nil, timeout: Int) {
    self.url = url
    self.socketPath = socketPath
    self.timeout = timeout
  }
}

/// One part of a multipart form.
public struct FormPart: Sendable {
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
