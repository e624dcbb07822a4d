import AudioPlayback
import Captions
import CommandLine
import Configuration
import DictationTypes
import Glibc
import Library
import Linux
import Pipeline

extension Commands {
  /// The `history` family.
  func history(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) -> ExitCode {
    switch request.command {
    case "history": try await list(request, connection)
    case "history show": try await show(request, connection)
    case "history play": try await play(request, connection)
    case "history redo": return try await redo(request, connection)
    case "history export": try await export(request, connection)
    case "history tag": try await tag(request)
    default:
      let ids = try await items(request, stored: true).map(\.id)
      try await stored { () async throws(DictationError) in
        if request.command == "history rm" {
          try await storage.library.remove(ids)
          await pipeline.forget(ids)
        } else {
          try await storage.library.restore(ids)
        }
      }
    }
    return .done
  }

  private func list(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) {
    let query = try request.query(now: unixMilliseconds())
    let found = try await stored { () async throws(DictationError) in
      try await storage.library.search(query)
    }
    switch request.options["format"] {
    case "json": for item in found { connection.send(.output(json(ItemLine(item)))) }
    case "csv": connection.send(.output(csv(found).dropLast() + "\r"))
    default: for item in found { connection.send(.output(item.line)) }
    }
    if found.isEmpty { connection.send(.message("thoth: nothing was found")) }
  }

  private func show(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) {
    for item in try await items(request) {
      let line = ItemLine(item, path: audioPath(item))
      connection.send(.output(request.has("json") ? json(line) : line.sentences))
    }
  }

  /// Returns when the last frame has been heard. The client may go before: then it is silent at once.
  private func play(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) {
    guard let item = try await items(request).first else { return }
    let (sound, format) = try await stored { () async throws(DictationError) in
      try await storage.sound(of: item)
    }
    let (player, device) = (player, request.options["device"] ?? Player.defaultDevice)
    let playing = Task { () async -> DictationError? in
      do throws(DictationError) { try await player.play(sound, format, device: device) } catch {
        return error
      }
      return nil
    }
    connection.onClose { playing.cancel() }
    if let error = await playing.value { throw CommandFailure(error) }
  }

  private func redo(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure)
    -> ExitCode
  {
    var options = RecordOptions()
    options.language = try request.language()
    options.prompt = request.options["prompt"]
    options.engine = request.options["engine"]
    try check(engine: options.engine, request)
    guard let item = try await items(request).first else { return .done }
    let text: String
    if item.kind == .import {
      text = try await redo(item, options, request, connection)
    } else {
      let outcome = try await pipeline.redo(item, options, request.client)
      guard outcome.state == .completed, let new = outcome.text else { return tell(outcome, connection) }
      text = new
    }
    let method = request.method ?? .stdout
    if method == .stdout {
      connection.send(.output(text))
    } else {
      try await pipeline.put(text, method, request.client)
    }
    return .done
  }

  /// Has an import transcribed again. A client that goes before ends it.
  private func redo(
    _ item: Item, _ options: RecordOptions, _ request: ControlRequest, _ connection: Connection
  ) async throws(CommandFailure) -> String {
    let display = ProgressDisplay(item.id, request, connection, hub, weights: [1], tellsEvents: false)
    let work = Task { [transcriber] () async -> Result<FileTranscript, CommandFailure> in
      do throws(CommandFailure) {
        return .success(
          try await transcriber.redo(item, options, request.client) { display.note($0, item.id.short) })
      } catch {
        return .failure(error)
      }
    }
    connection.onClose { work.cancel() }
    let (result, silence) = (await work.value, "nobody speaks in it: its text stays")
    if case .failure(let failure) = result { display.end(.stopped, failure.message, failure.exitCode) }
    let transcript = try result.get()
    let isSilent = transcript.text.isEmpty
    display.end(
      .finished, isSilent ? silence : "\(item.id.short) is transcribed", isSilent ? .noSpeech : .done)
    transcript.warnings.forEach { connection.send(.message("thoth: \($0)")) }
    if isSilent { throw CommandFailure(.noSpeech, silence) }
    return transcript.text
  }

