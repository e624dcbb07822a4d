// Puts text into the window that has the focus on $DISPLAY, for scripts/proof and scripts/bench, which cannot call
// Swift. It reads one request a line from standard input and answers each with one line, until the input ends:
//
//     {"text":"…","method":"type|paste|auto"}
//     {"method":"type","window_class":"XTerm","chars":12,"milliseconds":3.1}
//     {"error":"…","milliseconds":3.1}

import DictationTypes
import Foundation
import Linux
import TextOutput

struct Request: Decodable {
  var text: String
  var method: OutputMethod
}

struct Answer: Encodable {
  var method: OutputMethod?
  var windowClass: String?
  var chars: Int?
  /// Why nothing, or not all, was inserted.
  var error: String?
  /// From the request to the answer.
  var milliseconds: Double
}

let environment = ProcessInfo.processInfo.environment
let address = DisplayAddress(
  display: environment["DISPLAY"] ?? "", xauthority: environment["XAUTHORITY"])
let output = X11Output()
let decoder = JSONDecoder()
let encoder = JSONEncoder()
encoder.keyEncodingStrategy = .convertToSnakeCase

/// The only call of what is measured.
func insert(_ request: Request) async throws(DictationError) -> InsertionOutcome {
  var insertion = Insertion(request.text)
  insertion.method = request.method
  return try await output.insert(insertion, on: address)
}

func answer(to request: Request) async -> Answer {
  let begin = monotonicNanoseconds()
  var answer = Answer(milliseconds: 0)
  do throws(DictationError) {
    switch try await insert(request) {
    case .inserted(let report):
      (answer.method, answer.windowClass, answer.chars) = (report.method, report.windowClass, report.chars)
    case .held(let reason): answer.error = reason
    }
  } catch {
    answer.error = error.message
  }
  answer.milliseconds = Double(monotonicNanoseconds() - begin) / 1e6
  return answer
}

while let line = readLine() {
  let request = try decoder.decode(Request.self, from: Data(line.utf8))
  let data = try encoder.encode(await answer(to: request))
  _ = writeAll(1, Array(data) + [10])
}
output.shutDown()
