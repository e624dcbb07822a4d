import AudioExport
import DictationTypes
import Pipeline

/// An export that was begun, for scripts.
struct ExportLine: Encodable {
  let job: JobID
  let path: String
  let captions: String?
  let clips: Int
  let durationMs: Int
  let skipped: Int

  init(_ job: JobID, _ planned: PlannedExport) {
    self.job = job
    path = planned.path
    captions = planned.captionsPath
    clips = planned.plan.clips.count
    durationMs = planned.durationMs
    skipped = planned.skipped
  }
}

/// A file that was made, for scripts.
struct FinishedLine: Encodable {
  let job: JobID
  let path: String
  let bytes: Int?
  let durationMs: Int
  let speed: Double?
  let warnings: [String]

  init(_ job: JobID, _ outcome: ExportOutcome) {
    self.job = job
    path = outcome.notice.path
    bytes = outcome.notice.bytes
    durationMs = outcome.notice.durationMs
    speed = outcome.notice.speed
    warnings = outcome.warnings
  }
}

/// A plan, for scripts. Times are in seconds of the export.
struct PlanLine: Encodable {
  struct Clip: Encodable {
    let item: String
    let offset: Double
    let start: Double
    let duration: Double
    let gainDb: Double
    let muted: Bool
    let lane: String?
    let pan: Double?
    let title: String
  }

  struct Span: Encodable {
    let start: Double
    let end: Double
  }

  let path: String
  let sampleRate: Int
  let channels: Int
  let frames: Int
  let duration: Double
  let clips: [Clip]
  let gaps: [Span]
  let overlaps: [Span]
  let skipped: Int
  let notes: [String]

  init(_ planned: PlannedExport) {
    let plan = planned.plan
    func seconds(_ frames: Int) -> Double { Double(frames) / Double(plan.format.sampleRate) }
    func span(_ span: ExportPlan.Span) -> Span {
      Span(start: seconds(span.lowerBound), end: seconds(span.upperBound))
    }
    path = planned.path
    sampleRate = plan.format.sampleRate
    channels = plan.format.channels
    frames = plan.frames
    duration = seconds(plan.frames)
    clips = plan.clips.map {
      Clip(
        item: $0.item, offset: seconds($0.offset), start: seconds($0.start), duration: seconds($0.length),
        gainDb: $0.gainDb, muted: $0.isMuted, lane: $0.lane, pan: $0.pan, title: $0.title)
    }
    gaps = plan.gaps.map(span)
    overlaps = plan.overlaps.map(span)
    skipped = planned.skipped
    notes = planned.notes
  }
}

extension PlannedExport {
  /// The plan for people: a line for each clip, gap and overlap, and the sum.
  var sentences: String {
    let rows =
      plan.clips.map { ($0.offset, line(of: $0)) }
      + plan.gaps.map { ($0.lowerBound, "\(time($0.lowerBound))  \(time($0.count))  silence") }
      + plan.overlaps.map {
        ($0.lowerBound, "\(time($0.lowerBound))  \(time($0.count))  clips lie over each other: mixed")
      }
    let lines = rows.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(
      \.element.1)
    let kind = "\(plan.format.sampleRate) Hz, \(plan.format.channels == 1 ? "mono" : "stereo")"
    let sum =
      "\(path): \(plan.clips.count) \(plan.clips.count == 1 ? "clip" : "clips"), \(time(plan.frames)) in all, \(kind)"
    return (["offset        length        clip"] + lines + [sum] + notes).joined(separator: "\n")
  }

  private func line(of clip: Clip) -> String {
    var words = [time(clip.offset), " " + time(clip.length), " " + clip.item.prefix(13)]
    if clip.start > 0 { words.append("from \(time(clip.start))") }
    if clip.isMuted { words.append("mute") }
    if clip.gainDb != 0 { words.append("\(clip.gainDb > 0 ? "+" : "")\(clip.gainDb) dB") }
    if let lane = clip.lane { words.append("lane \(lane)") }
    if let pan = clip.pan { words.append("pan=\(pan)") }
    return (words + [plain(clip.title)]).joined(separator: " ")
  }

  /// `frames` as `0:01:02.500`.
  private func time(_ frames: Int) -> String {
    let milliseconds = plan.format.milliseconds(frames: frames)
    func digits(_ number: Int, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let seconds = milliseconds / 1000
    return
      "\(seconds / 3600):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2)).\(digits(milliseconds % 1000, 3))"
  }
}
