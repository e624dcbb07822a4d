import Configuration
import DictationTypes
import Linux

/// The keys of engines and language models, each looked up when it is first needed and kept in memory alone.
final class KeyRing: Sendable {
  private let environment: [String: String]
  private let known = Lock<[SecretSource: String]>([:])

  /// `environment`: the variables to look in, and to run a command with.
  init(environment: [String: String]) { self.environment = environment }

  /// The key that is at `source`; nil without one. A command is run on a thread of its own: it may ask its owner.
  func key(at source: SecretSource?) async throws(DictationError) -> String? {
    guard let source else { return nil }
    if let key = known.withLock({ $0[source] }) { return key }
    let environment = environment
    let looked = await withCheckedContinuation { continuation in
      WorkerThread(name: "key") {
        continuation.resume(
          returning: Result { () throws(DictationError) in try source.resolve(environment) })
      }.detach()
    }
    let key = try looked.get()
    known.withLock { $0[source] = key }
    return key
  }

  /// Looks the key at `source` up anew, if it is still `key`, which was refused: it may have been changed.
  func forget(_ key: String?, at source: SecretSource) {
    known.withLock { if $0[source] == key { $0[source] = nil } }
  }
}
