import CommandLine
import Configuration
import DictationTypes
import Pipeline

extension Commands {
  /// The `config` family.
  func configure(_ request: ControlRequest, _ connection: Connection) throws(CommandFailure) -> ExitCode {
    do throws(ConfigurationProblem) {
      switch request.command {
      case "config path": connection.send(.output(configuration.path))
      case "config show": show(request, connection)
      case "config get": try get(request.arguments[0], connection)
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

  private func show(_ request: ControlRequest, _ connection: Connection) {
    let settings = configuration.current.settings
    if request.has("json") {
      connection.send(.output(json(Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.value) }))))
    } else {
      for setting in settings { connection.send(.output("\(setting.key) = \(setting.value)")) }
    }
    if let problem = configuration.problem { connection.send(.message("thoth: \(told(problem))")) }
  }

  private func get(_ key: String, _ connection: Connection) throws(ConfigurationProblem) {
    connection.send(.output(try configuration.current.value(of: key) ?? ""))
  }

  private func check(_ connection: Connection) -> ExitCode {
    _ = configuration.reload()
    for warning in configuration.warnings {
      connection.send(.message("thoth: \(configuration.path): \(warning)"))
    }
    guard let problem = configuration.problem else {
      connection.send(.output("\(configuration.path) is right"))
      return .done
    }
    connection.send(.message("thoth: \(told(problem))"))
    return .notConfigured
  }

  private func told(_ problem: ConfigurationProblem) -> String {
    "\(configuration.path): \(problem). What was in force before stays in force; `thoth config edit` opens the file"
  }
}
