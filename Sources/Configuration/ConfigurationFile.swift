import DictationTypes

/// A settings file's meaning: the value it gives, and what to look at in it.
public struct ConfigurationFile: Sendable {
  /// The settings.
  public let configuration: Configuration
  /// Keys that mean nothing to this version, each with its place.
  public let warnings: [ConfigurationProblem]

  /// Reads the text of a settings file.
  ///
  /// - Throws: `ConfigurationProblem`, with line and column, for what is no TOML and for values that are wrong.
  public init(_ text: String) throws(ConfigurationProblem) {
    var configuration = Configuration()
    var warnings: [ConfigurationProblem] = []
    let entries = try TOMLDocument(text).entries
    let engineCount = entries.count { $0.kind == .table && isSection($0.path, of: "engine") }
    if engineCount > 0 {
      configuration.engines = Array(repeating: EngineConfiguration(), count: engineCount)
    }
    let profileCount = entries.count { $0.kind == .table && isSection($0.path, of: "profile") }
    configuration.profiles = Array(repeating: Profile(), count: profileCount)
    let commandCount = entries.count {
      $0.kind == .table && isSection($0.path, of: "voice_command")
    }
    configuration.filter.ownCommands = Array(repeating: SpokenCommand(), count: commandCount)
    for entry in joiningLists(entries) where entry.kind != .table {
      let known = try assign(entry, to: &configuration)
      if !known && !isContainer(entry, among: entries) {
        warnings.append(
          ConfigurationProblem(
            "\"\(entry.path)\" is not a setting of this version" + hint(entry.path), at: entry.start
          ))
      }
    }
    try checkEngines(configuration.engines)
    try checkProfiles(configuration)
    try checkSpokenCommands(configuration.filter.ownCommands)
    self.configuration = configuration
    self.warnings = warnings
  }
}

extension Configuration {
  /// These settings with those that `THOTH_*` variables name: `THOTH_AUDIO_DEVICE` is `audio.device`,
  /// `THOTH_ENGINE_URL` is the first engine's `url`.
  ///
  /// - Throws: `ConfigurationProblem` that names the variable whose value is wrong.
  public func overridden(by environment: [String: String]) throws(ConfigurationProblem)
    -> Configuration
  {
    var result = self
    for (name, text) in environment.sorted(by: { $0.key < $1.key }) {
      do throws(ConfigurationProblem) {
        if let setting = generalSettings.first(where: { variable(for: $0.key) == name }) {
          try setting.assign(&result, text)
        } else if let setting = engineSettings.first(where: {
          variable(for: "engine." + $0.key) == name
        }) {
          try setting.assign(&result.engines[0], text)
        }
      } catch {
        throw ConfigurationProblem("the variable \(name): \(error.message)")
      }
    }
    try checkEngines(result.engines)
    return result
  }

  /// Every setting with its value in force, as `key` and text: `engine.local.url`.
  public var settings: [(key: String, value: String)] {
    let general = generalSettings.compactMap { setting in
      setting.print(self).map { (setting.key, $0) }
    }
    let ofEngines = engines.flatMap { engine in
      engineSettings.compactMap { setting in
        setting.print(engine).map { ("engine.\(engine.name).\(setting.key)", $0) }
      }
    }
    let ofProfiles = profiles.flatMap { profile in
      profileSettings.compactMap { setting in
        setting.print(profile).map { ("profile.\(profile.label).\(setting.key)", $0) }
      }
    }
    let ofCommands = filter.ownCommands.flatMap { command in
      spokenCommandSettings.compactMap { setting in
        setting.print(command).map { ("voice_command.\(command.say).\(setting.key)", $0) }
      }
    }
    return general + ofEngines + ofProfiles + ofCommands
  }
}

/// Sections of which there may be several have double brackets.
private func hint(_ path: String) -> String {
  let parts = path.split(separator: ".")
  guard let section = parts.first, ["engine", "profile", "voice_command"].contains(section),
    parts.count == 2
  else {
    return ""
  }
  return ": write [[\(section)]] and not [\(section)]"
}

private func variable(for key: String) -> String {
  "THOTH_" + key.uppercased().map { $0 == "." ? "_" : $0 }
}

