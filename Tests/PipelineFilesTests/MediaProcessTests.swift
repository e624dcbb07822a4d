import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import Pipeline

/// Helpers that say what no helper should.
@Suite struct MediaProcessTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What a helper that runs `script` says of a file.
  private func header(_ script: String) throws -> Result<MediaHeader, DictationError> {
    let program = try folder.write("#!/bin/sh\n\(script)\n", to: "thoth-media")
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
    let process = try MediaProcess(
      0, track: nil, scratchFolder: folder.path, stall: 60_000, program: program)
    do throws(DictationError) { return .success(try process.header()) } catch { return .failure(error) }
  }

  private func failure(_ script: String) throws -> DictationError? {
    if case .failure(let error) = try header(script) { error } else { nil }
  }

  @Test func aHeaderWithoutAnEndIsGivenUp() throws {
    let error = try failure("echo $$ > '\(folder.file("id"))'; exec tr '\\0' x < /dev/zero")
    #expect(
      error?.kind == .format && error?.message.contains("has no end") == true, "\(String(describing: error))")
    // It has ended with what asked it.
    let id = try #require(folder.read("id").flatMap { Int32($0.dropLast()) })
    #expect(kill(id, 0) < 0 && errno == ESRCH)
  }

  @Test func aHeaderIsALineOfItsOwn() throws {
    #expect(try header(#"echo '{"duration_ms":1234}'"#).get().durationMs == 1234)
    #expect(try failure("echo nonsense")?.message == "its decoder is of another version: install thoth again")
    #expect(try failure("printf '{'")?.message == "its decoder told nothing")
    #expect(
      try failure("kill -SEGV $$")?.message == "its decoder was ended by signal 11: the file is damaged")
    #expect(
      try failure(#"echo '{"kind":"format","message":"this is none"}' >&2; exit 2"#)?.message
        == "this is none")
  }
}
