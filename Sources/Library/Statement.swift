import CSQLite

/// A value that is bound to a parameter. Nothing is ever written into the text of a statement.
enum Value {
  case null
  case integer(Int)
  case text(String)

  init(_ text: String?) { self = text.map(Value.text) ?? .null }

  init(_ time: UInt64?) { self = time.map { .integer(Int(clamping: $0)) } ?? .null }
}

/// A prepared statement of a `Database`.
struct Statement {
  private let pointer: OpaquePointer?

  init(_ pointer: OpaquePointer?) { self.pointer = pointer }

  /// The row that the last step brought.
  var row: Row { Row(pointer) }

  func step() -> Int32 { sqlite3_step(pointer) }

  func reset() {
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
  }

  func finalize() { sqlite3_finalize(pointer) }

  func bind(_ value: Value, at index: Int32) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(pointer, index)
    case .integer(let number): return sqlite3_bind_int64(pointer, index, Int64(number))
    case .text(var text):
      // With its length: a text may hold U+0000.
      return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters in
          guard let start = characters.baseAddress else { return thoth_bind_text(pointer, index, "", 0) }
          return thoth_bind_text(pointer, index, start, UInt64(characters.count))
        }
      }
    }
  }
}

/// A row of a result. It is valid until the next step.
struct Row {
  private let pointer: OpaquePointer?

  init(_ pointer: OpaquePointer?) { self.pointer = pointer }

  /// The column as a text; nil for NULL.
  func text(_ column: Int) -> String? {
    guard let bytes = sqlite3_column_text(pointer, Int32(column)) else { return nil }
    let count = Int(sqlite3_column_bytes(pointer, Int32(column)))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// The column as a number; nil for NULL.
  func integer(_ column: Int) -> Int? {
    guard sqlite3_column_type(pointer, Int32(column)) != SQLITE_NULL else { return nil }
    return Int(sqlite3_column_int64(pointer, Int32(column)))
  }

  /// The column as an amount of something: from 0 to 2⁴⁸, so that whoever calculates with what another program wrote
  /// there does not overflow. 0 for NULL.
  func amount(_ column: Int) -> Int { min(max(0, integer(column) ?? 0), 1 << 48) }

  /// The column as a time in milliseconds since 1970, at most that of a job's id (48 bits: the year 10889); nil for
  /// NULL.
  func time(_ column: Int) -> UInt64? { integer(column).map { min(UInt64(clamping: $0), 1 << 48 - 1) } }
}
