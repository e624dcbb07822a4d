import Foundation

/// Counts what a program's capture threads do that may make them wait: Tests/Rigs/capturewatch, preloaded into it,
/// which says what it sees and what it cannot.
public final class CaptureWatch: Sendable {
  /// What was counted in one capture, from its second read until the device was stopped.
  public struct Report: Sendable, Decodable {
    /// How many reads gave frames.
    public let reads: Int
    /// The frames of all reads.
    public let frames: Int
    /// What the thread did by itself, by the kind of act.
    public let own: [String: Int]
    /// What it did inside calls of alsa-lib.
    public let alsa: [String: Int]
    /// Where the first acts of its own came from.
    public let offences: [String]

    /// Whether the thread did nothing of its own but wait in poll(2) and wake others.
    public var isClean: Bool { own.allSatisfy { $0.value == 0 || ["polls", "wakes"].contains($0.key) } }
  }

  private let folder: TemporaryFolder

  /// A watch with a file of its own for the reports.
  public init() throws { folder = try TemporaryFolder() }

  /// The variables that put a program under watch.
  public var environment: [String: String] {
    get throws {
      [
        "LD_PRELOAD": try Self.library.get(), "CAPTURE_WATCH": folder.file("reports"),
        "CAPTURE_WATCH_TIMES": folder.file("times"),
      ]
    }
  }

  /// The reports of the captures that have ended, in the order in which they ended.
  public var reports: [Report] {
    get throws {
      let lines = (folder.read("reports") ?? "").split(separator: "\n")
      return try lines.map { try JSONDecoder().decode(Report.self, from: Data($0.utf8)) }
    }
  }

  /// Runs the program that does known things on a capture thread, reading from `device`.
  public func runKnown(device: String) throws -> Int32 {
    let program = try compiledRig("capturewatch/known", into: "known", ["-fno-builtin", "-lasound"])
    let variables = try ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    return try run(program, [device, folder.file("log")], environment: variables).code
  }

  private static let library = Result<String, any Error> {
    try compiledRig("capturewatch", into: "libcapturewatch.so", ["-fno-builtin", "-shared", "-fPIC"])
  }
}
