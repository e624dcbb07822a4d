import FoundationEssentials

/// `cues` as a SubRip file: numbered, with lines that end with CR LF.
///
/// The format has no way to write what looks like its own marks. Into what players take for one, `<b`, `</`, `{\`, and
/// into `-->`, goes U+2060, which is not seen: so nothing vanishes, and nothing is taken for a time.
public func srt(_ cues: [CaptionCue]) -> String {
  var (text, number) = ("", 0)
  for cue in cues {
    let lines = shown(cue).map(unmarked)
    guard !lines.isEmpty else { continue }
    number += 1
    text += "\(number)\r\n\(time(cue.start, ",")) --> \(time(cue.end, ","))\r\n"
    text += lines.joined(separator: "\r\n") + "\r\n\r\n"
  }
  return text
}

/// `cues` as a WebVTT file (<https://www.w3.org/TR/webvtt1/>), with a voice span for a cue that has a voice.
public func webVTT(_ cues: [CaptionCue]) -> String {
  var text = "WEBVTT\n"
  for cue in cues {
    let lines = shown(cue).map(escaped)
    guard !lines.isEmpty else { continue }
    // An annotation is one line.
    let voice = cue.voice.map { name in
      visible(name).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let span = voice.map { $0.isEmpty ? "" : "<v \(escaped($0))>" } ?? ""
    text += "\n\(time(cue.start, ".")) --> \(time(cue.end, "."))\n\(span)\(lines.joined(separator: "\n"))\n"
  }
  return text
}

/// The lines of a cue without controls and without empty ones, which would end it.
private func shown(_ cue: CaptionCue) -> [String] {
  cue.lines.flatMap { $0.split(whereSeparator: \.isNewline) }.map { line in
    visible(String(line)).replacing("\t", with: " ")
  }.filter { !$0.allSatisfy(\.isWhitespace) }
}

/// `line` with U+2060 in what looks like a mark of SubRip's.
private func unmarked(_ line: String) -> String {
  var (text, last) = ("", Character(" "))
  for character in line {
    let beginsTag = last == "<" && (character.isLetter || character == "/")
    let isArrow = character == ">" && text.hasSuffix("--")
    if beginsTag || isArrow || last == "{" && character == "\\" { text += "\u{2060}" }
    text.append(character)
    last = character
  }
  return text
}

/// As the text of a cue, or of an annotation.
private func escaped(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
}

/// A time in hours, minutes, seconds and milliseconds.
private func time(_ milliseconds: Int, _ point: String) -> String {
  func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
  let time = max(0, milliseconds)
  let (minutes, seconds) = (time / 60_000 % 60, time / 1000 % 60)
  return
    "\(padded(time / 3_600_000, 2)):\(padded(minutes, 2)):\(padded(seconds, 2))\(point)\(padded(time % 1000, 3))"
}
