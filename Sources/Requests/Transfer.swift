internal import CCurl
import DictationTypes

/// One request on its way: the curl handle, what has arrived, and who waits. It belongs to the curl thread.
final class Transfer {
  let easy: OpaquePointer
  private let request: HTTPRequest
  private let deliver: (Result<HTTPResponse, DictationError>) -> Void
  private var body: [UInt8] = []
  private var isTooLong = false
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var form: OpaquePointer?

  init?(_ request: HTTPRequest, deliver: @escaping (Result<HTTPResponse, DictationError>) -> Void) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = OpaquePointer(easy)
    self.request = request
    self.deliver = deliver
    configure(easy)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_mime_free(form)
    curl_slist_free_all(headers)
  }

  private var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(easy) }

  /// Delivers the outcome that curl reports as `code`.
  func finish(_ code: CURLcode) {
    if isTooLong {
      let limit = request.bodyLimit >> 20
      return deliver(.failure(DictationError(.server, "\(request.host) answered with more than \(limit) MB")))
    }
    guard code == CURLE_OK else { return deliver(.failure(transferError(code, request))) }
    var status = 0
    thoth_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
    var type: UnsafeMutableRawPointer?
    thoth_getinfo_pointer(handle, CURLINFO_CONTENT_TYPE, &type)
    let name = type.map { String(cString: $0.assumingMemoryBound(to: CChar.self)) } ?? ""
    let mediaType = name.split(separator: ";").first.map(String.init)?.lowercased() ?? ""
    deliver(.success(HTTPResponse(status: status, contentType: mediaType, body: body)))
  }

  /// Delivers the failure of a cancelled request.
  func abort() { deliver(.failure(DictationError(.cancelled, "cancelled"))) }

  fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    if body.count + bytes.count > request.bodyLimit {
      isTooLong = true
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  private func configure(_ easy: UnsafeMutableRawPointer) {
    thoth_setopt_pointer(easy, CURLOPT_URL, request.url)
    if let path = request.socketPath { thoth_setopt_pointer(easy, CURLOPT_UNIX_SOCKET_PATH, path) }
    thoth_setopt_long(easy, CURLOPT_TIMEOUT_MS, request.timeout)
    thoth_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, min(request.timeout, 10_000))
    thoth_setopt_long(easy, CURLOPT_NOSIGNAL, 1)
    // A server that redirects an upload is another server than the one that was configured.
    thoth_setopt_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    thoth_setopt_pointer(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    thoth_setopt_pointer(easy, CURLOPT_USERAGENT, "thoth")
    // A proxy cannot reach this machine's own addresses.
    thoth_setopt_pointer(easy, CURLOPT_NOPROXY, request.socketPath == nil ? "localhost,127.0.0.1,::1" : "*")
    // No "Expect: 100-continue": it costs a second with servers that do not know it.
    headers = curl_slist_append(nil, "Expect:")
    for header in request.headers { headers = curl_slist_append(headers, header) }
    thoth_setopt_pointer(easy, CURLOPT_HTTPHEADER, headers)
    thoth_setopt_pointer(easy, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
    thoth_setopt_write(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, transfer in
      let transfer = Unmanaged<Transfer>.fromOpaque(transfer!).takeUnretainedValue()
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    if !request.parts.isEmpty { addForm(easy) }
  }

  private func addForm(_ easy: UnsafeMutableRawPointer) {
    form = curl_mime_init(easy)
    for field in request.parts {
      let part = curl_mime_addpart(form)
      curl_mime_name(part, field.name)
      _ = field.data.withUnsafeBytes {
        curl_mime_data(part, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
      }
      if let filename = field.filename { curl_mime_filename(part, filename) }
      if let type = field.contentType { curl_mime_type(part, type) }
    }
    thoth_setopt_pointer(easy, CURLOPT_MIMEPOST, UnsafeRawPointer(form))
  }
}

extension HTTPRequest {
  /// How messages name the other end: the address without its path, or the socket.
  var host: String {
    if let socketPath { return "the engine at \(socketPath)" }
    let parts = url.split(separator: "/", omittingEmptySubsequences: true)
    return parts.count > 1 ? "\(parts[0])//\(parts[1])" : url
  }
}

/// The one place where curl's codes become kinds and sentences (curl.se/libcurl/c/libcurl-errors.html).
private func transferError(_ code: CURLcode, _ request: HTTPRequest) -> DictationError {
  let reason = String(cString: curl_easy_strerror(code))
  switch code {
  case CURLE_OPERATION_TIMEDOUT:
    let seconds = Double(request.timeout) / 1000
    return DictationError(
      .timeout, "\(request.host) did not answer within \(seconds) s: try again, or raise its timeout",
      retryable: true)
  case CURLE_COULDNT_CONNECT:
    return DictationError(
      .network, "\(request.host) does not accept connections: is the engine running?", retryable: true)
  case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
    return DictationError(
      .network, "\(request.host) is not known: check its url and the network", retryable: true)
  case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
    return DictationError(.config, "\"\(request.url)\" is no address: correct the engine's url")
  case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE:
    return DictationError(.network, "\(request.host) cannot prove who it is: \(reason)")
  default:
    return DictationError(.network, "the connection to \(request.host) broke: \(reason)", retryable: true)
  }
}
