internal import CCurl
import DictationTypes

/// The one place where curl's codes become kinds and sentences (curl.se/libcurl/c/libcurl-errors.html).
func transferError(_ code: CURLcode, _ request: HTTPRequest) -> DictationError {
  let server = request.server
  let reason = String(cString: curl_easy_strerror(code))
  switch code {
  case CURLE_OPERATION_TIMEDOUT:
    let seconds = Double(request.stallTimeout ?? request.timeout) / 1000
    return DictationError(
      .timeout, "\(server) did not answer within \(seconds) s: try again, or raise its timeout",
      retryable: true)
  case CURLE_COULDNT_CONNECT:
    return DictationError(
      .network, "\(server) does not accept connections: is it running?", retryable: true)
  case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
    return DictationError(
      .network, "\(server) is not known: check its url and the network", retryable: true)
  case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
    return DictationError(.config, "\"\(server)\" is no address: correct the engine's url")
  case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE:
    return DictationError(
      .network, "\(server) cannot prove who it is: \(reason). Have its certificate mended, or correct the url"
    )
  default:
    return DictationError(
      .network, "the connection to \(server) broke: \(reason). Try again", retryable: true)
  }
}
