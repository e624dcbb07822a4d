/// One space where there are several, no more than one empty line, and none around the text or a line.
func withTidySpaces(_ scalars: Scalars) -> Scalars {
  var result = Scalars()
  result.reserveCapacity(scalars.count)
  var position = 0
  while position < scalars.count {
    guard scalars[position].isSpace else {
      result.append(scalars[position])
      position += 1
      continue
    }
    let end = scalars.skippingSpaces(from: position)
    let breaks = scalars[position..<end].count(where: \.isBreak)
    if !result.isEmpty, end < scalars.count {
      result += breaks > 0 ? Array(repeating: "\n", count: min(breaks, 2)) : [" "]
    }
    position = end
  }
  return result
}

/// `text` on one line: where an engine breaks its lines says nothing.
public func onOneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).joined(separator: " ")
}
