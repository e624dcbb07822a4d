import Foundation

/// A private folder (0700) that is removed with everything in it when the object goes.
public final class TemporaryFolder: Sendable {
  /// The absolute path, short enough for a Unix socket inside.
  public let path: String

  /// A new, empty folder.
  public init() throws {
    var template = Array("\(NSTemporaryDirectory())/thoth.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
    path = URL(fileURLWithPath: String(cString: made)).standardizedFileURL.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` inside.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes `text` to `name` and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// The text of `name`, or nil when there is none.
  public func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
  }
}
