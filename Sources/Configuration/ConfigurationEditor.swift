import DictationTypes

/// The text of a settings file with one setting changed; everything else, comments too, stays as it is.
///
/// - Parameters:
///   - key: such as `output.method`, `engine.NAME.url`, or `engine.url` for the first engine.
///   - value: the new value as text, without quotes.
/// - Throws: `ConfigurationProblem` when there is no such setting, or the value is wrong for it, or the file
///   cannot be changed without breaking it.
public func configurationText(
  _ text: String, setting key: String, to value: String
) throws(ConfigurationProblem) -> String {
  let before = try ConfigurationFile(text).configuration
  let target = try resolve(key, in: before)
  let document = try TOMLDocument(text)
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
    Array($0.unicodeScalars)
  }
  if let entry = document.entries.first(where: { $0.path == target.path }) {
    guard entry.start.line == entry.end.line else {
      throw ConfigurationProblem(
        "it spans several lines: change it with `thoth config edit`", at: entry.start)
    }
    let range = (entry.start.column - 1)..<(entry.end.column - 1)
    lines[entry.start.line - 1].replaceSubrange(
      range, with: Array(target.literal(value).unicodeScalars))
  } else if let table = document.entries.first(where: {
    $0.path == target.table && $0.kind == .table
  }) {
    lines.insert(
      Array("\(target.key) = \(target.literal(value))".unicodeScalars), at: table.start.line)
  } else {
    if lines.last?.isEmpty == true { lines.removeLast() }
    let section = "\(target.header)\n\(target.key) = \(target.literal(value))\n"
    lines.append(Array(((lines.isEmpty ? "" : "\n") + section).unicodeScalars))
  }
  let changed = lines.map { line in
    var text = String.UnicodeScalarView()
    text.append(contentsOf: line)
    return String(text)
  }.joined(separator: "\n")
  _ = try ConfigurationFile(changed)
  guard
    try TOMLDocument(changed).entries.contains(where: {
      $0.path == target.valuePath && $0.text == value
    })
  else { throw ConfigurationProblem("\(key) cannot be changed here: use `thoth config edit`") }
  return changed
}

extension Configuration {
  /// The value of one setting as text; nil when it is unset.
  ///
  /// - Throws: `ConfigurationProblem` when there is no such setting.
  public func value(of key: String) throws(ConfigurationProblem) -> String? {
    _ = try resolve(key, in: self)
    let full = "engine.\(engines[0].name).\(key.dropFirst("engine.".count))"
    return settings.first { $0.key == key }?.value ?? settings.first { $0.key == full }?.value
  }
}

/// Where a setting stands in a file, and how its value is written there.
private struct Target {
  /// The path of the value, and of the table it is in.
  let path: String
  let table: String
  /// The path of the text that is set: within `path` where that is an inline table.
  let valuePath: String
  /// The header of that table.
  let header: String
  /// The key within the table.
  let key: String
  /// The value as TOML.
  let literal: @Sendable (String) -> String
}

private func resolve(_ key: String, in configuration: Configuration) throws(ConfigurationProblem)
  -> Target
{
  if let setting = generalSettings.first(where: { $0.key == key }) {
    let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
    return target(parts[1], setting.kind, in: parts[0], header: "[\(parts[0])]")
  }
  if key.hasPrefix("voice_command.") {
    throw ConfigurationProblem("a [[voice_command]] is written and changed with `thoth config edit`")
  }
  if key.hasPrefix("profile.") { return try resolveProfile(key, in: configuration) }
  guard key.hasPrefix("engine.") else { throw unknown(key) }
  var rest = String(key.dropFirst("engine.".count))
  var index = 0
  for (position, engine) in configuration.engines.enumerated()
  where rest.hasPrefix(engine.name + ".") {
    rest.removeFirst(engine.name.count + 1)
    index = position
    break
  }
  guard let setting = engineSettings.first(where: { $0.key == rest }) else { throw unknown(key) }
  return target(rest, setting.kind, in: "engine.\(index)", header: "[[engine]]")
}

/// The place of `key` in `table`.
private func target(_ key: String, _ kind: TOMLDocument.Kind, in table: String, header: String) -> Target {
  guard key.hasPrefix("key.") else {
    return Target(
      path: "\(table).\(key)", table: table, valuePath: "\(table).\(key)", header: header, key: key,
      literal: { quoted($0, as: kind) })
  }
  // There is one key: the whole inline table is replaced.
  let source = String(key.dropFirst("key.".count))
  return Target(
    path: "\(table).key", table: table, valuePath: "\(table).\(key)", header: header, key: "key",
    literal: { "{ \(source) = \(quoted($0, as: .string)) }" })
}

/// `profile.NAME.KEY`. The name may hold points: what it is called is in the file.
private func resolveProfile(_ key: String, in configuration: Configuration)
  throws(ConfigurationProblem)
  -> Target
{
  for (index, profile) in configuration.profiles.enumerated()
  where key.hasPrefix("profile.\(profile.label).") {
    let rest = String(key.dropFirst("profile.\(profile.label).".count))
    guard let setting = profileSettings.first(where: { $0.key == rest }) else { continue }
    return target(rest, setting.kind, in: "profile.\(index)", header: "[[profile]]")
  }
  throw ConfigurationProblem(
    "there is no setting \"\(key)\": write a [[profile]] with `thoth config edit` first")
}

private func unknown(_ key: String) -> ConfigurationProblem {
  ConfigurationProblem("there is no setting \"\(key)\": `thoth config show` lists them")
}

private func quoted(_ value: String, as kind: TOMLDocument.Kind) -> String {
  guard kind == .string else { return value }
  var text = ""
  for scalar in value.unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }
  return "\"\(text)\""
}
