import Foundation

/// A transcription server, a real process on loopback, that misbehaves: Tests/Rigs/faultserver.py says how.
public final class FaultServer: Sendable {
  /// Where and how it listens.
  public enum Kind: Sendable {
    /// HTTP on 127.0.0.1.
    case plain
    /// HTTP on ::1, and nowhere else.
    case ipv6
    /// HTTPS with a certificate that nobody has signed.
    case untrusted
  }

  private let process: RunningProcess
  private let origin: String

  /// Starts it, and waits until it listens.
  public init(_ kind: Kind = .plain) throws {
    var arguments = ["-B", rig("faultserver.py")]
    var folder: TemporaryFolder?
    switch kind {
    case .plain: break
    case .ipv6: arguments.append("--ipv6")
    case .untrusted:
      let made = try TemporaryFolder()
      arguments += try ["--tls"] + Self.certificate(in: made)
      folder = made
    }
    process = try withExtendedLifetime(folder) {
      let process = try RunningProcess("/usr/bin/python3", arguments)
      guard process.waitForOutput("\n") else { throw RigError("no fault server: \(process.errors)") }
      return process
    }
    let port = process.output.split(separator: "\n").first.map(String.init) ?? ""
    let scheme = kind == .untrusted ? "https" : "http"
    origin = "\(scheme)://\(kind == .ipv6 ? "[::1]" : "127.0.0.1"):\(port)"
  }

  /// The engine address that behaves as `mode`.
  public func url(_ mode: String) -> String { "\(origin)/\(mode)/v1" }

  /// Waits until it has written `line`.
  public func waitFor(_ line: String) -> Bool { process.waitForOutput("\(line)\n") }

  /// The requests to it as a language model: the line of each, JSON with its key and its body, once there are `count`.
  public func chats(_ count: Int) -> [String] {
    let lines = {
      self.process.output.split(separator: "\n").filter { $0.hasPrefix("chat ") }.map {
        String($0.dropFirst(5))
      }
    }
    _ = eventually { lines().count >= count }
    return lines()
  }

  /// Lets the mode `later` answer.
  public func release() throws { _ = try number("later/release", isCount: false) }

  /// How often `mode` was asked.
  public func asked(_ mode: String) throws -> Int { try number("\(mode)/asked") }

  /// How many connections it was asked over, without those of these questions.
  public func connections() throws -> Int { try number("connections") - 1 }

  private func number(_ path: String, isCount: Bool = true) throws -> Int {
    let answer = try run("curl", ["--silent", "--globoff", "--noproxy", "*", "\(origin)/\(path)"])
    if !isCount { return 0 }
    guard let count = Int(answer.output) else { throw RigError("the fault server says \(answer)") }
    return count
  }

  /// Freezes it: requests wait until `resume`.
  public func pause() { process.kill(SIGSTOP) }

  /// Lets it go on.
  public func resume() { process.kill(SIGCONT) }

  /// Stops it, as a server that crashed; whoever asks then is refused.
  public func end() { process.end() }

  private static func certificate(in folder: TemporaryFolder) throws -> [String] {
    let files = [folder.file("certificate.pem"), folder.file("key.pem")]
    let made = try run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout",
        files[1],
      ])
    guard made.code == 0 else { throw RigError("no certificate: \(made.errors)") }
    return files
  }
}

/// The path of a file in Tests/Rigs.
public func rig(_ name: String) -> String { "\(testsFolder)/Rigs/\(name)" }

/// The path of a recording in Tests/Fixtures/audio.
public func recording(_ name: String) -> String { "\(testsFolder)/Fixtures/audio/\(name)" }

private let testsFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().path
