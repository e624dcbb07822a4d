import DictationTypes
import Linux
import TestSupport
import Testing

@testable import Requests

/// An order with `seconds` to its deadline.
func order(_ priority: RequestPriority = .live, seconds: Double = 120, retries: Int = 0) -> RequestOrder {
  RequestOrder(priority, deadline: monotonicNanoseconds() + UInt64(seconds * 1e9), retries: retries)
}

/// An upload to `server`, which behaves as `mode`.
func upload(_ server: FaultServer, _ mode: String, bytes: Int = 3) -> HTTPRequest {
  var request = HTTPRequest(url: server.url(mode) + "/audio/transcriptions", timeout: 120_000)
  request.parts = [
    FormPart("model", "m"),
    FormPart(
      "file", file: [UInt8](repeating: 1, count: bytes), filename: "a.wav", contentType: "audio/wav"),
  ]
  return request
}

/// How `request` ends: the status, or the error.
func outcome(_ manager: RequestManager, _ request: HTTPRequest, _ order: RequestOrder) async
  -> Result<HTTPResponse, DictationError>
{
  do throws(DictationError) { return .success(try await manager.send(request, order)) } catch {
    return .failure(error)
  }
}

extension Result<HTTPResponse, DictationError> {
  var status: Int? { (try? get())?.status }
  var error: DictationError? { if case .failure(let error) = self { error } else { nil } }
  var text: String? { (try? get()).map { String(decoding: $0.body, as: UTF8.self) } }
}

/// A request on its way.
typealias Asking = Task<Result<HTTPResponse, DictationError>, Never>

/// Two requests that `server` does not answer: no other finds a permit for it.
func occupy(_ manager: RequestManager, _ server: FaultServer) async -> [Asking] {
  let tasks = [1, 2].map { bytes in
    Task { await outcome(manager, upload(server, "never", bytes: bytes), order()) }
  }
  #expect(await waits { server.waitFor("never\nnever") })
  return tasks
}
