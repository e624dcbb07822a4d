public import DictationTypes
import Glibc
import Linux

/// The settings in force: the file is read at the start and again whenever it changes. A broken file changes
/// nothing: the last good one, or the defaults, stay in force.
public final class ConfigurationStore: Sendable {
  /// The path of the settings file.
  public let path: String
  private let state = Lock(State())
  private let fileWatch = FileWatch()
  /// Held from reading the file to writing it.
  private let editing = Lock(0)

  private struct State {
    var current = Configuration()
    var warnings: [ConfigurationProblem] = []
    var problem: ConfigurationProblem?
  }

  /// Reads the file at `path`; a missing one means the defaults.
  public init(path: String) {
    self.path = path
    _ = reload()
  }

  /// The settings in force.
  public var current: Configuration { state.withLock { $0.current } }

  /// What is wrong with the file, or nil.
  public var problem: ConfigurationProblem? { state.withLock { $0.problem } }

  /// What to look at in the file.
  public var warnings: [ConfigurationProblem] { state.withLock { $0.warnings } }

  /// Reads the file again, and says what came of it.
  public func reload() -> ConfigNotice {
    do throws(ConfigurationProblem) {
      let file = try ConfigurationFile(try text())
      state.withLock { state in
        state.current = file.configuration
        state.warnings = file.warnings
        state.problem = nil
      }
      return ConfigNotice(.reloaded)
    } catch {
      let problem = error
      state.withLock { $0.problem = problem }
      return ConfigNotice(
        .rejected, message: problem.message, line: problem.line, column: problem.column)
    }
  }

  /// Changes one setting in the file (which is made when missing), and puts it in force.
  ///
  /// - Throws: `ConfigurationProblem` when the setting or the value is wrong, or the file cannot be written.
  public func set(_ key: String, to value: String) throws(ConfigurationProblem) {
    try editing.withLock { _ throws(ConfigurationProblem) in
      try write(try configurationText(try text(), setting: key, to: value))
    }
    _ = reload()
  }

  /// Makes the file, with every setting commented out, when there is none.
  ///
  /// - Throws: `ConfigurationProblem` when it cannot be written.
  public func makeFileIfMissing() throws(ConfigurationProblem) {
    if access(path, F_OK) != 0 { try write(commentedDefaults()) }
  }

  /// Calls `changed` from a thread of its own whenever the file has been read again, until `stopWatching`.
  public func watch(_ changed: @escaping @Sendable (ConfigNotice) -> Void) {
    fileWatch.start(path, name: "config") { [self] in changed(reload()) }
  }

  /// Ends `watch`.
  public func stopWatching() { fileWatch.stop() }

  private func text() throws(ConfigurationProblem) -> String {
    guard let bytes = readFile(path) else {
      if errno == ENOENT { return "" }
      throw ConfigurationProblem("\(path) cannot be read: \(systemError())")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationProblem("it is not UTF-8", line: 1, column: 1)
    }
    return text
  }

  private func write(_ text: String) throws(ConfigurationProblem) {
    do throws(LocationError) {
      try makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
    } catch {
      throw ConfigurationProblem(error.description)
    }
    guard replaceFile(path, with: Array(text.utf8)) else {
      throw ConfigurationProblem("\(path) cannot be written: \(systemError())")
    }
  }
}

/// A settings file that says what can be set, and changes nothing.
func commentedDefaults() -> String {
  let defaults = Configuration()
  var text = "# The settings of thoth. Each line shows a default: remove its # to change it.\n"
  var section = ""
  for setting in generalSettings {
    let parts = setting.key.split(separator: ".", maxSplits: 1).map(String.init)
    if parts[0] != section {
      section = parts[0]
      text += "\n[\(section)]\n"
    }
    text += line(setting, key: parts[1], of: defaults)
  }
  text += "\n# [[engine]]\n"
  for setting in engineSettings { text += line(setting, key: setting.key, of: defaults.engines[0]) }
  text += "\n# [[profile]]  # what is different for some windows; the first that matches counts\n"
  for setting in profileSettings { text += line(setting, key: setting.key, of: Profile()) }
  text += "\n# [[voice_command]]  # words that are obeyed instead of written\n"
  for setting in spokenCommandSettings {
    text += line(setting, key: setting.key, of: SpokenCommand())
  }
  return text
}

private func line<Root>(_ setting: Setting<Root>, key: String, of root: Root) -> String {
  let value =
    setting.print(root).flatMap { $0.isEmpty ? nil : $0 }.map {
      setting.kind == .string ? "\"\($0)\"" : $0
    }
    ?? "\"…\""
  return "# \(key) = \(value)  # \(setting.summary)\n"
}
