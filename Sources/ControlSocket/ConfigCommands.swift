import CommandLine
import Configuration
import DictationTypes
import Pipeline
import TextEnhancement

extension Commands {
  /// The `config` family.
  func configure(_ request: ControlRequest, _ connection: Connection) throws(CommandFailure) -> ExitCode {
    do throws(ConfigurationProblem) {
      switch request.command {
      case "config path": connection.send(.output(configuration.path))
      case "config show": try show(request, connection)
      case "config get":
        let settings = try configuration.current.overridden(by: request.environment)
        connection.send(.output(try settings.value(of: request.arguments[0]) ?? ""))
      case "config set": try configuration.set(request.arguments[0], to: request.arguments[1])
      case "config edit":
        try configuration.makeFileIfMissing()
        connection.send(.output(configuration.path))
      default: return check(connection)
      }
      return .done
    } catch {
      throw CommandFailure(.notConfigured, "\(configuration.path): \(error)")
    }
  }

  private func show(_ request: ControlRequest, _ connection: Connection) throws(ConfigurationProblem) {
    let settings = try configuration.current.overridden(by: request.environment).settings
    if request.has("json") {
      connection.send(.output(json(Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.value) }))))
    } else {
      for setting in settings { connection.send(.output("\(setting.key) = \(setting.value)")) }
    }
    if let problem = configuration.problem { connection.send(.message("thoth: \(told(problem))")) }
  }

  private func check(_ connection: Connection) -> ExitCode {
    _ = configuration.reload()
    for warning in configuration.warnings {
      connection.send(.message("thoth: \(configuration.path): \(warning)"))
    }
    guard let problem = configuration.problem else {
      let problems = promptProblems(configuration.current)
      for problem in problems { connection.send(.message("thoth: \(configuration.path): \(problem)")) }
      guard problems.isEmpty else { return .notConfigured }
      connection.send(.output("\(configuration.path) is right"))
      return .done
    }
    connection.send(.message("thoth: \(told(problem))"))
    return .notConfigured
  }

  /// What is wrong with the prompts that the settings name.
  private func promptProblems(_ settings: Configuration) -> [String] {
    let named =
      [settings.enhancement.prompt] + settings.profiles.compactMap(\.enhance).filter { $0 != "none" }
    return Set(named).sorted().compactMap { name in
      do throws(PromptProblem) { _ = try editor.prompts.prompt(named: name) } catch { return error.message }
      return nil
    }
  }

  private func told(_ problem: ConfigurationProblem) -> String {
    "\(configuration.path): \(problem). What was in force before stays in force; `thoth config edit` opens the file"
  }
}