  /// Refuses an engine that the settings do not have.
  func check(engine: String?, _ request: ControlRequest) throws(CommandFailure) {
    let names = try settings(request).engines.map(\.name)
    guard let engine, !names.contains(engine) else { return }
    throw CommandFailure(
      .usage, "there is no engine \(engine): \(names.joined(separator: ", ")) can be named")
  }

  private func export(_ request: ControlRequest, _ connection: Connection) async throws(CommandFailure) {
    guard let item = try await items(request).first else { return }
    let path = request.path("file") ?? request.path(named: "thoth_recording_\(fileTime(item.createdAt)).flac")
    let (replaces, mode) = (request.has("force"), request.newFileMode)
    let exists = CommandFailure(.usage, "\(path) exists: name another file, or add --force")
    if !replaces, access(path, F_OK) == 0 { throw exists }
    let write = try await contents(of: item, for: path)
    let code = try await stored { () async throws(DictationError) in
      try await onThread("history-export") { () throws(DictationError) -> Int32 in
        try replaceFile(path, mode: mode, replaces: replaces, write: write) ? 0 : errno
      }
    }
    if code == EEXIST { throw exists }
    guard code == 0 else {
      throw CommandFailure(.internalError, "\(path) cannot be written: \(systemError(code))")
    }
    connection.send(.output(path))
  }

  private func tag(_ request: ControlRequest) async throws(CommandFailure) {
    var (ids, tags) = (request, request)
    ids.arguments.removeAll { $0.contains("=") }
    tags.arguments.removeAll { !$0.contains("=") }
    guard !ids.arguments.isEmpty else {
      throw CommandFailure(.usage, "an ID is missing: `thoth history` lists them")
    }
    let given = try itemTags(tags.arguments)
    guard !given.isEmpty else {
      throw CommandFailure(.usage, "there is no tag to set: \(ItemTag.rule)")
    }
    let (set, removed) = (given.filter { !$0.value.isEmpty }, given.filter(\.value.isEmpty))
    let items = try await items(ids, stored: true).map(\.id)
    try await stored { () async throws(DictationError) in
      try await storage.library.tag(items, set: set, remove: Set(removed.keys))
    }
  }

  private func writer(_ text: String) -> @Sendable (Int32) throws(DictationError) -> Bool {
    { descriptor throws(DictationError) in writeAll(descriptor, Array(text.utf8)) }
  }

  /// Writes into a descriptor what a file of the name `path` is to hold of `item`.
  private func contents(of item: Item, for path: String) async throws(CommandFailure)
    -> @Sendable (Int32) throws(DictationError) -> Bool
  {
    switch path.split(separator: ".").last?.lowercased() {
    case "txt":
      guard let text = item.result?.text else {
        throw .hasNoText(item.id)
      }
      return writer(text + "\n")
    case .some(let ending) where ending == "srt" || ending == "vtt":
      guard let cues = captions(of: item) else { throw .hasNoText(item.id) }
      return writer(ending == "srt" ? srt(cues) : webVTT(cues))
    case "json": return writer(json(ItemLine(item, path: audioPath(item))) + "\n")
    case "csv": return writer(csv([item]))
    case .some(let ending) where ending == "flac" || ending == "wav":
      return try await stored { () async throws(DictationError) in
        try await storage.writer(of: item, isFLAC: ending == "flac")
      }
    default:
      throw CommandFailure(
        .usage, "\(path) has no ending that thoth knows: .flac, .wav, .txt, .srt, .vtt, .json or .csv")
    }
  }

  /// The items that the arguments name; only those in the library, and of no job on its way, when they are to be
  /// `stored`.
  private func items(
    _ request: ControlRequest, stored isStored: Bool = false
  ) async throws(CommandFailure) -> [Item] {
    var found: [Item] = []
    for prefix in request.arguments {
      guard !prefix.isEmpty else {
        throw CommandFailure(.usage, "an ID is empty: `thoth history` lists them")
      }
      let unended = await pipeline.unended(prefix)
      let those = try await stored { () async throws(DictationError) in
        isStored
          ? try await storage.library.items(idPrefix: prefix, includingDeleted: true)
          : try await storage.items(idPrefix: prefix)
      }
      if let unended, isStored || those.isEmpty { throw .onItsWay(unended) }
      guard let item = those.first else {
        throw CommandFailure(.usage, "there is no item \(prefix): `thoth history` lists them")
      }
      guard those.count == 1 else {
        throw CommandFailure(.usage, "several items begin with \(prefix): give more of the id")
      }
      found.append(item)
    }
    return found
  }

