public import AudioExport
public import DictationTypes
public import Library

/// What is asked of an export.
public struct ExportRequest: Sendable {
  /// Which clips.
  public enum Selection: Sendable {
    /// Items by the beginnings of their ids, one after the other in this order.
    case items([String])
    /// What matches, one after the other in the order of time.
    case query(ItemQuery)
    /// Clips at places of their own, and the mistakes that were found in their file by now.
    case cues([ClipCue], mistakes: [PlanProblem] = [])
  }
  /// Which clips.
  public var selection: Selection
  /// The file.
  public var path: String
  /// What does not change when it is repeated.
  public var options = ExportOptions()
  /// Whether a file that exists is replaced.
  public var replaces = false

  /// An export of `selection` into the file at `path`.
  public init(_ selection: Selection, path: String) {
    self.selection = selection
    self.path = path
  }
}

/// How an export is made.
public struct ExportOptions: Sendable, Codable {
  /// How captions are written.
  public enum Captions: String, Sendable, Codable, CaseIterable {
    case vtt, srt, json
  }
  /// The silence between clips that follow each other, in seconds.
  public var gap = 0.0
  /// The captions beside the file; nil: none.
  public var captions: Captions?
  /// Bits per second of a lossy codec; nil: the usual ones.
  public var bitrate: Int?
  /// Whether it is brought to `ExportJob.loudness`.
  public var normalizes = false
  /// What it is called; nil: the file's name.
  public var title: String?
  /// Whether audio that is damaged or gone is left out, and not a failure.
  public var skipsMissing = false
  /// The mode of the files.
  public var mode: UInt32 = 0o600

  /// The usual ones.
  public init() {}
}

/// An export as it was planned: it can be begun.
public struct PlannedExport: Sendable {
  /// What it consists of.
  public let plan: ExportPlan
  /// The kind of file.
  public let type: AudioFileType
  /// The file, as it was named.
  public let path: String
  /// What is written: where `path` leads as a link.
  let target: String
  /// The same for the captions; nil: there are none.
  let captionsTarget: String?
  /// How it is made.
  public let options: ExportOptions
  /// Whether a file that exists is replaced.
  public let replaces: Bool
  /// The clips as they were asked for, by whole ids, so that it can be repeated.
  public let cues: [ClipCue]
  /// How many items have no audio, and were left out.
  public let skipped: Int
  /// What whoever asked should know.
  public let notes: [String]

  /// How long the sound is, in milliseconds.
  public var durationMs: Int { plan.format.milliseconds(frames: plan.frames) }

  /// The files that are written.
  var targets: Set<String> { Set([target, captionsTarget].compactMap(\.self)) }

  /// The file of the captions, as it would be named; nil: there is none.
  public var captionsPath: String? { options.captions.map { sidecar(of: path, $0) } }
}

/// The file of captions beside `path`: the same name with another ending.
func sidecar(of path: String, _ captions: ExportOptions.Captions) -> String {
  let dot = path.lastIndex(of: ".") ?? path.endIndex
  return "\(path[..<dot]).\(captions.rawValue)"
}
