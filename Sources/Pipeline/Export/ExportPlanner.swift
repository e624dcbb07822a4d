import AudioExport
import DictationTypes
import Glibc
import Library
import Linux

/// The first phase of an export: from what the library tells alone, of one snapshot and in one query, to what the file
/// consists of. No audio is opened.
struct ExportPlanner {
  let library: Library
  private var notes: [String] = []
  private var skipped = 0

  init(library: Library) { self.library = library }

  /// The plan for `request`.
  ///
  /// - Throws: `CommandFailure`: 2 for a file that cannot be or clips that do not fit, 3 when there is nothing to export,
  ///   1 when audio is gone, or the folder cannot be written to.
  mutating func plan(_ request: ExportRequest) async throws(CommandFailure) -> PlannedExport {
    let type = try checkedType(request)
    let target = try target(request.path, request)
    let captions = request.options.captions.map { sidecar(of: request.path, $0) }
    let captionsTarget = try captions.map { (path) throws(CommandFailure) in try self.target(path, request) }
    guard target != captionsTarget else {
      throw CommandFailure(
        .usage,
        "\(captions ?? "") is a link to \(request.path): the captions would be in the place of the sound")
    }
    let (found, mistakes) = try await find(request.selection)
    let placements = place(found)
    let plan: ExportPlan
    do throws(PlanError) {
      plan = try ExportPlan.make(
        placements, gap: request.options.gap, type: type, mistakes: mistakes)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    try checkAudio(of: placements, request)
    if skipped > 0 {
      notes.append("\(counted(skipped, "item")) without audio \(skipped == 1 ? "is" : "are") left out")
    }
    if plan.clips.count > ExportPlan.manyClips {
      notes.append(
        "these are \(plan.clips.count) clips: over \(ExportPlan.manyClips) are many for players that show chapters"
      )
    }
    let cues = placements.map { placement in
      var cue = placement.cue
      cue.item = placement.item
      return cue
    }
    return PlannedExport(
      plan: plan, type: type, path: request.path, target: target, captionsTarget: captionsTarget,
      options: request.options, replaces: request.replaces, cues: cues, skipped: skipped, notes: notes)
  }

  // MARK: - The file

  private func checkedType(_ request: ExportRequest) throws(CommandFailure) -> AudioFileType {
    let path = request.path
    guard let type = AudioFileType(path: path) else {
      throw CommandFailure(.usage, "\(path) has no ending that thoth knows: .m4a, .flac, .opus, .ogg or .wav")
    }
    return type
  }

  /// What is written when `path` is, which can be: a link is followed, as all programs do.
  private func target(_ path: String, _ request: ExportRequest) throws(CommandFailure) -> String {
    guard let target = linkTarget(path) else {
      throw CommandFailure(
        .usage, "\(path) is a link that cannot be followed: \(systemError()). Name another file")
    }
    let folder = placeBeside(target).folder
    var found = stat()
    guard stat(folder, &found) == 0 else {
      throw CommandFailure(.usage, "there is no folder \(folder): make it, or name another one")
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw CommandFailure(.internalError, "\(path) cannot be written: \(systemError())")
    }
    guard stat(target, &found) == 0 else { return target }
    guard found.st_mode & S_IFMT != S_IFDIR else {
      throw CommandFailure(.usage, "\(path) is a folder: name a file in it")
    }
    guard found.st_mode & S_IFMT == S_IFREG else {
      throw CommandFailure(.usage, "\(path) is no file that can be replaced: name another one")
    }
    guard request.replaces else {
      throw CommandFailure(.usage, "\(path) exists: name another file, or add --force")
    }
    return target
  }

  // MARK: - The clips

  /// A clip that was asked for, with its item.
  private typealias Found = (cue: ClipCue, item: AudioItem)

  /// What was asked for, as far as it is there, and what is wrong with the rest.
  private func find(
    _ selection: ExportRequest.Selection
  ) async throws(CommandFailure) -> ([Found], mistakes: [PlanProblem]) {
    switch selection {
    case .query(let query):
      do throws(DictationError) {
        return (try await library.audioItems(query).map { (ClipCue($0.id.description), $0) }, [])
      } catch {
        throw CommandFailure(error)
      }
    case .items(let prefixes): return try await find(prefixes.map { ClipCue($0) }, [])
    case .cues(let cues, let mistakes): return try await find(cues, mistakes)
    }
  }

  private func find(
    _ cues: [ClipCue], _ mistakes: [PlanProblem]
  ) async throws(CommandFailure) -> ([Found], mistakes: [PlanProblem]) {
    let known: [String: [AudioItem]]
    do throws(DictationError) {
      known = try await library.audioItems(idPrefixes: Set(cues.map { $0.item.lowercased() }))
    } catch {
      throw CommandFailure(error)
    }
    var mistakes = mistakes
    var found: [Found] = []
    for cue in cues {
      let items = known[cue.item.lowercased()] ?? []
      if items.count == 1 {
        found.append((cue, items[0]))
      } else if items.isEmpty {
        mistakes.append(
          PlanProblem(line: cue.line, "there is no item \(cue.item): `thoth history` lists them"))
      } else {
        mistakes.append(
          PlanProblem(line: cue.line, "several items begin with \(cue.item): give more of the id"))
      }
    }
    return (found, mistakes)
  }

  /// What there is audio of, or was once.
  private mutating func place(_ found: [Found]) -> [Placement] {
    let placements = found.compactMap { cue, item -> Placement? in
      guard let audio = item.audio else { return nil }
      let asset = Asset(
        path: library.path(of: audio), sampleRate: audio.sampleRate, channels: audio.channels,
        frames: audio.frames)
      var placement = Placement(cue, item: item.id.description, title: title(of: item), asset: asset)
      placement.isMissing = !library.isThere(audio)
      return placement
    }
    skipped = found.count - placements.count
    return placements
  }

  /// Sees that there is audio, and that none is gone, or that this was said to be no matter.
  private mutating func checkAudio(
    of placements: [Placement], _ request: ExportRequest
  ) throws(CommandFailure) {
    let missing = placements.filter(\.isMissing).map { "the audio of \($0.item) is gone or damaged" }
    guard missing.isEmpty || request.options.skipsMissing else {
      let all = PlanError(missing.map { PlanProblem($0) }).description
      throw CommandFailure(
        .internalError,
        all + "\n`thoth doctor --verify` looks into it; --skip-missing goes on without it")
    }
    notes += missing.map { $0 + ": it is left out" }
    guard placements.count > missing.count else {
      throw CommandFailure(
        .notNow,
        skipped > 0 && missing.isEmpty
          ? "nothing is left to export: of \(counted(skipped, "item")) the audio was not kept"
          : missing.isEmpty
            ? "nothing matched: `thoth history` lists what there is"
            : "nothing is left to export: the audio of \(counted(missing.count, "item")) is gone")
    }
  }

  /// The first words of the text, for a list of chapters.
  private func title(of item: AudioItem) -> String {
    var title = ""
    for word in (item.text ?? "").split(whereSeparator: \.isWhitespace) {
      guard title.count + word.count < Self.titleLength else {
        return title.isEmpty ? "\(word.prefix(Self.titleLength))…" : title + "…"
      }
      title += (title.isEmpty ? "" : " ") + word
    }
    return title.isEmpty ? item.id.short : title
  }

  private static let titleLength = 60

  private func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
}