  /// Where the audio of `item` is now; nil when it is not kept.
  private func audioPath(_ item: Item) -> String? {
    let spooled = storage.spool.audioPath(item.id)
    return access(spooled, F_OK) == 0 ? spooled : storage.library.audioPath(of: item)
  }

  private func stored<Value: Sendable>(
    _ body: () async throws(DictationError) -> Value
  ) async throws(CommandFailure) -> Value {
    do throws(DictationError) { return try await body() } catch { throw CommandFailure(error) }
  }
}

extension CommandFailure {
  fileprivate static func hasNoText(_ item: JobID) -> CommandFailure {
    CommandFailure(.notNow, "\(item) has no text: `thoth history redo \(item.short)` asks for it")
  }
}

/// The tags that `words` name, each key once.
func itemTags(_ words: [String]) throws(CommandFailure) -> [String: String] {
  var tags: [String: String] = [:]
  for word in words {
    guard let tag = ItemTag(word) else {
      throw CommandFailure(.usage, "\"\(word)\" is no tag: \(ItemTag.rule)")
    }
    guard tags.updateValue(tag.value, forKey: tag.key) ?? tag.value == tag.value else {
      throw CommandFailure(.usage, "\(tag.key) has two values: an item has each key once")
    }
  }
  return tags
}

extension ControlRequest {
  /// The path in the option `name`, from the folder of whoever asks.
  func path(_ name: String) -> String? { options[name].map(path(named:)) }

  /// The path `name`, from the folder of whoever asks.
  func path(named name: String) -> String {
    name.hasPrefix("/") ? name : "\(environment["PWD"] ?? "")/\(name)"
  }

  /// What `history` is to look for.
  fileprivate func query(now: UInt64) throws(CommandFailure) -> ItemQuery {
    var query = ItemQuery()
    query.text = arguments.isEmpty ? nil : arguments.joined(separator: " ")
    query.since = try time("since", now: now)
    query.until = try time("until", now: now)
    query.onlyDeleted = has("trash")
    query.tags = try wantedTags()
    query.kinds = kinds
    // What was cancelled, and where nobody spoke, is there, but not what people look for.
    if !has("all") && query.text == nil {
      query.states = Set(PipelineState.allCases).subtracting([.cancelled, .discarded])
    }
    let limit = options["limit"] ?? "20"
    guard let number = Int(limit), number >= 0 else {
      throw CommandFailure(.usage, "--limit is a number, not \"\(limit)\"")
    }
    query.limit = number == 0 ? .max : number
    return query
  }

  /// The kind that the option `kind` names; none: any.
  var kinds: Set<Item.Kind> { Set(options["kind"].flatMap { Item.Kind(rawValue: $0) }.map { [$0] } ?? []) }

  /// The tags that the option `tag` names.
  func wantedTags() throws(CommandFailure) -> [String: String] {
    let tags = try itemTags(options["tag"]?.split(separator: "\n").map(String.init) ?? [])
    if let key = tags.first(where: \.value.isEmpty)?.key {
      throw CommandFailure(.usage, "--tag \(key)= has no value: \(ItemTag.rule)")
    }
    return tags
  }

  /// The time in the option `name`, in milliseconds since 1970: an age, or a date in local time.
  func time(_ name: String, now: UInt64) throws(CommandFailure) -> UInt64? {
    guard let text = options[name] else { return nil }
    let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    if let unit = text.last.flatMap({ units[$0] }), let count = UInt64(text.dropLast()), count < 1 << 32 {
      return now - min(now, count * unit * 1000)
    }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) ?? -1 }
    if parts.count == 3, (1970...9999).contains(parts[0]), (1...12).contains(parts[1]),
      (1...31).contains(parts[2])
    {
      var date = tm()
      (date.tm_year, date.tm_mon, date.tm_mday, date.tm_isdst) = (parts[0] - 1900, parts[1] - 1, parts[2], -1)
      return UInt64(max(0, mktime(&date))) * 1000
    }
    throw CommandFailure(
      .usage, "--\(name) is an age such as 24h or 7d, or a date such as 2026-11-21, not \"\(text)\"")
  }
}
