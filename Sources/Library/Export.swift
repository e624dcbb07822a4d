import DictationTypes
import FoundationEssentials

/// The texts of `items`, one a line; line breaks within a text become spaces.
public func text(_ items: [Item]) -> String {
  items.map { item in
    "\(timestamp(item.createdAt))  \(item.id)  \(oneLine(item.result?.text ?? item.error?.message ?? ""))\n"
  }.joined()
}

/// `items` as a JSON array, with names in snake case.
public func json(_ items: [Item]) -> String {
  // Infinite numbers alone cannot be encoded, and none is stored.
  let data = (try? jsonEncoder().encode(items)) ?? Data("[]".utf8)
  return String(decoding: data, as: UTF8.self) + "\n"
}

/// `items` as CSV (RFC 4180): a header, lines that end with CR LF, cells in quotes where it takes them.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe in front
/// (https://owasp.org/www-community/attacks/CSV_Injection).
public func csv(_ items: [Item]) -> String {
  let header = [
    "id", "kind", "created_at", "state", "text", "raw_text", "language", "duration_ms", "engine", "model",
    "device", "error", "tags",
  ]
  let lines = items.map { item in
    [
      item.id.description, item.kind.rawValue, timestamp(item.createdAt), item.state.name, item.result?.text,
      item.result?.rawText, item.result?.language, item.result.map { String($0.durationMs) },
      item.result?.engine,
      item.result?.model, item.device, item.error?.message, tagList(item.tags),
    ].map { csvCell($0 ?? "") }
  }
  return ([header] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
}

/// `tags` in one line, by their keys: `key=value`, with `; ` between them.
public func tagList(_ tags: [String: String]) -> String {
  oneLine(tags.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "; "))
}

/// A cell, guarded and quoted.
func csvCell(_ text: String) -> String {
  let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
  let guarded = isFormula ? "'" + text : text
  let needsQuotes = guarded.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
  return needsQuotes ? "\"" + guarded.replacing("\"", with: "\"\"") + "\"" : guarded
}

/// A time in milliseconds since 1970 by ISO 8601, UTC, to the second.
private func timestamp(_ milliseconds: UInt64) -> String {
  Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
}

private func oneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).joined(separator: " ")
}
