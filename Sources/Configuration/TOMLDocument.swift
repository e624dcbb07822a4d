internal import CTOML

/// A parsed settings file: its values by path, each with its place.
struct TOMLDocument {
  /// One value, or table, of the file.
  struct Entry {
    /// Keys and array indices from the root, joined with dots: `engine.0.url`.
    let path: String
    /// What it is.
    let kind: Kind
    /// The value as text, a string without its quotes.
    let text: String
    /// Where it begins and where it ends (one behind the last scalar).
    let start: Place
    let end: Place
  }

  /// The kinds that settings have, and all others.
  enum Kind { case string, integer, boolean, table, other }

  /// A line and a column (in Unicode scalars), both from 1.
  struct Place: Hashable {
    let line: Int
    let column: Int
  }

  /// In the order of the file's tables.
  let entries: [Entry]

  /// Parses `text`.
  ///
  /// - Throws: `ConfigurationProblem` with the place of the mistake when it is no TOML.
  init(_ text: String) throws(ConfigurationProblem) {
    var failure = toml_failure()
    var text = text
    let parsed = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        toml_parse($0.baseAddress ?? Self.empty, $0.count, &failure)
      }
    }
    guard let document = parsed else {
      let message = withUnsafeBytes(of: &failure.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw ConfigurationProblem(message, line: Int(failure.line), column: Int(failure.column))
    }
    defer { toml_free(document) }
    entries = (0..<toml_count(document)).map { Self.entry(toml_at(document, $0)) }
  }

  nonisolated(unsafe) private static let empty = UnsafePointer(
    UnsafeMutablePointer<CChar>.allocate(capacity: 1))

  private static func entry(_ found: toml_entry) -> Entry {
    let kind: Kind =
      switch found.kind {
      case TOML_STRING: .string
      case TOML_INTEGER: .integer
      case TOML_BOOLEAN: .boolean
      case TOML_TABLE: .table
      default: .other
      }
    return Entry(
      path: String(cString: found.path), kind: kind, text: String(cString: found.text),
      start: Place(line: Int(found.line), column: Int(found.column)),
      end: Place(line: Int(found.end_line), column: Int(found.end_column)))
  }
}

/// A mistake in the settings file, or a thing to look at in it.
public struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, and what would be right.
  public let message: String
  /// The line, from 1; 0 when it is not about a place.
  public let line: Int
  /// The column in Unicode scalars, from 1; 0 when it is not about a place.
  public let column: Int

  init(_ message: String, line: Int = 0, column: Int = 0) {
    self.message = message
    self.line = line
    self.column = column
  }

  init(_ message: String, at place: TOMLDocument.Place) {
    self.init(message, line: place.line, column: place.column)
  }

  /// `line 3, column 7: …`
  public var description: String {
    line > 0 ? "line \(line), column \(column): \(message)" : message
  }
}
