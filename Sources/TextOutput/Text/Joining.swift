import DictationTypes

/// What stands between two texts that are dictated one after the other.
enum Joining {
  /// `text` with the space that `style` puts before or behind it. `previous` is what thoth has inserted just before in
  /// the same place; nil when it is not known what stands there.
  static func joined(
    _ text: [Unicode.Scalar], after previous: [Unicode.Scalar]?, _ style: AppendStyle
  ) -> [Unicode.Scalar] {
    guard let first = text.first, let last = text.last else { return text }
    switch style {
    case .none: return text
    case .space: return last.properties.isWhitespace ? text : text + [" "]
    case .auto:
      guard let before = previous?.last, needsSpace(before, first) else { return text }
      return [" "] + text
    }
  }

  /// Whether a space belongs between a text that ends in `before` and one that begins with `after`.
  private static func needsSpace(_ before: Unicode.Scalar, _ after: Unicode.Scalar) -> Bool {
    if before.properties.isWhitespace || after.properties.isWhitespace { return false }
    if isWithoutSpaces(before) || isWithoutSpaces(after) { return false }
    switch before.properties.generalCategory {
    case .openPunctuation, .initialPunctuation: return false
    default: break
    }
    switch after.properties.generalCategory {
    case .closePunctuation, .finalPunctuation: return false
    default: return !".,;:!?…%".unicodeScalars.contains(after)
    }
  }

  /// Whether `scalar` is of a script that is written without spaces between words: Chinese and Japanese characters and
  /// their punctuation, Thai, Lao, Khmer, Burmese. Ranges of the Unicode blocks.
  private static func isWithoutSpaces(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF: true
    case 0x2E80...0x312F, 0x31A0...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF: true
    case 0xFF00...0xFFEF, 0x20000...0x3FFFF: true
    default: false
    }
  }
}
