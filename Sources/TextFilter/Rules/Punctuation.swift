/// Puts punctuation and the spaces around it right: one mark where there are several, none that is left alone, no space
/// before it, and one behind it. Addresses, numbers, file names, versions and code stay as they are; so does `...`,
/// unless `collapsesEllipses`. In French there is a space before `!?;:`.
func withTidyPunctuation(_ scalars: Scalars, collapsesEllipses: Bool, language: String?) -> Scalars {
  var tidy = TidyPunctuation(scalars, collapsesEllipses: collapsesEllipses, isFrench: language == "fr")
  return tidy.run()
}

private struct TidyPunctuation {
  private let scalars: Scalars
  private let collapsesEllipses: Bool
  private let isFrench: Bool
  private var result = Scalars()

  init(_ scalars: Scalars, collapsesEllipses: Bool, isFrench: Bool) {
    self.scalars = scalars
    self.collapsesEllipses = collapsesEllipses
    self.isFrench = isFrench
    result.reserveCapacity(scalars.count + 16)
  }

  mutating func run() -> Scalars {
    var position = 0
    while position < scalars.count {
      if scalars[position].isSpace {
        result.append(scalars[position])
        position += 1
        continue
      }
      let end = scalars.chunkEnd(from: position)
      let chunk = scalars[position..<end]
      let marks = chunk.prefix(while: isMark)
      if marks.count == chunk.count {
        append(marks: chunk, isAlone: true)
      } else if let first = marks.first, marks.count == 1, first == "," || first == ";" {
        // ` ,and`: the comma belongs to the word before.
        append(marks: marks, isAlone: true)
        if result.last?.isSpace == false { result.append(" ") }
        append(word: chunk.dropFirst())
      } else {
        append(word: chunk)
      }
      position = end
    }
    return result
  }

  private func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case ".", ",", "!", "?", ";", ":", "…": true
    default: false
    }
  }

  /// A run of marks that stands alone goes to the word before.
  private mutating func append(marks: ArraySlice<Unicode.Scalar>, isAlone: Bool) {
    let marks = reduced(marks)
    guard let first = marks.first else { return }
    let isEllipsis = first == "…" || marks.count > 1 && first == "."
    let before = result.lastVisible
    if isAlone, !isEllipsis {
      // Nothing stands before it, or what it would follow is a mark already.
      guard let before, !before.isBreak else {
        if first == "," || first == ";" || first == ":" || first == "." { return }
        result += marks
        return
      }
      if !(isFrench && "!?;:".unicodeScalars.contains(first)) { result.dropSpaces() }
      if isMark(before), before != "…" {
        // The stronger one stays: ", ." is a full stop, and "., " too.
        if before == "," || before == ";" || before == first, let last = result.indices.last,
          result[last] == before
        {
          if strength(first) > strength(before) { result[last] = first }
          return
        }
        if first == "," || first == ";" || first == "." { return }
      }
    }
    result += marks
  }

  private func strength(_ mark: Unicode.Scalar) -> Int {
    switch mark {
    case ",": 0
    case ";", ":": 1
    case ".": 2
    default: 3
    }
  }

  /// `!!!` is `!`, `,,` is `,`; points stay, unless they are to become one.
  private func reduced(_ marks: ArraySlice<Unicode.Scalar>) -> Scalars {
    var reduced = Scalars()
    var position = marks.startIndex
    while position < marks.endIndex {
      let mark = marks[position]
      let count = marks[position...].prefix { $0 == mark }.count
      if mark == "." && count > 1 {
        reduced += Array(repeating: ".", count: collapsesEllipses ? 1 : min(count, 3))
      } else if mark == "…" && collapsesEllipses {
        reduced.append(".")
      } else {
        reduced.append(mark)
      }
      position += count
    }
    // Commas beside a stronger mark say nothing.
    if reduced.count > 1, reduced.contains(where: { $0 != "," }) { reduced.removeAll { $0 == "," } }
    return reduced
  }

  /// A word with what belongs to it.
  private mutating func append(word chunk: ArraySlice<Unicode.Scalar>) {
    if isCode(chunk) {
      result += chunk
      return
    }
    var position = chunk.startIndex
    while position < chunk.endIndex {
      guard isMark(chunk[position]) else {
        result.append(chunk[position])
        position += 1
        continue
      }
      let marks = chunk[position...].prefix(while: isMark)
      append(marks: marks, isAlone: false)
      position += marks.count
      guard position < chunk.endIndex, chunk[position].isLetter, let mark = marks.last else { continue }
      let isSeparate = mark == "." ? isTwoSentences(chunk) : mark != ":" && mark != "…"
      if isSeparate, position - marks.count > chunk.startIndex { result.append(" ") }
    }
  }
}
