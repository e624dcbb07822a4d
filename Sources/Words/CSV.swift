/// Comma-separated values as RFC 4180 has them: fields in quotes may hold commas, line breaks, and quotes that are doubled.
enum CSV {
  /// A row of a file, and the line on which it begins, from 1.
  struct Row: Hashable {
    let line: Int
    let fields: [String]
  }

  /// The rows of `text`, without empty ones. A quote that is not closed goes on to the end.
  static func rows(_ text: String) -> [Row] {
    var reader = Reader()
    for scalar in text.unicodeScalars { reader.read(scalar) }
    reader.endRow()
    return reader.rows
  }

  /// One row, with the line's end.
  static func line(_ fields: [String]) -> String {
    fields.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    let needsQuotes = field.unicodeScalars.contains { "\",\n\r".unicodeScalars.contains($0) }
    guard needsQuotes || field.first == " " || field.last == " " else { return field }
    return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private struct Reader {
    var rows: [Row] = []
    private var fields: [String] = []
    private var field = String.UnicodeScalarView()
    private var line = 1
    private var start = 1
    private var isQuoted = false
    private var hasJustClosed = false

    mutating func read(_ scalar: Unicode.Scalar) {
      defer { hasJustClosed = !isQuoted && scalar == "\"" }
      if scalar == "\n" { line += 1 }
      if isQuoted {
        if scalar == "\"" { isQuoted = false } else { field.append(scalar) }
      } else if scalar == "\"" {
        // Directly behind a quote it stands for itself, and the field goes on.
        if hasJustClosed { field.append(scalar) }
        isQuoted = true
      } else if scalar == "," {
        endField()
      } else if scalar == "\n" {
        endRow()
      } else if scalar != "\r" {
        field.append(scalar)
      }
    }

    mutating func endRow() {
      endField()
      if fields != [""] { rows.append(Row(line: start, fields: fields)) }
      (fields, start) = ([], line)
    }

    private mutating func endField() {
      fields.append(String(field))
      field = String.UnicodeScalarView()
    }
  }
}
