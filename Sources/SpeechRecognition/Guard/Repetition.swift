/// The repetitions of what stands in `keys` most often in a row, without its first time; nil when nothing does.
///
/// It is something of up to 16 words, that stands there at least three times, or five times when it is a single one. Of
/// several the one that takes most words.
func repetition(in keys: [String]) -> Range<Int>? {
  var longest: Range<Int>?
  for length in 1...mostWords where 3 * length <= keys.count {
    var run = 0
    for place in length..<keys.count {
      run = keys[place] == keys[place - length] ? run + 1 : 0
      let times = 1 + run / length
      guard times >= (length == 1 ? 5 : 3), run > longest?.count ?? 0 else { continue }
      longest = place + 1 - run..<place + 1
    }
  }
  return longest
}

/// Whisper's loops are of half a sentence at most.
private let mostWords = 16
