import AudioExport
public import Captions
import DictationTypes
import FoundationEssentials
public import Library

/// The captions of the recording of `item`; nil when it has no text.
public func captions(of item: Item) -> [CaptionCue]? {
  guard let result = item.result else { return nil }
  let length = result.durationMs
  return captionCues(
    timedWords(of: result.text, spoken: spoken(result), from: 0, to: length),
    rules: CaptionRules(language: result.language))
}

/// When the words of `result` were said: as the engine tells, or as far as the segments do.
private func spoken(_ result: DictationResult) -> [TimedWord] {
  if let words = result.words, !words.isEmpty { return words }
  return (result.segments ?? []).flatMap { timedWords(of: $0.text, spoken: [], from: $0.start, to: $0.end) }
}

/// The captions of an export: what was said, at the places of the clips.
struct ExportCaptions {
  private let plan: ExportPlan
  private let items: [String: Item]

  /// Captions for `plan`, from the texts of `items`.
  init(_ plan: ExportPlan, _ items: [Item]) {
    self.plan = plan
    self.items = Dictionary(items.map { ($0.id.description, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The bytes of a file of the kind `captions`.
  func file(_ captions: ExportOptions.Captions) -> [UInt8] {
    let clips = plan.clips.filter { !$0.isMuted }.map { ($0, words(of: $0)) }
    switch captions {
    case .srt: return Array(srt(cues(clips)).utf8)
    case .vtt: return Array(webVTT(cues(clips)).utf8)
    case .json:
      let lines = clips.map { clip, words in
        CaptionedClip(
          item: clip.item, lane: clip.lane, start: milliseconds(clip.offset), end: milliseconds(clip.end),
          text: text(of: words), words: words)
      }
      return Array(((try? wireEncoder().encode(lines)) ?? Data("[]".utf8)) + Data("\n".utf8))
    }
  }

  /// The captions of `clips` with their words. What is heard at the same time has captions of its own, by lane; the lane is
  /// the voice. No caption goes from one clip into the next.
  private func cues(_ clips: [(clip: Clip, words: [TimedWord])]) -> [CaptionCue] {
    var groups: [String: (words: [TimedWord], languages: Set<String?>)] = [:]
    for (number, (clip, words)) in clips.enumerated() {
      let isAlone = !clips.contains {
        $0.clip != clip && $0.clip.offset < clip.end && clip.offset < $0.clip.end
      }
      let name = clip.lane.map { "lane \($0)" } ?? (isAlone ? "" : "clip \(number)")
      groups[name, default: ([], [])].words += words
      groups[name]?.languages.insert(items[clip.item]?.result?.language)
    }
    let lanes = Set(clips.compactMap(\.clip.lane))
    return groups.flatMap { name, group in
      let voice = lanes.first { name == "lane \($0)" }
      let rules = CaptionRules(language: group.languages.count == 1 ? group.languages.first ?? nil : nil)
      let words = group.words.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
      return captionCues(words, rules: rules).map { cue in
        CaptionCue(start: cue.start, end: cue.end, lines: cue.lines, voice: voice)
      }
    }.sorted { ($0.start, $0.end, $0.lines.first ?? "") < ($1.start, $1.end, $1.lines.first ?? "") }
  }

  /// The words that are heard in `clip`, at the times at which they are heard in the export.
  private func words(of clip: Clip) -> [TimedWord] {
    guard let result = items[clip.item]?.result else { return [] }
    let length = clip.asset.frames * 1000 / clip.asset.sampleRate
    let (start, end) = (milliseconds(clip.start), milliseconds(clip.start + clip.length))
    let shift = milliseconds(clip.offset) - start
    var words = timedWords(of: result.text, spoken: spoken(result), from: 0, to: length).compactMap {
      word -> TimedWord? in
      // What is cut off in its middle is not heard as that word.
      let middle = (word.start + word.end) / 2
      guard middle >= start, middle < end else { return nil }
      var heard = word
      (heard.start, heard.end) = (max(word.start, start) + shift, min(word.end, end) + shift)
      return heard
    }
    if !words.isEmpty { words[words.count - 1].endsParagraph = true }
    return words
  }

  private func milliseconds(_ frames: Int) -> Int { plan.format.milliseconds(frames: frames) }
}

/// What is heard in one clip. Times are in milliseconds of the export.
private struct CaptionedClip: Encodable {
  let item: String
  let lane: String?
  let start: Int
  let end: Int
  let text: String
  let words: [TimedWord]
}
