public import Configuration
import DictationTypes
import Glibc
import Library
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

  /// What is to be looked at, and done.
  public struct Checkup: Sendable {
    let isMicrophoneInUse: Bool
    let verifies: Bool
    let fixes: Bool

    /// A look; not at the microphone while it is in use. `verifies`: at every recording of the library; `fixes`: mends
    /// a library that is broken.
    public init(isMicrophoneInUse: Bool, verifies: Bool, fixes: Bool) {
      self.isMicrophoneInUse = isMicrophoneInUse
      self.verifies = verifies
      self.fixes = fixes
    }
  }

  /// Looks at the daemon, the settings, the library, the microphone, the display, the engines, the helper for media files and the
  /// language model.
  public func examine(
    _ configuration: ConfigurationStore, _ engines: Engines, _ editor: Editor, _ storage: Storage,
    _ client: ClientContext,
    _ checkup: Checkup
  ) async -> [Finding] {
    var findings = [
      Finding(part: "daemon", ok: true, message: "process \(getpid()), log \(locations.log)"),
      settings(configuration),
    ]
    findings += await library(storage, checkup)
    let current = (try? configuration.current.overridden(by: client.environment)) ?? configuration.current
    findings +=
      checkup.isMicrophoneInUse
      ? [Finding(part: "microphone", ok: true, message: "it is open now, for a recording or audio.pre_roll")]
      : await microphone(current.device)
    // Without XWayland there is no display to look at, and none is needed.
    if client.display != nil || !client.isWayland { findings.append(await screen(client)) }
    if client.isWayland {
      let session = WaylandSession(
        client: client, command: current.outputCommand, environment: currentEnvironment())
      findings.append(await session.examine())
    }
    for engine in current.engines {
      findings.append(
        await look("engine \(engine.name)") { () throws(DictationError) in
          try await engines.examine(engine)
        })
    }
    findings.append(
      await look("media files") { () throws(DictationError) in try await MediaProcess.examine() })
    // It is off unless somebody has named one.
    if !current.enhancement.model.isEmpty {
      findings.append(
        await look("language model") { () throws(DictationError) in
          try await editor.examine(current.enhancement)
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

  private func library(_ storage: Storage, _ checkup: Checkup) async -> [Finding] {
    var findings: [Finding] = []
    let library = storage.library
    if checkup.fixes {
      findings.append(
        await look("library, mended") { () throws(DictationError) in
          let isDamaged = await library.needsRebuild()
          let sentence = isDamaged ? try await library.rebuild() : "nothing, the database is sound"
          await storage.settle()
          return sentence
        })
    }
    findings.append(
      await look("library") { () throws(DictationError) in
        try await library.open()
        let usage = try await library.usage()
        let waiting = await storage.waitingCount()
        let rest = waiting == 0 ? "" : ", \(waiting) results wait until they can be stored"
        return "\(usage.items) items, \(usage.audioBytes / 1_000_000) MB of audio" + rest
      })
    guard checkup.verifies else { return findings }
    do throws(DictationError) {
      let report = try await library.verify()
      let problems =
        report.missing.map { "\($0) is missing: its text is kept" }
        + report.corrupt.map { "\($0) is not what was stored: restore it from a backup" } + report.database
      findings += problems.map { Finding(part: "library, verified", ok: false, message: $0) }
      let orphaned = report.orphaned.map { "; no item refers to \($0), remove it by hand if it is not yours" }
      if problems.isEmpty {
        let message = "\(report.checkedFiles) recordings are as they were stored" + orphaned.joined()
        findings.append(Finding(part: "library, verified", ok: true, message: message))
      }
    } catch {
      findings.append(Finding(part: "library, verified", ok: false, message: error.message))
    }
    return findings
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
  private func microphone(_ device: String) async -> [Finding] {
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
