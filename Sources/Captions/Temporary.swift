public import DictationTypes
public func captionCues(_ words: [TimedWord]) -> [CaptionCue] { [] }
public func timedWords(of text: String, spoken: [TimedWord], from start: Int, to end: Int) -> [TimedWord] {
  spoken
}
public func srt(_ cues: [CaptionCue]) -> String { "" }
public func webVTT(_ cues: [CaptionCue]) -> String { "" }
