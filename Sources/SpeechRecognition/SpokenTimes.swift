public import DictationTypes

extension Transcript {
  /// The transcript without what nobody can have said in `hearing`, with times of words that are those of speech.
  public func heard(in hearing: Hearing) -> Transcript { withoutInventions(hearing).within(hearing.speech) }

  /// The transcript with words that begin and end where somebody speaks: to an engine a word often lasts until the next one
  /// begins, whatever pause is between them. A word over a pause is taken to be where the longer part of it is.
  ///
  /// - Parameter speech: where somebody may have spoken, in milliseconds from the beginning, in order.
  func within(_ speech: [Range<Int>]) -> Transcript {
    guard let words else { return self }
    let spans = joined(speech)
    var result = self
    var first = 0
    result.words = words.map { word in
      while first < spans.count, spans[first].upperBound + slack <= word.start { first += 1 }
      let parts = spans[first...].prefix { $0.lowerBound < word.end + slack }
        .map {
          max(word.start, $0.lowerBound - slack)..<max(word.start, min(word.end, $0.upperBound + slack))
        }
      guard let longest = parts.max(by: { $0.count < $1.count }), !longest.isEmpty else { return word }
      var word = word
      (word.start, word.end) = (longest.lowerBound, longest.upperBound)
      return word
    }
    return result
  }
}

/// Silences below this are part of speech: stops such as the one in "ask" have some.
private let shortestPause = 300
/// How much of a word the detector may have missed at each end.
private let slack = 100

/// `speech` without the pauses that are too short to be one.
private func joined(_ speech: [Range<Int>]) -> [Range<Int>] {
  speech.reduce(into: []) { spans, span in
    if let last = spans.last, span.lowerBound - last.upperBound < shortestPause {
      spans[spans.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
    } else {
      spans.append(span)
    }
  }
}