private func isSection(_ path: String, of array: String) -> Bool {
  path.hasPrefix(array + ".") && Int(path.dropFirst(array.count + 1)) != nil
}

private func isContainer(_ entry: TOMLDocument.Entry, among entries: [TOMLDocument.Entry]) -> Bool {
  entry.kind == .other && entries.contains { $0.path.hasPrefix(entry.path + ".") }
}

/// Reads one value into `configuration`; false when no setting has its path.
private func assign(
  _ entry: TOMLDocument.Entry, to configuration: inout Configuration
) throws(ConfigurationProblem) -> Bool {
  let parts = entry.path.split(separator: ".", maxSplits: 2)
  if parts.count == 3, let index = Int(parts[1]) {
    let key = String(parts[2])
    switch parts[0] {
    case "engine" where configuration.engines.indices.contains(index):
      return try assign(entry, engineSettings, key: key, to: &configuration.engines[index])
    case "profile" where configuration.profiles.indices.contains(index):
      return try assign(entry, profileSettings, key: key, to: &configuration.profiles[index])
    case "voice_command" where configuration.filter.ownCommands.indices.contains(index):
      return try assign(
        entry, spokenCommandSettings, key: key, to: &configuration.filter.ownCommands[index])
    default: break
    }
  }
  return try assign(entry, generalSettings, key: entry.path, to: &configuration)
}

private func assign<Root>(
  _ entry: TOMLDocument.Entry, _ settings: [Setting<Root>], key: String, to root: inout Root
) throws(ConfigurationProblem) -> Bool {
  guard let setting = settings.first(where: { $0.key == key }) else { return false }
  guard entry.kind == setting.kind else {
    let wanted =
      switch setting.kind {
      case .boolean: "true or false"
      case .integer: "a number without quotes"
      default: "a text in quotes" + (setting.isList ? ", or several in [ ]" : "")
      }
    throw ConfigurationProblem("\(key) has to be \(wanted)", at: entry.start)
  }
  do throws(ConfigurationProblem) {
    try setting.assign(&root, entry.text)
  } catch {
    throw ConfigurationProblem("\(key): \(error.message)", at: entry.start)
  }
  return true
}

/// The entries with each array of texts that a setting may have in the place of its elements: with spaces between.
private func joiningLists(_ entries: [TOMLDocument.Entry]) -> [TOMLDocument.Entry] {
  let lists = engineSettings.filter(\.isList).map { ".\($0.key)" }
  let arrays = entries.filter { entry in
    let elements = entries.filter { $0.path.hasPrefix(entry.path + ".") }
    return entry.kind == .other && entry.path.hasPrefix("engine.")
      && lists.contains { entry.path.hasSuffix($0) }
      && !elements.isEmpty && elements.allSatisfy { $0.kind == .string }
  }
  return entries.compactMap { entry in
    if arrays.contains(where: { entry.path.hasPrefix($0.path + ".") }) { return nil }
    guard arrays.contains(where: { $0.path == entry.path }) else { return entry }
    let texts = entries.filter { $0.path.hasPrefix(entry.path + ".") }.map(\.text)
    return TOMLDocument.Entry(
      path: entry.path, kind: .string, text: texts.joined(separator: " "), start: entry.start,
      end: entry.end)
  }
}

private func checkEngines(_ engines: [EngineConfiguration]) throws(ConfigurationProblem) {
  for (index, engine) in engines.enumerated() {
    if engines[..<index].contains(where: { $0.name == engine.name }) {
      throw ConfigurationProblem("two engines are called \"\(engine.name)\": give one another name")
    }
    guard engine.isManaged else { continue }
    if engine.urls.count > 1 || !engine.url.hasPrefix("unix:") {
      throw ConfigurationProblem(
        "the engine \"\(engine.name)\" is managed and has to be at one unix: address; write managed = false for "
          + engine.urls.joined(separator: " "))
    }
    if let other = engines[..<index].first(where: \.isManaged) {
      throw ConfigurationProblem(
        "the engines \"\(other.name)\" and \"\(engine.name)\" are both managed, and thothd starts one: "
          + "write managed = false for the other")
    }
  }
}
