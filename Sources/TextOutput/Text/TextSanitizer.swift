import DictationTypes

/// Turns text into what may become key events: recognized text is data, and never a command.
enum TextSanitizer {
  /// The scalars of `text` that are output, in order.
  ///
  /// - Line ends of any system (CR LF, CR, NEL, U+2028, U+2029) become one newline each.
  /// - Other control characters (C0, DEL, C1) and noncharacters are dropped.
  /// - The directional overrides U+202D and U+202E are dropped: no speech produces them, and they only make
  ///   text look other than it is. Marks, embeddings and isolates stay, since Arabic and Hebrew need them.
  /// - Where newlines become spaces, each run of newlines and tabs becomes one.
  static func scalars(of text: String, newline: NewlineStyle) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.unicodeScalars.count)
    var previous: Unicode.Scalar?
    var inRun = false
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      guard let clean = sanitized(scalar, after: previous) else { continue }
      let isBreak = clean == "\n" || clean == "\t"
      if newline == .space, isBreak {
        if !inRun { result.append(" ") }
        inRun = true
      } else {
        result.append(clean)
        inRun = false
      }
    }
    return result
  }

  private static func sanitized(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Unicode.Scalar?
  {
    switch scalar.value {
    case 0x0A: previous == "\r" ? nil : "\n"
    case 0x09: scalar
    case 0x0D, 0x85, 0x2028, 0x2029: "\n"
    case 0x00...0x1F, 0x7F...0x9F: nil
    case 0x202D, 0x202E: nil
    case 0xFDD0...0xFDEF: nil
    case let value where value & 0xFFFE == 0xFFFE: nil
    default: scalar
    }
  }
}

extension [Unicode.Scalar] {
  /// The scalars as a string.
  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: self)
    return String(view)
  }
}
