import Foundation

/// A small language model, a real process on loopback that serves OpenAI's chat API: scripts/chat-model says which.
public final class ChatModel: Sendable {
  private let process: RunningProcess
  /// Its address.
  public let url: String

  private static var folder: String? {
    ProcessInfo.processInfo.environment["THOTH_TEST_CHAT_MODEL"].flatMap { folder in
      FileManager.default.fileExists(atPath: "\(folder)/venv/complete") ? folder : nil
    }
  }

  /// Whether it is installed: scripts/test does that where it can.
  public static var isInstalled: Bool { folder != nil }

  /// Starts `model` of scripts/chat-model/models.json, and waits until it answers.
  public init(_ model: String) throws {
    guard let folder = Self.folder else { throw RigError("THOTH_TEST_CHAT_MODEL names no installed model") }
    let script = rig("../../scripts/chat-model/serve.py")
    process = try RunningProcess(
      "\(folder)/venv/bin/python", ["-B", script, "--from", folder, "--model", model])
    guard process.waitForOutput("\n") else { throw RigError("\(model) does not start: \(process.errors)") }
    url = process.output.split(separator: "\n").first.map(String.init) ?? ""
  }
}
