internal import CCurl
import DictationTypes

/// One request on its way: the curl handle, what has arrived, and who waits. It belongs to the curl thread.
final class Transfer {
  let easy: OpaquePointer
  private let request: HTTPRequest
  private let done: (TransferOutcome) -> Void
  private var body: [UInt8] = []
  private let reader: (any BodyReader)?
  private var isTooLong = false
  private var isEnough = false
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var form: UploadForm?

  init?(_ request: HTTPRequest, done: @escaping (TransferOutcome) -> Void) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = OpaquePointer(easy)
    self.request = request
    self.done = done
    reader = request.reader?()
    configure(easy)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
  }

  private var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(easy) }

  /// Delivers the outcome that curl reports as `code`.
  func finish(_ code: CURLcode) {
    var outcome = TransferOutcome(result: result(code))
    outcome.sent = number(CURLINFO_SIZE_UPLOAD_T)
    outcome.received = number(CURLINFO_SIZE_DOWNLOAD_T)
    // Curl reads both forms, seconds and date (RFC 9110, section 10.2.3). More than a day is for ever.
    outcome.retryAfter = UInt64(min(max(number(CURLINFO_RETRY_AFTER), 0), 86_400)) * 1_000_000_000
    done(outcome)
  }

  private func result(_ code: CURLcode) -> Result<HTTPResponse, DictationError> {
    if isTooLong {
      let limit = request.bodyLimit >> 20
      return .failure(DictationError(.server, "\(request.server) answered with more than \(limit) MB"))
    }
    guard code == CURLE_OK || isEnough else { return .failure(transferError(code, request)) }
    var status = 0
    thoth_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
    var type: UnsafeMutableRawPointer?
    thoth_getinfo_pointer(handle, CURLINFO_CONTENT_TYPE, &type)
    let name = type.map { String(cString: $0.assumingMemoryBound(to: CChar.self)) } ?? ""
    let mediaType = name.split(separator: ";").first.map(String.init)?.lowercased() ?? ""
    return .success(HTTPResponse(status: status, contentType: mediaType, body: body))
  }

  private func number(_ info: CURLINFO) -> Int {
    var value: curl_off_t = 0
    thoth_getinfo_offset(handle, info, &value)
    return value
  }

  fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    if body.count + bytes.count > request.bodyLimit {
      isTooLong = true
      return 0
    }
    body.append(contentsOf: bytes)
    if let reader, !reader.read(bytes) {
      isEnough = true
      return 0
    }
    return bytes.count
  }

  private func configure(_ easy: UnsafeMutableRawPointer) {
    thoth_setopt_pointer(easy, CURLOPT_URL, request.url)
    if let path = request.socketPath { thoth_setopt_pointer(easy, CURLOPT_UNIX_SOCKET_PATH, path) }
    thoth_setopt_long(easy, CURLOPT_TIMEOUT_MS, request.timeout)
    thoth_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, min(request.timeout, request.connectTimeout))
    if let stall = request.stallTimeout {
      thoth_setopt_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
      thoth_setopt_long(easy, CURLOPT_LOW_SPEED_TIME, (stall + 999) / 1000)
    }
    thoth_setopt_long(easy, CURLOPT_NOSIGNAL, 1)
    // A name that is being looked up when its transfer is aborted would keep the thread, and all others with it,
    // until the resolver gives up.
    thoth_setopt_long(easy, CURLOPT_QUICK_EXIT, 1)
    // A server that redirects an upload is another server than the one that was configured.
    thoth_setopt_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    thoth_setopt_pointer(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    thoth_setopt_pointer(easy, CURLOPT_USERAGENT, "thoth")
    // A proxy cannot reach this machine's own addresses.
    thoth_setopt_pointer(easy, CURLOPT_NOPROXY, request.socketPath == nil ? "localhost,127.0.0.1,::1" : "*")
    // No "Expect: 100-continue": it costs a second with servers that do not know it.
    headers = curl_slist_append(nil, "Expect:")
    for header in request.headers { headers = curl_slist_append(headers, header) }
    if let json = request.json {
      headers = curl_slist_append(headers, "Content-Type: application/json")
      thoth_setopt_long(easy, CURLOPT_POSTFIELDSIZE, json.count)
      _ = json.withUnsafeBytes { thoth_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
    }
    thoth_setopt_pointer(easy, CURLOPT_HTTPHEADER, headers)
    thoth_setopt_pointer(easy, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
    thoth_setopt_write(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, transfer in
      let transfer = Unmanaged<Transfer>.fromOpaque(transfer!).takeUnretainedValue()
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    guard !request.parts.isEmpty else { return }
    form = UploadForm(request.parts, easy)
    thoth_setopt_pointer(easy, CURLOPT_MIMEPOST, UnsafeRawPointer(form?.mime))
  }
}
