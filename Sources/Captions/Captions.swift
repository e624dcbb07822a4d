public import DictationTypes

/// `words` as captions that a person can read.
///
/// New captions begin at paragraphs, at long pauses, and where it is best: at a sentence's end, a pause, a clause. Lines
/// are broken at clauses and about equally long. A caption stays until it can be read, as far as the next one leaves
/// the room; no two overlap, and each lasts a millisecond at least.
///
/// - Parameter words: in their order. Words of Chinese and Japanese are put together without spaces, and broken between
///   characters. Controls are left out.
///
/// The time it takes grows with the number of words alone.
public func captionCues(_ words: [TimedWord], rules: CaptionRules = .init()) -> [CaptionCue] {
  let layout = Layout(Fragment.all(words), rules)
  return timed(layout.blocks(), layout)
}

/// The captions of `blocks` with their times.
private func timed(_ blocks: [Block], _ layout: Layout) -> [CaptionCue] {
  let (rules, fragments) = (layout.rules, layout.fragments)
  var starts: [Int] = []
  for block in blocks { starts.append(max(fragments[block.first].start, (starts.last ?? -1) + 1)) }
  return blocks.indices.map { index in
    let (block, start) = (blocks[index], starts[index])
    let speechEnd = layout.speechEnd(block.first..<block.end)
    let toRead = min(start + layout.readingTime(block.first..<block.end), speechEnd + rules.linger)
    let longest = start + max(1, rules.maxDuration)
    let wanted = min(max(start + 1, speechEnd, start + rules.minDuration, toRead), longest)
    let lines = block.lines.map { layout.text($0) }
    guard index + 1 < blocks.count else { return CaptionCue(start: start, end: wanted, lines: lines) }
    let next = starts[index + 1]
    // The gap is left out where it would make a short caption shorter.
    let latest = max(next - rules.minGap, min(next, start + rules.minDuration))
    let end = latest - wanted < rules.snap ? min(latest, longest) : wanted
    return CaptionCue(start: start, end: max(start + 1, end), lines: lines)
  }
}
