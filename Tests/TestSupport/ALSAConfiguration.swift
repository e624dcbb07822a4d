import Foundation
import Linux

/// PCM definitions in a file of their own, on top of the system's: for a child process, or for this one.
public final class ALSAConfiguration: Sendable {
  private let folder: TemporaryFolder
  private let definitions = Lock<[String]>([])

  /// The one that alsa-lib uses in this process. Touch it before alsa-lib is used.
  public static let ofThisProcess: ALSAConfiguration = {
    do {
      let configuration = try ALSAConfiguration()
      setenv(variable, configuration.path, 1)
      atexit { try? FileManager.default.removeItem(atPath: ALSAConfiguration.ofThisProcess.folder.path) }
      return configuration
    } catch {
      fatalError("no ALSA configuration: \(error)")
    }
  }()

  private static let variable = "ALSA_CONFIG_PATH"

  /// The system's definitions and nothing more yet.
  public init() throws {
    folder = try TemporaryFolder()
    try folder.write("", to: "asoundrc")
  }

  /// Defines the PCM `name`, or defines it anew: `body` is what stands between the braces.
  public func define(_ name: String, _ body: String) throws { try add("pcm.!\(name) { \(body) }") }

  /// Adds any lines. alsa-lib reads the file again when something is opened the next time.
  public func add(_ lines: String) throws {
    try definitions.withLock { definitions in
      definitions.append(lines)
      // Replaced as a whole: a reader never sees half of it. alsa-lib tells a new version by its time in whole
      // seconds, so each one gets a second of its own.
      let version = try folder.write(definitions.joined(separator: "\n"), to: "asoundrc.new")
      let time = Date(timeIntervalSince1970: TimeInterval(definitions.count))
      try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: version)
      rename(version, folder.file("asoundrc"))
    }
  }

  /// A path for something that belongs to a definition, removed with it.
  public func file(_ name: String) -> String { folder.file(name) }

  /// This process's environment, with these definitions in force.
  public var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging([Self.variable: path]) { _, new in new }
  }

  private var path: String { "/usr/share/alsa/alsa.conf:\(folder.file("asoundrc"))" }
}
