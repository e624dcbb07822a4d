import DictationTypes
import FoundationEssentials
import Linux

/// A line of JSON on standard error: why it failed, or what it warns of.
struct HelperMessage: Encodable {
  var kind: String?
  var message: String?
  var warning: String?

  init(kind: String, message: String) { (self.kind, self.message) = (kind, message) }

  init(_ error: DictationError) { self.init(kind: error.kind.rawValue, message: error.message) }

  init(warning: String) { self.warning = warning }
}

/// Writes `message` to standard error.
func tell(_ message: HelperMessage) { _ = writeAll(2, jsonLine(message)) }

/// `value` as a line of JSON, in snake case.
func jsonLine(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.keyEncodingStrategy = .convertToSnakeCase
  return Array((try? encoder.encode(value)) ?? Data()) + [UInt8(ascii: "\n")]
}
