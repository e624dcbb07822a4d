import Foundation

/// A transcription server, a real process on loopback, that misbehaves: Tests/Rigs/faultserver.py says how.
public final class FaultServer: Sendable {
  private let process: RunningProcess
  private let port: String

  /// Starts it, and waits until it listens.
  public init() throws {
    process = try RunningProcess("/usr/bin/python3", [rig("faultserver.py")])
    guard process.waitForOutput("\n") else { throw CocoaError(.executableLoad) }
    port = process.output.split(separator: "\n").first.map(String.init) ?? ""
  }

  /// The engine address that behaves as `mode`.
  public func url(_ mode: String) -> String { "http://127.0.0.1:\(port)/\(mode)/v1" }

  /// Waits until it has written `line`.
  public func waitFor(_ line: String) -> Bool { process.waitForOutput("\(line)\n") }
}

/// The path of a file in Tests/Rigs.
public func rig(_ name: String) -> String { "\(testsFolder)/Rigs/\(name)" }

/// The path of a recording in Tests/Fixtures/audio.
public func recording(_ name: String) -> String { "\(testsFolder)/Fixtures/audio/\(name)" }

private let testsFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().path
