import Foundation

/// A transcription server, a real process on loopback, that takes and answers exactly what the documentation of one kind
/// of engine has: Tests/Rigs/contracts has one for each.
public final class ContractServer: Sendable {
  private let process: RunningProcess
  private let port: String

  /// What it was asked, or sent.
  public struct Request: Decodable, Sendable {
    /// Where it was sent.
    public let path: String
    /// The client's port: the same one on the same connection.
    public let connection: Int
    /// The bearer token; nil: none.
    public let key: String?
    /// The text fields.
    public let fields: [String: [String]]
    /// The file's name.
    public let filename: String?
    /// The file's media type.
    public let type: String?
    /// The length of the recording, as its own header has it.
    public let seconds: Double?
  }

  /// Starts the one of `name`, and waits until it listens.
  public init(_ name: String, _ arguments: String...) throws {
    process = try RunningProcess("/usr/bin/python3", ["-B", rig("contracts/\(name).py")] + arguments)
    guard process.waitForOutput("\n") else { throw RigError("\(name) does not start: \(process.errors)") }
    port = process.output.split(separator: "\n").first.map(String.init) ?? ""
  }

  /// The address of `path` on it.
  public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

  /// What it was asked and sent, the oldest first, once there are `count` of them: what a server has written may arrive
  /// after its answer.
  public func requests(_ count: Int) -> [Request] {
    _ = eventually { seen.count >= count }
    return seen
  }

  private var seen: [Request] {
    process.output.split(separator: "\n").dropFirst().compactMap {
      try? JSONDecoder().decode(Request.self, from: Data($0.utf8))
    }
  }

  /// Waits until it was asked for `path`.
  public func waitFor(_ path: String) -> Bool { process.waitForOutput("\"path\": \"\(path)\"") }

  /// The same address in other words: as IPv6, where it is not known to be this machine's.
  public func foreignURL(_ path: String) -> String { "http://[::ffff:127.0.0.1]:\(port)\(path)" }

  /// What it says about its own failures.
  public var errors: String { process.errors }
}
