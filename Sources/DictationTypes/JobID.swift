/// The id of a job: a UUID of version 7 (RFC 9562 §5.7), so that ids sort by the time they were made.
public struct JobID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The canonical lower-case form, 36 characters.
  public let description: String

  /// A new id for `unixMilliseconds` since 1970, with 74 random bits.
  public init(unixMilliseconds: UInt64, using generator: inout some RandomNumberGenerator) {
    let high = (unixMilliseconds << 16) | 0x7000 | UInt64.random(in: 0...0xfff, using: &generator)
    let random = UInt64.random(in: 0...UInt64.max, using: &generator)
    let low = random & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    let digits = Self.hexadecimal(high) + Self.hexadecimal(low)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text.append("-") }
      text.append(digit)
    }
    description = text
  }

  /// The id written as `text`, or nil when it is not 36 characters of a UUID in lower case.
  public init?(_ text: String) {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    guard groups.map(\.count) == [8, 4, 4, 4, 12],
      groups.allSatisfy({ $0.allSatisfy { "0123456789abcdef".contains($0) } })
    else { return nil }
    description = text
  }

  /// When it was made, in milliseconds since 1970.
  public var unixMilliseconds: UInt64 {
    UInt64(description.prefix(13).filter { $0 != "-" }, radix: 16) ?? 0
  }

  /// Its time alone, 13 characters: enough to name a job, as no two begin in the same millisecond.
  public var short: String { String(description.prefix(13)) }

  /// By time of making.
  public static func < (left: JobID, right: JobID) -> Bool { left.description < right.description }

  /// Decodes the canonical form; anything else is a decoding error.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let id = JobID(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a job id"))
    }
    self = id
  }

  /// Encodes the canonical form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
