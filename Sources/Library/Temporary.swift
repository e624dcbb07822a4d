import AudioFiles
public import DictationTypes
import Linux
import Glibc
public struct IncomingBlob: Sendable { let path: String; let audio: AudioFile }
public final class IncomingAudio {
  public func append(_ samples: [Int16]) throws(DictationError) {}
  public func finish() throws(DictationError) -> IncomingBlob { throw DictationError(.storage, "x") }
  public func abandon() {}
}
extension Library {
  public nonisolated func beginAudio() throws(DictationError) -> IncomingAudio {
    throw DictationError(.storage, "x")
  }
  public nonisolated func abandon(_ b: IncomingBlob) {}
  public nonisolated func storeAudio(of id: JobID, _ b: IncomingBlob) async throws(DictationError)
    -> AudioFile
  { b.audio }
}
extension Item {
  public var tags: [String: String] {
    get { [:] }
    set {}
  }
}
