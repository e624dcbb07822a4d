public import DictationTypes

/// What of a text may become key events, or go on the clipboard.
public struct SanitizedText: Sendable, Hashable {
  /// The characters that are output, in their order.
  public internal(set) var scalars: [Unicode.Scalar]
  /// How many characters were left out.
  public let stripped: Int

  /// The characters as a string.
  public var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}

extension OutputReport {
  /// A report of `text`, sent by `method`.
  public init(method: OutputMethod, _ text: SanitizedText, windowClass: String? = nil) {
    self.init(method: method, windowClass: windowClass, chars: text.scalars.count)
    stripped = text.stripped > 0 ? text.stripped : nil
  }
}

/// Turns text into what may become key events: recognized text is data, and never a command.
public enum TextSanitizer {
  /// What of `text` is output; in time linear in its length, and no more is left out of it a second time.
  ///
  /// - Line ends of any system (CR LF, CR, NEL, U+2028, U+2029) become one newline each. Where newlines become spaces,
  ///   each run of newlines and tabs becomes one, and none at the beginning and at the end.
  /// - All other controls (C0, DEL, C1) and noncharacters are left out, and interlinear annotation (U+FFF9 to U+FFFB).
  /// - So is what nobody sees and nobody says: all that Unicode calls default ignorable (UAX #44), above all directional
  ///   overrides, embeddings and isolates, which make a text look other than it is, and tags, which hide a second
  ///   text; flags of regions (England's) that are spelled with them become a black flag.
  /// - Some of these stay where scripts and emoji need them. Directional marks: everywhere. A joiner or a non-joiner:
  ///   behind a letter of a script that it shapes, and a joiner between two emoji. A variation selector: behind what
  ///   it varies. Mongolian's vowel separator: behind a Mongolian letter. So never two of them in a row.
  public static func sanitized(_ text: String, newline: NewlineStyle) -> SanitizedText {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.utf8.count)
    var (stripped, isAfterReturn, isAfterBreak) = (0, false, false)
    var rest = text.unicodeScalars.makeIterator()
    var next = rest.next()
    while let scalar = next {
      next = rest.next()
      let isSecondHalf = isAfterReturn && scalar == "\n"
      isAfterReturn = scalar == "\r"
      if isSecondHalf { continue }
      let clean = isLineEnd(scalar) ? "\n" : scalar
      if newline == .space, clean == "\n" || clean == "\t" {
        isAfterBreak = true
        continue
      }
      let previous = isAfterBreak && !result.isEmpty ? " " : result.last
      guard isText(clean, after: previous, before: next) else {
        stripped += 1
        continue
      }
      if isAfterBreak, !result.isEmpty { result.append(" ") }
      isAfterBreak = false
      result.append(clean)
    }
    return SanitizedText(scalars: result, stripped: stripped)
  }

  private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Whether `scalar` is output, `previous` being the last that was, and `next` the one that follows it in the text.
  private static func isText(
    _ scalar: Unicode.Scalar, after previous: Unicode.Scalar?, before next: Unicode.Scalar?
  ) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x20...0x7E: return true
    case 0x00...0x1F, 0x7F...0x9F, 0xFFF9...0xFFFB: return false
    case 0x061C, 0x200E, 0x200F: return true
    case 0x200C: return previous.map(Script.isShaped) ?? false
    case 0x200D: return previous.map { Script.isShaped($0) || joins($0, next) } ?? false
    case 0x180E: return previous.map(Script.isMongolian) ?? false
    default: break
    }
    let properties = scalar.properties
    if properties.isVariationSelector { return previous.map { varies($0, by: scalar.value) } ?? false }
    return !properties.isDefaultIgnorableCodePoint && !properties.isNoncharacterCodePoint
  }

  /// Whether a joiner between the two is part of an emoji. Digits are emoji too for Unicode (keycaps); none is joined.
  private static func joins(_ previous: Unicode.Scalar, _ next: Unicode.Scalar?) -> Bool {
    guard let next, next.properties.isEmoji, !next.isASCII else { return false }
    return previous.value == 0xFE0F || previous.properties.isEmoji && !previous.isASCII
  }

  /// Whether the variation selector `selector` can vary `base`: text and emoji style (15 and 16) an emoji; 1 to 14 an
  /// ideograph or a letter of a script with such variants; 17 to 256 an ideograph; Mongolian's own a Mongolian letter.
  private static func varies(_ base: Unicode.Scalar, by selector: UInt32) -> Bool {
    switch selector {
    case 0xFE0E, 0xFE0F: base.properties.isEmoji
    case 0xFE00...0xFE0D: base.properties.isIdeographic || Script.isShaped(base)
    case 0xE0100...0xE01EF: base.properties.isIdeographic
    default: Script.isMongolian(base)
    }
  }
}

/// What has to be known of scripts. Swift tells no character's script; Unicode gives each script blocks of its own.
private enum Script {
  /// Whether `scalar` is of a script whose letters a joiner or a non-joiner shapes: cursive ones (Arabic, Syriac, N'Ko,
  /// Mongolian, Adlam …), and those of India and its neighbours. Joiners and selectors are in none of their blocks.
  static func isShaped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0600...0x07FF, 0x0840...0x0DFF, 0x0F00...0x109F, 0x1700...0x18AF, 0x1900...0x1CFF, 0xA840...0xA8FF,
      0xA930...0xAAFF, 0xABC0...0xABFF, 0xFB50...0xFDCF, 0xFDF0...0xFDFF, 0xFE70...0xFEFC, 0x10A00...0x11FFF,
      0x1E900...0x1E95F:
      !scalar.properties.isDefaultIgnorableCodePoint
    default: false
    }
  }

  static func isMongolian(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1820...0x18AA, 0x11660...0x1167F: true
    default: false
    }
  }
}
