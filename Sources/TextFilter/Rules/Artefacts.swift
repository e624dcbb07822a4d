/// Leaves out what engines write and nobody says: annotations of what is not speech (`[BLANK_AUDIO]`, `(music)`,
/// `♪`), control tokens (`<|endoftext|>`), and controls. A text of nothing else becomes empty.
func withoutArtefacts(_ scalars: Scalars) -> Scalars {
  var result = Scalars()
  result.reserveCapacity(scalars.count)
  var position = 0
  while position < scalars.count {
    let scalar = scalars[position]
    if let end = tokenEnd(scalars, position) ?? annotationEnd(scalars, position) {
      position = end
      continue
    }
    position += 1
    // An escape sequence would be obeyed by the terminal that it is printed or pasted into.
    let isControl = scalar.value < 0xA0 && (scalar.value < 0x20 || scalar.value > 0x7E) && !scalar.isSpace
    if !isControl && scalar != "♪" && scalar != "♫" { result.append(scalar) }
  }
  return result
}

/// The longest token or annotation, in scalars.
private let longest = 32

private func tokenEnd(_ scalars: Scalars, _ start: Int) -> Int? {
  guard scalars[start] == "<", start + 1 < scalars.count, scalars[start + 1] == "|" else { return nil }
  var end = start + 2
  while end < scalars.count, end - start < longest {
    if scalars[end] == "|" { return end + 1 < scalars.count && scalars[end + 1] == ">" ? end + 2 : nil }
    guard scalars[end].isASCII, scalars[end].isWord || scalars[end] == "_" || scalars[end] == "." else {
      return nil
    }
    end += 1
  }
  return nil
}

private func annotationEnd(_ scalars: Scalars, _ start: Int) -> Int? {
  guard scalars[start] == "[" || scalars[start] == "(" || scalars[start] == "*" else { return nil }
  var end = start + 1
  while end < scalars.count, end - start < longest {
    if scalars[end] == "]" || scalars[end] == ")" || scalars[end] == "*" {
      let name = scalars.small(start + 1..<end).split { $0 == " " || $0 == "_" }.joined(separator: " ")
      return annotations.contains(name) ? end + 1 : nil
    }
    guard scalars[end].isASCII, scalars[end].isWord || scalars[end] == "_" || scalars[end] == " " else {
      return nil
    }
    end += 1
  }
  return nil
}

/// Only the names that engines use: a person may dictate brackets.
private let annotations: Set = [
  "blank audio", "silence", "no speech", "no audio", "inaudible", "music", "music playing", "applause",
  "laughter",
  "noise", "background noise", "sound", "typing", "breathing", "sigh", "sighs", "cough", "coughs",
]
