/// How alike two words are, from 0 to 1: 1 less their distance by the length of the longer one.
///
/// The distance is Damerau's and Levenshtein's, in its restricted form (optimal string alignment): how many letters have to
/// be inserted, removed, replaced or swapped with their neighbour.
func similarity(_ first: Scalars, _ second: Scalars) -> Double {
  let longer = max(first.count, second.count)
  guard longer > 0 else { return 1 }
  var beforeLast = [Int](repeating: 0, count: second.count + 1)
  var last = Array(0...second.count)
  for row in 0..<first.count {
    var current = [row + 1] + [Int](repeating: 0, count: second.count)
    for column in 0..<second.count {
      let isSame = first[row] == second[column]
      var distance = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
        distance = min(distance, beforeLast[column - 1] + 1)
      }
      current[column + 1] = distance
    }
    (beforeLast, last) = (last, current)
  }
  return 1 - Double(last[second.count]) / Double(longer)
}

extension Sequence<Unicode.Scalar> {
  /// In small letters, without accents: as names are compared. What is no letter or digit is left out.
  var folded: Scalars {
    var folded = Scalars()
    for scalar in self where scalar.isWord {
      if scalar.isASCII {
        folded.append(scalar.small)
      } else if let letter = baseLetters(of: scalar) {
        folded += letter
      } else if ![.nonspacingMark, .enclosingMark, .format].contains(scalar.properties.generalCategory) {
        folded.append(scalar.small)
      }
    }
    return folded
  }
}

/// The letters that a Latin letter is made of, by its name in Unicode: those of é are e, as it is called LATIN SMALL LETTER
/// E WITH ACUTE, and those of æ, LATIN SMALL LETTER AE, are a and e.
private func baseLetters(of scalar: Unicode.Scalar) -> Scalars? {
  if scalar == "ß" { return ["s", "s"] }
  guard (0xC0...0x24F).contains(scalar.value) || (0x1E00...0x1EFF).contains(scalar.value),
    let words = scalar.properties.name?.split(separator: " "), words.count > 3, words[0] == "LATIN",
    words[2] == "LETTER", words[3].count <= 2
  else { return nil }
  return words[3].unicodeScalars.map(\.small)
}
