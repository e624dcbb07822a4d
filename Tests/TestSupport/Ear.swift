public import Foundation

/// Somebody else who listens to what a sound server plays, at 16 kHz. It ends with the object.
public final class Ear: Sendable {
  private let folder: TemporaryFolder
  private let process: RunningProcess

  /// Returns when sound flows.
  public init(_ sound: SoundServer) throws {
    let folder = try TemporaryFolder()
    let command = "exec parec --raw --rate=16000 --channels=1 --latency-msec=10 >\(folder.file("heard"))"
    process = try RunningProcess("/bin/sh", ["-c", command], environment: sound.environment)
    self.folder = folder
    guard eventually({ self.heard.count > 3_200 }) else { throw RigError("nothing can be heard") }
  }

  /// What was heard, as 16-bit samples.
  public var heard: Data { FileManager.default.contents(atPath: folder.file("heard")) ?? Data() }
}
