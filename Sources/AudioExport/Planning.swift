public import DictationTypes

/// A clip as it was asked for, with what the library knows of the item.
public struct Placement: Sendable {
  /// What was asked for.
  public var cue: ClipCue
  /// The item's id.
  public var item: String
  /// What it is called in a list of chapters.
  public var title: String
  /// Its audio.
  public var asset: Asset
  /// Whether the audio is not there, and silence takes its place.
  public var isMissing = false

  /// `cue`, which names `item`.
  public init(_ cue: ClipCue, item: String, title: String, asset: Asset) {
    self.cue = cue
    self.item = item
    self.title = title
    self.asset = asset
  }

  /// The mistake that `sentence` tells of it.
  fileprivate func problem(_ sentence: String) -> PlanProblem {
    PlanProblem(line: cue.line, "\(item.prefix(13)): \(sentence)")
  }
}

extension Asset {
  /// Whether it can have been recorded: ten thousand hours, and rates and channels that are in use. With less nothing that
  /// is reckoned with it overflows.
  fileprivate var isPossible: Bool {
    (1...1_000_000).contains(sampleRate) && (1...255).contains(channels) && frames >= 0
      && frames / sampleRate < 36_000_000 && frames < 1 << 42
  }
}

extension ExportPlan {
  /// How many clips are noted to be many.
  public static let manyClips = 1000

  /// The plan for a file of `type`. Clips without an offset follow each other, with `gap` seconds between them. Its rate is
  /// the highest of the clips', or the next one that `type` takes; it is mono unless a clip has a place between left and
  /// right, or two channels.
  ///
  /// - Throws: `PlanError` with `mistakes`, those that were found before, and every clip that is longer than its audio, or
  ///   lies over another one of its lane.
  public static func make(
    _ placements: [Placement], gap: Double, type: AudioFileType, mistakes: [PlanProblem] = []
  ) throws(PlanError) -> ExportPlan {
    // Before anything is reckoned with it.
    let nonsense = placements.filter { !$0.asset.isPossible }.map {
      $0.problem("the library tells nonsense of its audio: `thoth doctor` looks into it")
    }
    let placements = placements.filter(\.asset.isPossible)
    let rates = placements.map(\.asset.sampleRate)
    let isStereo = placements.contains { ($0.cue.pan ?? 0) != 0 || $0.asset.channels > 1 }
    let format = AudioFormat(
      sampleRate: type.sampleRate(for: rates.max() ?? 16_000), channels: isStereo ? 2 : 1)
    var problems = mistakes + nonsense
    var clips: [Clip] = []
    var inLanes: [LaneClip] = []
    var reached = 0
    for placement in placements {
      let after = clips.isEmpty ? 0 : frames(gap, format)
      do throws(PlanError) {
        let clip = try clip(placement, format, next: reached + after)
        if let lane = clip.lane { inLanes.append(LaneClip(lane: lane, line: placement.cue.line, clip: clip)) }
        // What is left out of a row leaves no hole; at a place of its own it does.
        if !placement.isMissing { clips.append(clip) }
        if !placement.isMissing || placement.cue.offset != nil { reached = max(reached, clip.end) }
      } catch {
        problems += error.problems
      }
    }
    problems += collisions(inLanes, format)
    if !problems.isEmpty { throw PlanError(problems) }
    return ExportPlan(format: format, clips: clips, frames: reached)
  }

  private static func frames(_ seconds: Double, _ format: AudioFormat) -> Int {
    Int((seconds * Double(format.sampleRate)).rounded())
  }

  private static func clip(
    _ placement: Placement, _ format: AudioFormat, next: Int
  ) throws(PlanError) -> Clip {
    let (cue, asset) = (placement.cue, placement.asset)
    let whole = asset.frames * format.sampleRate / asset.sampleRate
    let (start, end) = (frames(cue.start, format), cue.end.map { frames($0, format) } ?? whole)
    // A length that is written down in milliseconds may be a part of one too long.
    guard end <= whole + format.sampleRate / 1000 else {
      throw PlanError([
        placement.problem(
          "the clip ends at \(seconds(end, format)), and its audio at \(seconds(whole, format))")
      ])
    }
    guard start < whole || whole == 0 && start == 0 else {
      throw PlanError([
        placement.problem(
          "the clip begins at \(seconds(start, format)), and its audio ends at \(seconds(whole, format))")
      ])
    }
    var clip = Clip(
      item: placement.item, title: placement.title, asset: asset,
      offset: cue.offset.map { frames($0, format) } ?? next, start: start, length: min(end, whole) - start)
    clip.gainDb = cue.gainDb
    clip.isMuted = cue.isMuted
    clip.lane = cue.lane
    clip.pan = cue.pan
    return clip
  }

  /// A clip that may not lie over others.
  private struct LaneClip {
    let lane: String
    let line: Int?
    let clip: Clip
  }

  /// The clips of one lane that lie over each other.
  private static func collisions(_ clips: [LaneClip], _ format: AudioFormat) -> [PlanProblem] {
    var problems: [PlanProblem] = []
    for (lane, members) in Dictionary(grouping: clips, by: \.lane).sorted(by: { $0.key < $1.key }) {
      var last: Clip?
      for member in members.sorted(by: { $0.clip.offset < $1.clip.offset }) {
        let clip = member.clip
        if let last, clip.offset < last.end {
          problems.append(
            PlanProblem(
              line: member.line,
              "lane \(lane): \(clip.item.prefix(13)) begins at \(seconds(clip.offset, format)), and "
                + "\(last.item.prefix(13)) before it ends at \(seconds(last.end, format)): use another lane, or none"
            ))
        }
        if clip.end > last?.end ?? 0 { last = clip }
      }
    }
    return problems
  }

  private static func seconds(_ frames: Int, _ format: AudioFormat) -> String {
    let milliseconds = format.milliseconds(frames: frames)
    let rest = String(1000 + milliseconds % 1000).dropFirst()
    return "\(milliseconds / 1000).\(rest) s"
  }
}
