/// Leaves out the sounds that people make while they think, where they are no word of the language. A comma that only
/// held one is left out too, and the word that is first then takes its capital.
///
/// With no language known, only what is a word in none of them is taken for one: "um" and "er" are German words.
func withoutFillers(_ scalars: Scalars, language: String?) -> Scalars {
  let isShouted = !scalars.contains(where: \.isLowercase)
  var result = Scalars()
  result.reserveCapacity(scalars.count)
  // Whether the next word takes the capital of a filler that was left out.
  var owesCapital = false
  var position = 0
  while position < scalars.count {
    guard scalars[position].isWord else {
      result.append(scalars[position])
      if !scalars[position].isSpace && !scalars[position].isOpening {
        owesCapital = false
      }
      position += 1
      continue
    }
    let end = scalars.wordEnd(from: position)
    if isFiller(scalars, position..<end, language, isShouted: isShouted) {
      let isFirst = result.lastVisible.map { $0.endsSentence || $0.isBreak } ?? true
      owesCapital = isFirst && (owesCapital || scalars[position].isUppercase)
      position = skip(scalars, from: end, isFirst: isFirst, &result)
      continue
    }
    if owesCapital, !isCode(scalars[position..<scalars.chunkEnd(from: position)]) {
      result.append(scalars[position].capital)
      result += scalars[position + 1..<end]
    } else {
      result += scalars[position..<end]
    }
    owesCapital = false
    position = end
  }
  return result
}

/// Where the text goes on behind a filler; what belonged to it before is taken off `result`.
private func skip(_ scalars: Scalars, from end: Int, isFirst: Bool, _ result: inout Scalars) -> Int {
  var position = end
  if isFirst {
    // All that ended it: "Um… so", "Uh. Yes".
    while position < scalars.count, scalars[position].endsClause, !scalars[position].isBreak { position += 1 }
    return scalars.skippingSpaces(from: position, stopsAtBreak: true)
  }
  let dots = scalars[position...].prefix { $0 == "." }.count
  if position < scalars.count, scalars[position] == "," || scalars[position] == "…" || dots > 1 {
    position += max(1, dots)
  } else if result.lastVisible == ",", position == scalars.count || scalars[position].endsSentence {
    result.dropSpaces()
    result.removeLast()
  }
  let isLast = position == scalars.count || scalars[position].endsClause
  if isLast {
    result.dropSpaces()
  } else if result.last?.isSpace == true {
    position = scalars.skippingSpaces(from: position, stopsAtBreak: true)
  }
  return position
}

private func isFiller(_ scalars: Scalars, _ range: Range<Int>, _ language: String?, isShouted: Bool) -> Bool {
  guard range.count <= 12, mayBegin(scalars[range.lowerBound]),
    isFillerSound(scalars[range].map(\.small), language)
  else { return false }
  // The ER is a place, and AH a name.
  if range.count > 1, !isShouted, scalars[range].allSatisfy(\.isUppercase) { return false }
  let before = range.lowerBound > 0 ? scalars[range.lowerBound - 1] : " "
  let after = range.upperBound < scalars.count ? scalars[range.upperBound] : " "
  // "uh-huh" is an answer, "um.example" an address, and “um” is talked about.
  guard before.isSpace || before.endsClause || before == "—" || before == "–" else { return false }
  guard after.endsClause, !after.isBreak else { return after.isSpace || after == "—" || after == "–" }
  let next = range.upperBound + 1
  return next >= scalars.count || !scalars[next].isWord
}

private func mayBegin(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.small {
  case "u", "e", "a", "ä", "ö", "h": true
  default: false
  }
}

/// Whether `sound`, in small letters, is a filler in `language`.
private func isFillerSound(_ sound: [Unicode.Scalar], _ language: String?) -> Bool {
  func reads(_ pattern: [(Unicode.Scalar, ClosedRange<Int>)]) -> Bool {
    var position = 0
    for (scalar, times) in pattern {
      let count = sound[position...].prefix { $0 == scalar }.count
      guard times.contains(count) else { return false }
      position += count
    }
    return position == sound.count
  }
  let many = 1...12
  if reads([("u", many), ("h", many)]) || reads([("u", many), ("h", many), ("m", many)]) { return true }
  if reads([("u", many), ("m", 2...12)]) || reads([("e", many), ("h", many), ("m", many)]) { return true }
  switch language {
  case "en":
    return reads([("u", many), ("m", many)]) || reads([("e", many), ("r", many)])
      || reads([("e", many), ("r", many), ("m", many)]) || reads([("a", many), ("h", many)])
  case "de":
    return reads([("ä", many), ("h", many)]) || reads([("ä", many), ("h", many), ("m", many)])
      || reads([("ö", many), ("h", many)]) || reads([("ö", many), ("h", many), ("m", many)])
  case "fr":
    return reads([("e", many), ("u", many), ("h", many)]) || reads([("h", many), ("e", many), ("u", many)])
  case "es": return reads([("e", many), ("m", many)]) || reads([("e", 2...12), ("h", many)])
  default: return false
  }
}
