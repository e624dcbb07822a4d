public import Configuration
import DictationTypes
import Glibc
public import Linux
public import TextOutput

/// What one look found.
public struct Finding: Sendable, Encodable {
  /// What was looked at.
  public let part: String
  /// Whether it is well.
  public let ok: Bool
  /// What was found, and when it is not well, the command that mends it.
  public let message: String

  /// One line for people.
  public var line: String { "\(ok ? "ok  " : "FAIL") \(part): \(message)" }
}

/// Looks at each part thoth needs by using it.
public struct Doctor: Sendable {
  private let locations: Locations
  private let display: X11Output

  /// A doctor for this user.
  public init(locations: Locations, display: X11Output) {
    self.locations = locations
    self.display = display
  }

  /// Whether `engine install` has been run.
  public var isEngineInstalled: Bool {
    access("\(locations.engine)/venv/bin/python", X_OK) == 0
      && access("\(locations.engine)/models/default", F_OK) == 0
  }

  /// Looks at the daemon, the settings, the microphone (not while it is in use), the display and the engines.
  public func examine(
    _ configuration: ConfigurationStore, _ engines: Engines, _ client: ClientContext,
    isMicrophoneInUse: Bool
  ) async -> [Finding] {
    var findings = [
      Finding(part: "daemon", ok: true, message: "process \(getpid()), log \(locations.log)"),
      settings(configuration),
    ]
    let current = (try? configuration.current.overridden(by: client.environment)) ?? configuration.current
    findings.append(
      isMicrophoneInUse
        ? Finding(part: "microphone", ok: true, message: "it is open now, for a recording or audio.pre_roll")
        : await microphone(current.device))
    findings.append(await screen(client))
    for engine in current.engines {
      findings.append(
        await look("engine \(engine.name)") { () throws(DictationError) in
          try await engines.examine(engine)
        })
    }
    return findings
  }

  private func settings(_ store: ConfigurationStore) -> Finding {
    if let problem = store.problem {
      return Finding(
        part: "settings", ok: false, message: "\(store.path): \(problem). `thoth config edit` opens it")
    }
    let warnings = store.warnings.map { "; \($0)" }.joined()
    return Finding(part: "settings", ok: true, message: store.path + warnings)
  }

  private func screen(_ client: ClientContext) async -> Finding {
    guard let address = client.display else {
      return Finding(
        part: "display", ok: false,
        message: "DISPLAY is not set: run thoth in the desktop session, or use --output stdout")
    }
    return await look("display") { () throws(DictationError) in try await display.check(address) }
  }

  /// Opens the microphone until its first frame.
  private func microphone(_ device: String) async -> Finding {
    await withCheckedContinuation { continuation in
      WorkerThread(name: "doctor") { continuation.resume(returning: examineMicrophone(device)) }.detach()
    }
  }

  private func look(_ part: String, _ act: () async throws(DictationError) -> String) async -> Finding {
    do throws(DictationError) {
      return Finding(part: part, ok: true, message: try await act())
    } catch {
      return Finding(part: part, ok: false, message: error.message)
    }
  }
}
